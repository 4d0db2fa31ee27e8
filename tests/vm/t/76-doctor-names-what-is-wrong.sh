#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# doctor names what is broken on purpose, and is content when it is mended.
. /vm/lib.sh
((VM_SLOW == 1)) || skip "the kernel has no part in it"
module_unload
up
auditctl -D >/dev/null
auditctl -R /vm/audit.rules >/dev/null || fail "primer rule"
rules=/etc/connwarden/rules.conf

look() { policyctl doctor >"$scratch/doctor"; }
# finds CHECK RESULT [PATTERN]: in what doctor said last
finds() {
	local line
	line=$(grep "^$1 " "$scratch/doctor")
	say "$line"
	[[ $line == "$1 $2"$'\t'* ]] || fail "$1 is not $2: $line"
	[[ ${3-} == '' || $line =~ $3 ]] || fail "$1 does not say $3: $line"
}

policyctl load || fail "cannot load $rules"
mode enforce
look || fail "a problem: $(cat "$scratch/doctor")"
for check in module working missed mode policy rules-file policyd last-load \
	policyd-records audit auditd audit-companions audit-task audit-exclude \
	seen-by-module; do
	finds $check ok
done
policyctl doctor --json | python3 -c '
import json, sys
rows = [json.loads(line) for line in sys.stdin]
assert len(rows) > 30
for row in rows:
	assert list(row) == ["check", "result", "what", "advice"], row
	assert row["result"] in ("ok", "warning"), row
' || fail "JSON"

# ---- audit
auditctl -a never,task >/dev/null
auditctl -a always,exclude -F msgtype=AVC >/dev/null
auditctl -e 0 >/dev/null
look && fail "doctor is content"
finds audit-task problem 'never,task'
finds audit-exclude problem
finds audit problem 'audit is off'
finds audit-companions ok
auditctl -e 1 >/dev/null
auditctl -D >/dev/null
look && fail "doctor is content"
finds audit ok
finds audit-task ok
finds audit-exclude ok
finds audit-companions problem 'SYSCALL'
auditctl -R /vm/audit.rules >/dev/null

# ---- rules and mode
echo "default deny" >$rules
look && fail "doctor is content"
finds audit-companions ok
finds rules-file problem 'differs'
echo "alow any to any" >$rules
policyctl load 2>/dev/null && fail "bad rules are loaded"
look && fail "doctor is content"
finds rules-file problem 'has 1 error:'
finds last-load problem
echo "default allow" >$rules
expect_ok policyctl load
mode monitor
look || fail "a problem: $(cat "$scratch/doctor")"
finds rules-file ok
finds last-load ok
finds mode warning 'nothing is refused'

# ---- the next boot
finds boot-mode ok 'without --enforce'
mode enforce
look || fail "a problem: $(cat "$scratch/doctor")"
finds boot-mode warning 'monitor after a reboot'
policyd_stop
policyd_start --enforce
look || fail "a problem: $(cat "$scratch/doctor")"
finds boot-mode ok 'with --enforce'
mode monitor

# ---- who looks, policyd, the module
expect_fails 1 'only root' as alice policyctl doctor
policyd_stop
look && fail "doctor is content"
finds policyd problem 'not running'
policyd_start
look || fail "a problem: $(cat "$scratch/doctor")"
policyd_stop
module_unload
look && fail "doctor is content"
finds module problem 'not loaded'
