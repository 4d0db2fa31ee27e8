#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# The disk of the history is full: policyd says so, once, though a few records may
# fit now and then, keeps going, gives up the oldest records when the kernel's
# memory is nearly full, and notes what is missing as soon as there is room.
. /vm/lib.sh
((VM_SLOW == 1)) || skip "the kernel has no part in it"
disk=$scratch/disk made=0
module_unload
up event_bytes=131072
policyd_stop
mkdir "$disk"
mount -t tmpfs -o size=1m small "$disk" || fail "mount"
trap 'umount -l "$disk"' EXIT

value() { policyctl status | sed -n "s/^daemon_$1: //p"; }
history_is() { [[ $(value history) == "$1"* ]]; }
some_dropped() { storm; (($(value history_dropped) > 0)); }
# storm: some connections more
storm() {
	hammer 1 1 127.0.0.1 1 >"$scratch/made" || fail "hammer"
	made=$((made + $(sed -n 's/^allowed \([0-9]*\) .*/\1/p' "$scratch/made")))
}

policyd_start --history "$disk/history.db"
wait_for 10 history_is on || fail "history is $(value history)"
fill() { storm; history_is failing; }
wait_for 30 fill || fail "the disk is not full: $(value history)"
wait_for 30 some_dropped || fail "nothing was dropped"
expect_is "history" "failing, $disk/history.db: No space left on device" value history
expect_is "times that it was said" 1 grep -c 'history is failing' "$scratch/policyd.log"
policyctl status >/dev/null || fail "policyd does not answer"
mount -o remount,size=64m "$disk" || fail "remount"
wait_for 30 history_is on || fail "history is $(value history)"
storm
policyd_stop
cat "$scratch/policyd.log"
cat >"$scratch/check.py" <<'P'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
made = int(sys.argv[2])
def one(text): return db.execute(text).fetchone()[0]
assert one("PRAGMA integrity_check") == "ok"
rows = one("SELECT count(*) FROM connection WHERE remote_port = 1 AND incoming = 0")
lost = one("SELECT sum(records) FROM hole")
print("made", made, "rows", rows, db.execute("SELECT * FROM hole").fetchall())
assert one("SELECT sum(records) FROM hole WHERE reason = 'disk'") > 0
assert rows < made and made - rows <= lost
# The program was told of once, maybe in what was dropped.
assert one("""SELECT count(*) FROM connection c WHERE remote_port = 1 AND NOT EXISTS
    (SELECT 1 FROM program p JOIN text t ON t.id = p.exe
     WHERE p.id = c.program AND t.value = '/vm/bin/hammer')""") == 0
P
expect_ok python3 "$scratch/check.py" "$disk/history.db" "$made"
