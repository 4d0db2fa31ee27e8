#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 90
# A user who fills the table pushes out his own connections: those of root and
# of another user stay, and new ones of theirs are entered.  Many uids in a user
# namespace are one user.
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
as alice hammer 1 $((2 * VM_SLOW)) 127.0.0.9 $(seq 7000 7200)
(($(status evicted) > 0)) || fail "nothing evicted"
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
