#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# parent and ancestor: who forked whom, whatever becomes of them later.
. /vm/lib.sh
up
for name in backup helper; do cp /usr/bin/bash /opt/$name; done
policy "default deny" "allow /vm/bin/dial parent /opt/backup to $web" \
	"allow /vm/bin/dial ancestor /opt/backup to $other"
mode enforce
run="dial $web 80; exit"
far="dial $other 80; exit"
expect_ok /opt/backup -c "$run"
expect_ok /opt/backup -c "( ($run) )"
expect_eperm bash -c "$run"
expect_eperm /opt/backup -c "/opt/helper -c '$run'; exit"
expect_ok /opt/backup -c "/opt/helper -c '$far'; exit"
expect_ok /opt/backup -c "/opt/helper -c '/opt/helper -c \"$far\"; exit'; exit"
expect_eperm /opt/helper -c "$far"
# exec in place: the shell was this process itself, not its parent
expect_eperm /opt/backup -c "exec dial $web 80"
# the parent ends first: init adopts, the ancestry stays
policy "default deny" "allow /vm/bin/dial ancestor /opt/backup to $web"
/opt/backup -c "(sleep 0.5; exec dial $web 80) >$scratch/orphan 2>&1 &"
connected() { grep -q connected "$scratch/orphan"; }
wait_for 10 connected || fail "orphan lost its ancestors"
# many forks in between do not push the ancestor out
expect_ok /opt/backup -c "( ( ( ( ( ( ( ( ( ( ( ($run) ) ) ) ) ) ) ) ) ) ) )"
