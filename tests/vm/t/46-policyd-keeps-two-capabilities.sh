#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# policyd keeps two capabilities and no way back, and its records name the
# admin, the policy and the reason, for loads and modes, done and refused.
. /vm/lib.sh
up
for set in CapPrm CapEff; do
	grep -q "^$set:.0000000220000000$" /proc/$policyd_pid/status || fail $set
done
for set in CapInh CapBnd CapAmb; do
	grep -q "^$set:.0000000000000000$" /proc/$policyd_pid/status || fail $set
done
grep -q '^NoNewPrivs:.1$' /proc/$policyd_pid/status || fail NoNewPrivs
expect_is "socket" "600 root" stat -c '%a %U' /run/connwarden/control
expect_fails 1 'another policyd is running' policyd

echo "default deny" >"$scratch/my rules.conf"
old=$(status generation)
audit_mark
expect_ok policyctl load "$scratch/my rules.conf"
audit_wait -m USER_MAC_POLICY_LOAD -sv yes --format raw
sha=$(status sha256)
for field in op=load-policy lsm=connwarden gen=$((old + 1)) old-gen=$old rules=0 \
	sha256=$sha sauid= exe=\"/usr/sbin/policyd\" res=success; do
	grep -q -- "$field" <<<"$found" || fail "no $field in: $found"
done
audit_mark
expect_fails 1 'not loaded' policyctl load "$scratch/nothing.conf"
audit_wait -m USER_MAC_POLICY_LOAD -sv no -i
grep -q 'reason=invalid-rules' <<<"$found" || fail "no reason in: $found"
audit_mark
expect_ok policyctl mode enforce
audit_wait -m USER_MAC_STATUS -sv yes --format raw
grep -q 'enforcing=1 old_enforcing=0 sauid=' <<<"$found" || fail "mode: $found"
expect_ok policyctl mode monitor

policyctl status
expect_is failed 0 eval "policyctl status | sed -n 's/^daemon_records_failed: //p'"
expect_is dropped 0 eval "policyctl status | sed -n 's/^daemon_records_dropped: //p'"

# A broken file at the start: said, recorded, and policyd is there to mend it.
kill $policyd_pid
wait $policyd_pid || fail "policyd does not stop with 0"
echo "alow any to any" >/etc/connwarden/rules.conf
generation=$(status generation)
policyd_start
wait_for 30 grep -q "rules.conf:1:1: error" "$scratch/policyd.log" || fail "not in the log"
expect_is generation "$generation" status generation
echo "allow any to any" >/etc/connwarden/rules.conf
kill -HUP $policyd_pid
wait_for 10 eval '[[ $(status generation) -gt $generation ]]' || fail "SIGHUP"
expect_is rules 1 status rules
