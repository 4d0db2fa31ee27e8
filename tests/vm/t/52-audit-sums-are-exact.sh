#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# A flood of denials makes few records, none is lost, and the counts in the
# records add up to every single denial.
. /vm/lib.sh
up
auditctl -D >/dev/null
auditctl -R /vm/audit.rules >/dev/null
policy "default deny"
mode enforce
# Denials of an earlier test may still wait, to be told in a later record.
wait_for 20 all_told || fail "pending from before: $(status pending)"
audit_mark
denied=$(status denied)
lost=$(auditctl -s | sed -n 's/^lost //p')
waited=$(auditctl -s | sed -n 's/^backlog_wait_time_actual //p')
until (($(status denied) - denied > 2000)); do
	hammer 4 4 127.0.0.9 7001 7002 7003
done
denied=$(($(status denied) - denied))
wait_for 20 all_told || fail "still pending: $(status pending)"
sum() {
	audit_find -m AVC --raw | awk '
		/lsm=connwarden/ {
			if (!/op=/) records++
			match($0, /suppressed=[0-9]+/)
			suppressed += substr($0, RSTART + 11, RLENGTH - 11)
		}
		END { print records + suppressed, records }'
}
complete() { [[ $(sum) == "$denied "* ]]; }
wait_for 10 complete || fail "records say $(sum), denied were $denied"
echo "$denied denials, in records: $(sum)"
read -r _ records <<<"$(sum)"
((records < 300)) || fail "$records records"
expect_is "lost" "lost $lost" sh -c "auditctl -s | grep ^lost"
expect_is "waits" "backlog_wait_time_actual $waited" \
	sh -c "auditctl -s | grep ^backlog_wait_time_actual"
