#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Processes that were there before the module are judged by what they execute,
# with their parents; those that the module saw start are never taken for them.
. /vm/lib.sh
module_unload
cp /usr/bin/bash /opt/backup
go=$scratch/go
wait_go="until [[ -e $go ]]; do sleep 0.1; done"
/opt/backup -c "(curl -s --version; $wait_go; dial $web 80 >$scratch/child 2>&1); exit" &
bash -c "$wait_go; exec dial $web 80" >"$scratch/stranger" 2>&1 &
python3 -c "
import os, socket, time
while not os.path.exists('$go'): time.sleep(0.1)
print(socket.create_connection(('$other', 80), 5))" >"$scratch/python" 2>&1 &
pythons=$!
up
policy "default deny" "allow /vm/bin/dial ancestor /opt/backup to $web" \
	"allow /usr/bin/python3.* to $other"
mode enforce
touch "$go"
wait $pythons || fail "python: $(cat "$scratch/python")"
answered() { [[ -s $scratch/child && -s $scratch/stranger ]]; }
wait_for 10 answered || fail "no answer"
grep -q connected "$scratch/child" || fail "child: $(cat "$scratch/child")"
grep -q 'not permitted' "$scratch/stranger" || fail "stranger: $(cat "$scratch/stranger")"
(($(status unidentified) == 0)) || fail "processes without identity"
