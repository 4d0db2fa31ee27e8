#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 180
# Several users connect, accept, send datagrams and are refused on all CPUs at once,
# in a table and with events that are too small, while policies are swapped.  After
# that every number adds up, for each of them, and the module unloads.
# VM_CPUS=4 gives the guest four CPUs.
. /vm/lib.sh
module_unload
up max_connections=1500 ttl=600 event_bytes=131072
allow=("default deny" "log deny" "allow any to 127.0.0.0/8" "allow any to 10.9.0.0/16")
policy "${allow[@]}"
mode enforce
ip addr add 10.9.0.1/16 dev lo 2>/dev/null
echo "$(nproc) CPUs"
cd "$scratch" || fail "$scratch"
storm=()
# rage COMMAND...: until the storm is over
rage() {
	until [[ -e over ]]; do "$@" >/dev/null; done
}
for user in root alice bob; do
	rage as $user hammer 2 2 127.0.0.9 $(seq 7000 7100) &
	storm+=($!)
	rage as $user hammer 1 2 192.0.2.9 $(seq 7000 7100) &
	storm+=($!)
done
as alice crowd 400 127.0.0.77 7077 >alice &
as bob crowd 300 127.0.0.78 7077 >bob &
as alice flow spread 9000 100 10.9.1.0 20 >spread &
# Until the table was full and events were lost, however slow the host is.
swaps=0
until ((swaps > 10 && $(status evicted) > 1000 && $(status events_lost) > 0)); do
	policy "${allow[@]}" "deny any to 198.51.100.$((swaps % 250))/32" >/dev/null
	((++swaps))
done
: >over
wait "${storm[@]}"
stood() { [[ -s alice && -s bob && -s spread ]]; }
wait_for 30 stood || fail "not all stand"
wait_for 60 all_told || fail "still pending: $(status pending)"
cat $fs/owners
(($(status connections) <= 1500)) || fail "over the limit"
cat >adds-up.awk <<'A'
FILENAME ~ /owners$/ && FNR > 1 {
	opened[$1] = $4; closed[$1] = $5; has[$1] = $2 + $3
	if ($8 != $9 + $10 + $11) { print "decisions of " $1; bad = 1 }
}
FILENAME ~ /connections$/ && FNR > 1 {
	entries[$9]++
	if ($4 == "open" || $4 == "opening") open[$9]++
}
END {
	for (uid in opened) {
		if (uid == "-") continue
		if (opened[uid] != closed[uid] + open[uid]) {
			print "opened by " uid ": " opened[uid] ", closed " closed[uid] ", open " open[uid] + 0
			bad = 1
		}
		if (has[uid] != entries[uid]) { print "entries of " uid ": " has[uid] ", seen " entries[uid] + 0; bad = 1 }
	}
	exit bad
}
A
# A connection may end between the two looks.
adds_up() { awk -f adds-up.awk $fs/owners $fs/connections >wrong; }
wait_for 20 adds_up || fail "$(cat wrong)"
cat >events.py <<'P'
import os, struct
fd = os.open("/sys/kernel/security/connwarden/events", os.O_RDWR | os.O_NONBLOCK)
records = lost = last = 0
for turn in range(6):
    try:
        while True:
            data = os.read(fd, 1 << 18)
            at = 0
            while at < len(data):
                size, kind, seq = struct.unpack_from("=IIQ", data, at)
                assert seq > last, "sequence"
                last = seq
                if kind == 1:
                    lost += struct.unpack_from("=Q", data, at + 16)[0]
                records += 1
                at += size
    except BlockingIOError:
        os.write(fd, struct.pack("=Q", last))
print(records, "events +", lost, "lost, last number", last)
assert records + lost == last
P
python3 events.py || fail "events"
echo "$swaps policies"
pkill -x -u alice,bob 'crowd|flow'
policyd_stop
module_unload
