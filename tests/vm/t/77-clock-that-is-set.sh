#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# The clock is set by 60 days, which is more than history is kept: nothing is
# forgotten for it, the log says it, and so does whoever looks back.
. /vm/lib.sh
days=60
history=/var/lib/connwarden/history.db

rows() { policyctl history 2>/dev/null | grep -c "[[:space:]]out[[:space:]].*$web:80"; }
has_rows() { [[ $(rows) == "$1" ]]; }
# It looks for what is old when it starts.
restart() {
	policyd_stop
	policyd_start --history $history
	wait_for 20 looked || fail "policyd does not look at the clock"
}
looked() { policyctl status | grep -q '^daemon_history: on'; }
set_by() { date -s "@$((EPOCHSECONDS + $1 * 86400))" >/dev/null || fail "cannot set the clock"; }

history_up
for _ in {1..20}; do dial $web 80 >/dev/null; done
wait_for 20 has_rows 20 || fail "$(rows) rows of 20"
[[ ! $(policyctl history 2>&1 >/dev/null) ]] || fail "says too much"

for step in $days -$days; do
	set_by $step
	restart
	dial $web 80 >/dev/null
	more=$((${more:-20} + 1))
	wait_for 20 has_rows $more || fail "$(rows) rows of $more after $step days"
done
# 5184000 seconds, but for the part of a second that `date -s' leaves out.
for sign in + -; do
	grep -q "the clock was set by ${sign}518[34]" "$scratch/policyd.log" ||
		fail "not in the log: $(<"$scratch/policyd.log")"
done
expect_fails 0 'the clock was set from ' policyctl history --since 1h
expect_fails 0 'the clock was set from ' policyctl who $web
history_down
