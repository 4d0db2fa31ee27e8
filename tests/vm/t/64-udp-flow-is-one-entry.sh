#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# A socket remembers its last verdict, so a flow of datagrams is one entry and
# one record; but never longer than the destination, the policy or the mode.
. /vm/lib.sh
up
entries() { grep -c " udp out .* $1:9000 .* /vm/bin/flow\$" $fs/connections; }
# As many records, and as many decisions told by them, as there are.
records() {
	audit_find -m AVC -c flow --raw | awk '
		/lsm=connwarden/ {
			records++
			match($0, /suppressed=[0-9]+/)
			suppressed += substr($0, RSTART + 11, RLENGTH - 11)
		}
		END { print records + 0, records + suppressed }'
}
policy "default deny" "allow /vm/bin/flow to $web port 9000 proto udp log"
mode enforce
audit_mark
suppressed=$(status suppressed)
expect_ok flow one 9000 10000 $web
wait_for 20 all_told || fail "still pending: $(status pending)"
audit_wait -m AVC -c flow >/dev/null
expect_is "entries for one flow" 1 entries $web
# What a record only counts, it was asked for each time.
expect_is "decisions without a record" "$suppressed" status suppressed
expect_is "records, and decisions in them," "1 1" records

# Each answer is checked by the program.
expect_ok flow two 9000 2000 $web $other
(($(entries $other) > 0)) || fail "denials are not in the table"

# A new policy, and a new mode, reach a socket that remembers.
flow until 9000 $((20 * VM_SLOW)) $web >"$scratch/flow" &
sleep 1
policy "default deny"
wait $! || fail "after a new policy: $(cat "$scratch/flow")"
cat "$scratch/flow"
mode monitor
flow until 9000 $((20 * VM_SLOW)) $web >"$scratch/flow" &
sleep 1
mode enforce
wait $! || fail "after a new mode: $(cat "$scratch/flow")"
cat "$scratch/flow"
grep -q '^0 sent' "$scratch/flow" && fail "nothing passed in monitor mode"
true
