#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `sha256`: the file as it was when the rules were loaded; whatever is changed
# afterwards is another file, and what others can write cannot be named.
. /vm/lib.sh
up
cp /vm/bin/dial /opt/dial
digest=$(sha256sum /opt/dial | cut -d ' ' -f 1)
rule="allow /opt/dial sha256 $digest to $web"
policy "default deny" "$rule"
mode enforce
expect_ok /opt/dial $web 80
expect_eperm dial $web 80
# Another digest, in the same rules.
policy "default deny" "allow /opt/dial sha256 ${digest//[0-7]/0} to $web"
expect_eperm /opt/dial $web 80
policy "default deny" "allow /opt/dial sha256 ${digest//[0-7]/0} to $web" "$rule"
expect_ok /opt/dial $web 80
# Changed in place, changed back, replaced: never again until a load.
printf x >>/opt/dial
expect_eperm /opt/dial $web 80
truncate -s -1 /opt/dial
expect_is digest "$digest" eval 'sha256sum /opt/dial | cut -d " " -f 1'
expect_eperm /opt/dial $web 80
policy "default deny" "$rule"
expect_ok /opt/dial $web 80
cp /opt/dial /opt/new
mv /opt/new /opt/dial
expect_eperm /opt/dial $web 80
policy "default deny" "$rule"
expect_ok /opt/dial $web 80
# A process that runs already is judged by the file that it executed.
mkfifo "$scratch/go"
program='read line <"$1"; exec 3<>/dev/tcp/$0/80 && echo connected'
cp /usr/bin/bash /opt/agent
/opt/agent -c "$program" $web "$scratch/go" >"$scratch/agent" 2>&1 &
agent=$!
policy "default deny" "allow /opt/agent sha256 $(sha256sum /opt/agent | cut -d ' ' -f 1) to $web"
echo go >"$scratch/go"
wait $agent || fail "agent: $(cat "$scratch/agent")"
# Not only root's to write: no digest, said in the log.
chown alice /opt/dial
policy "default deny" "$rule"
expect_eperm /opt/dial $web 80
in_log '/opt/dial: sha256 is for files that only root can write'
chown root /opt/dial
chmod 777 /opt/dial
policy "default deny" "$rule"
expect_eperm /opt/dial $web 80
# The rules must name one file.
for subject in any "/opt/*"; do
	echo "allow $subject sha256 $digest to $web" >"$scratch/bad.conf"
	expect_fails 1 "without the path of one file" policyctl load "$scratch/bad.conf"
done
