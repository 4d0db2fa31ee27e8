#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 180
# policyd is killed in the middle of a storm of connections, again and again:
# the history is whole, has each connection once, and what it does not have it
# says.
. /vm/lib.sh
rounds=$((VM_SLOW > 1 ? 5 : 20))
history=$scratch/history.db
module_unload
up
policyd_stop

storm() {
	until [[ -e $scratch/enough ]]; do
		hammer 1 1 127.0.0.1 1 2 3 4 >>"$scratch/made" || return 1
	done
}
writes() { (($(grep -c 'history: writing' "$scratch/killed.log") > $1)); }

storm &
storm=$!
for ((round = 0; round < rounds; round++)); do
	policyd --history "$history" >>"$scratch/killed.log" 2>&1 &
	wait_for 10 writes $round || fail "it does not write"
	# at another moment each time
	sleep 0.$((10 + round * 17 % 40))
	kill -9 $!
	wait $! 2>/dev/null
done
touch "$scratch/enough"
wait $storm || fail "hammer: $(<"$scratch/made")"
made=$(awk '/^allowed/ { made += $2 } END { print made }' "$scratch/made")
policyd_start --history "$history"
all_closed() { ! grep -Eq ' 127\.0\.0\.1:[1-4] .* - [^ ]* [^ ]* [^ ]* [^ ]* /vm/bin/hammer' $fs/connections; }
wait_for 20 all_closed || fail "still open"
policyd_stop
cat >"$scratch/check.py" <<'P'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
made = int(sys.argv[2])
def one(text): return db.execute(text).fetchone()[0]
assert one("PRAGMA integrity_check") == "ok"
mine = """FROM connection c LEFT JOIN program p ON p.id = c.program
    LEFT JOIN text t ON t.id = p.exe
    WHERE c.remote = x'7f000001' AND c.remote_port BETWEEN 1 AND 4"""
rows = one("SELECT count(*) " + mine)
lost = one("SELECT ifnull(sum(records), 0) FROM hole")
print("made", made, "rows", rows, "records lost", lost)
assert rows <= made, "more than were made"
assert made - rows <= lost, "lost without a hole"
if not lost:
    assert one("SELECT count(*) " + mine + " AND t.value = '/vm/bin/hammer'") == rows
    assert one("SELECT count(*) " + mine + " AND c.closed IS NULL") == 0
assert one("SELECT count(*) FROM source") == 1
P
((made > rounds * 10)) || fail "only $made connections"
expect_ok python3 "$scratch/check.py" "$history" "$made"
