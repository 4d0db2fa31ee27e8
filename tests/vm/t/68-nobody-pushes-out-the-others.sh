#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 90
# A user who fills the table pushes out his own connections: those of root and
# of another user stay, and new ones of theirs are entered.  Many uids in a user
# namespace are one user.  Connections that are open, in both directions, have one
# limit, and leave room for root and for whoever has little.
. /vm/lib.sh
module_unload
module_load ttl=600 max_connections=400
policyd_start
policy "default allow" "log none"
allowed() { dial "$1" 80 >/dev/null || fail "dial $1"; }
count_of() { awk -v uid="$1" 'NR > 1 && $9 == uid' $fs/connections | wc -l; }
entry_of_user() {
	awk -v uid="$1" -v to="$2:80" '$9 == uid && $3 == "out" && $6 == to' $fs/connections | grep -q .
}
allowed $web
as bob dial $web 80 >/dev/null || fail "bob's dial"
until (($(status evicted) > 400)); do
	as alice hammer 1 2 127.0.0.9 $(seq 7000 7200)
done
(($(status connections) <= 400)) || fail "over the limit"
(($(count_of 1000) <= 350)) || fail "alice has more than her share: $(count_of 1000)"
entry_of_user 0 $web || fail "alice pushed out root's"
entry_of_user 1001 $web || fail "alice pushed out bob's"
allowed $other
as bob dial $other 80 >/dev/null || fail "bob's second dial"
entry_of_user 0 $other || fail "no room for root"
entry_of_user 1001 $other || fail "no room for bob"
# Two uids of a namespace that alice made: bob's stay, hers go.
as alice unshare -U sleep 100 &
in_namespace() {
	sleeper=$(pgrep -u alice -x sleep) &&
		[[ $(readlink "/proc/$sleeper/ns/user") != "$(readlink /proc/self/ns/user)" ]]
}
wait_for 10 in_namespace || fail "no namespace"
for map in uid_map gid_map; do
	/usr/bin/printf '0 100000 1\n1 100001 1\n' > "/proc/$sleeper/$map" || fail "$map"
done
for uid in 0 1; do
	nsenter -t "$sleeper" -U setpriv --reuid $uid --regid $uid --clear-groups \
		hammer 1 $((2 * VM_SLOW)) 127.0.0.9 $(seq 7000 7200) || fail "hammer in the namespace"
done
(($(count_of 100000) + $(count_of 100001) > 0)) || fail "nobody in the namespace connected"
(($(count_of 1000) + $(count_of 100000) + $(count_of 100001) <= 350)) ||
	fail "the namespace has more than its owner's share"
entry_of_user 1001 $other || fail "the namespace pushed out bob's"
kill "$sleeper"
policyd_stop
module_unload

# Nothing of alice's can be pushed out: she has both ends of 1,000 open ones.
module_load ttl=600 max_connections=400
as alice crowd 1000 127.0.0.77 7077 >"$scratch/crowd" &
crowd=$!
crowded() { [[ -s $scratch/crowd ]]; }
wait_for 60 crowded || fail "no crowd"
owner() { awk -v uid="$1" -v key="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
	$1 == uid { print $at[key] }' $fs/owners; }
(($(count_of 1000) <= 350)) || fail "alice has $(count_of 1000) of 400"
(($(owner 1000 untracked) >= 1650)) || fail "untracked: $(cat $fs/owners)"
expect_is "sum" 2000 echo $(($(owner 1000 opened) + $(owner 1000 untracked)))
expect_is "open" $(($(owner 1000 opened) - $(owner 1000 closed))) count_of 1000
for _ in {1..20}; do allowed $web; done
for _ in {1..4}; do as bob dial $web 80 >/dev/null || fail "bob's dial"; done
count_to_web() { awk -v uid="$1" -v to="$web:80" '$9 == uid && $6 == to' $fs/connections | wc -l; }
expect_is "root's entries" 20 count_to_web 0
expect_is "bob's entries" 4 count_to_web 1001
expect_is "untracked of root" 0 owner 0 untracked
expect_is "untracked of bob" 0 owner 1001 untracked
before=$(count_of 1000)
as alice dial $web 80 >/dev/null || fail "alice's dial"
expect_is "alice's with one more" "$before" count_of 1000
kill "$crowd"
module_unload
