#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# show prints what the kernel holds, in the language of the rules, stably.
. /vm/lib.sh
up
policy "default deny" "log all" "set @web = 80, 443, 8000-8080" \
	"allow any to @loopback" \
	"deny any to 169.254.169.254 as \"cloud metadata\"" \
	"allow /usr/bin/curl to 203.0.113.0/24, 2001:db8::/32 port @web proto tcp" \
	"allow \"/opt/my app\" to 10.0.0.1-10.0.0.9 port 53 monitor nolog"
policyctl show >"$scratch/shown" || fail "show"
cat "$scratch/shown"
policyctl load "$scratch/shown" || fail "what show prints does not load"
policyctl show >"$scratch/again"
cmp "$scratch/shown" "$scratch/again" || fail "not stable"
grep -q 'as "cloud metadata"' "$scratch/shown" || fail "label lost"
grep -q 'port @web' "$scratch/shown" || fail "set lost"
