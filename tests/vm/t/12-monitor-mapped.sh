#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# In monitor mode what would be denied over IPv4-mapped IPv6 passes and is recorded.
. /vm/lib.sh
up
policy "default deny" "allow /vm/bin/dial to $web port 80 proto tcp"
mode monitor
audit_mark
before=$(status would_deny)
expect_ok dial ::ffff:$other 80
expect_ok dial -n ::ffff:$other 4444
expect_is "number of would-be denials" $((before + 2)) status would_deny
audit_wait -m AVC -c dial
grep -q 'permissive=1' <<<"$found" || fail "record without permissive=1"
grep -q 'permissive=0' <<<"$found" && fail "a record says permissive=0"
grep -q ' would-deny ' $fs/connections || fail "no would-deny in connections"
