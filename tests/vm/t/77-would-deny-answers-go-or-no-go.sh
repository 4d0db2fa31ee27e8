#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Before enforce: would-deny names what it would refuse, also when a script runs it
# with no terminal, and says "nothing" only when it could look at all.
. /vm/lib.sh
((VM_SLOW == 1)) || skip "the kernel has no part in it"
history_up
policy "default deny" "allow any to @loopback"
mode monitor
expect_ok fetch "http://$web/"
expect_ok as alice dial $web6 80
stored() { [[ $(policyctl history --verdict would-deny | grep -c -e curl -e dial) == 2 ]]; }
wait_for 20 stored || fail "not stored"
policyctl would-deny </dev/null >"$scratch/out" 2>"$scratch/err"
[[ $? == 1 ]] || fail "exits with another status than 1: $(<"$scratch/err")"
grep -q "^/usr/bin/curl - - 0 $web:80 tcp - - - [0-9]* 1 " "$scratch/out" || fail "$(<"$scratch/out")"
grep -q "^/vm/bin/dial - - 1000 \[$web6\]:80 tcp " "$scratch/out" || fail "$(<"$scratch/out")"
policyctl would-deny --json 2>/dev/null </dev/null | python3 -c '
import json, sys
rows = [json.loads(line) for line in sys.stdin]
assert {row["exe"] for row in rows} >= {"/usr/bin/curl", "/vm/bin/dial"}, rows
' || fail "JSON"

# The rules are mended: what the new policy judges is asked for.
policy "default deny" "allow any to @loopback" "allow /usr/bin/curl to $web" \
	"deny /vm/bin/dial to $web6 monitor"
expect_ok fetch "http://$web/"
expect_ok as alice dial $web6 80
stored() { [[ $(policyctl history --verdict would-deny | grep -c dial) == 2 ]]; }
wait_for 20 stored || fail "not stored"
expect_fails 0 'enforce would refuse nothing of it' policyctl would-deny
policyctl would-deny 2>&1 | grep -q '1 more are of rules with `monitor' || fail "the rule with monitor is not told"
mode enforce
expect_ok fetch "http://$web/"
expect_ok as alice dial $web6 80
mode monitor

# Nothing found, but not all was looked at.
policyd_stop
expect_fails 3 'policyd does not run' policyctl would-deny
module_unload
expect_fails 3 'modprobe connwarden' policyctl would-deny
