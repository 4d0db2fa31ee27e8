#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# auditd is stopped and the backlog is full: denials go on at once, none
# sleeps in the hook, and what could not be written is told afterwards.
# Without a limit of records, for a hundred fit into the socket of auditd.
. /vm/lib.sh
module_unload
up audit_rate=100000 audit_burst=100000
auditctl -D >/dev/null
policy "default deny"
mode enforce
backlog=$(auditctl -s | sed -n 's/^backlog_limit //p')
wait_time=$(auditctl -s | sed -n 's/^backlog_wait_time //p')
auditctl -a task,never >/dev/null
auditctl -b 64 --backlog_wait_time 125 >/dev/null
auditd=$(pidof auditd)
kill -STOP "$auditd"
: >"$scratch/hammer"
until (($(status unlogged) > 0)); do
	hammer 2 2 127.0.0.9 $(seq 7000 8999) >>"$scratch/hammer" || fail "$(cat "$scratch/hammer")"
done
hammer 2 $((2 * VM_SLOW)) 127.0.0.9 $(seq 7000 8999) >>"$scratch/hammer" &
for _ in {1..10}; do
	sleep 0.2
	grep -l 'audit_log_start' /proc/[0-9]*/wchan 2>/dev/null |
		while read -r file; do
			[[ $(<"${file%wchan}comm") == hammer ]] && echo "$file"
		done >>"$scratch/asleep"
done
wait $! || fail "$(cat "$scratch/hammer")"
cat "$scratch/hammer"
kill -CONT "$auditd"
auditctl -b "$backlog" --backlog_wait_time "$wait_time" >/dev/null
auditctl -D >/dev/null
[[ ! -s $scratch/asleep ]] || fail "a client slept in audit_log_start"
wait_for 30 all_told || fail "still pending: $(status pending)"
auditctl --reset-lost >/dev/null
module_unload
