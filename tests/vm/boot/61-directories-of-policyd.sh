#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 300
# A boot at which policyd cannot have its directories: the host enforces all the
# same, and what is missing is said.
. /vm/lib.sh
# Only the first boot has somebody who could be early.
rm -f /etc/systemd/system/policyd.service.d/late.conf
systemctl daemon-reload
state=/var/lib/connwarden run=/run/connwarden

# boot_with COMMAND...: as after a boot before which that was done to the
# directories
boot_with() {
	say "$@"
	expect_ok systemctl stop policyd
	rmmod connwarden || fail "rmmod"
	rm -rf $run
	"$@" || fail "cannot: $*"
	systemctl start policyd || fail "$*: $(systemctl status policyd)"
	expect_is "mode after $*" enforce status mode
	expect_eperm dial $other 80
	expect_ok dial $web 80
}

says() { policyctl status 2>/dev/null | grep -Eq "$1"; }

# history_fails PATTERN: that is said
history_fails() {
	wait_for 20 says "^daemon_history: failing, .*$1" ||
		fail "history: $(policyctl status)"
	says "^daemon_last_good: failing, " || fail "last good: $(policyctl status)"
	policyctl doctor >"$scratch/doctor" && fail "doctor is content"
	grep -q "^history problem"$'\t' "$scratch/doctor" &&
		grep -q "^last-good problem"$'\t' "$scratch/doctor" ||
		fail "doctor: $(<"$scratch/doctor")"
}

all_is_well() {
	wait_for 30 says '^daemon_history: on' || fail "history: $(policyctl status)"
	says '^daemon_last_good: 2' || fail "last good: $(policyctl status)"
}

read_only() { mount -t tmpfs -o ro,mode=700 state $state; }
full() { mount -t tmpfs -o size=4k,nr_inodes=2,mode=700 state $state && { cat /dev/zero >$state/full; true; } 2>/dev/null; }
foreign() { mount -t tmpfs -o mode=700,uid=1000 state $state; }
open_to_all() { mount -t tmpfs -o mode=777 state $state; }
mended() { umount $state; }
missing() { rm -rf $state; }
a_file() { rm -rf $state && touch $state; }
a_link_to_nowhere() { rm -rf $state && ln -s /nowhere $state; }
a_link_of_others() { rm -rf $state && ln -s /home/alice $state; }

boot_with read_only
history_fails 'Read-only'
boot_with mended
all_is_well
for how in full foreign open_to_all; do
	boot_with $how
	history_fails .
	boot_with mended
done
boot_with missing
all_is_well
[[ $(stat -c '%a %u' $state) == "700 0" ]] || fail "$(stat $state)"
for how in a_file a_link_to_nowhere a_link_of_others; do
	boot_with $how
	history_fails .
	rm -f $state
done
[[ ! -e /home/alice/history.db && ! -e /home/alice/last-good ]] || fail "wrote through a link"
boot_with missing
all_is_well

# A disk that the kernel has made read-only; /tmp is on it.
disk=(/etc /home /root /usr /var)
all_read_only() {
	for directory in "${disk[@]}"; do
		mount --bind "$directory" "$directory" &&
			mount -o remount,bind,ro "$directory" || return 1
	done
	mount -t tmpfs -o ro,mode=1777 tmp /tmp
}
all_mended() { umount /tmp && umount -l "${disk[@]}"; }
boot_with all_read_only
wait_for 20 says '^daemon_history: failing, ' || fail "history: $(policyctl status)"
boot_with all_mended
all_is_well

# /run: no control socket, and enforcement all the same.
boot_with touch $run
policyctl status | grep -q '^daemon_hint' || fail "policyd answers"
journalctl -b -u policyd | grep -q "cannot listen on $run/control" || fail "not in the journal"
rm $run
boot_with true
all_is_well
