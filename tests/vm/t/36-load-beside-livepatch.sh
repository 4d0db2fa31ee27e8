#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 180
# taint: 32768
# A livepatch of security_socket_connect(), before and after us: connections
# are refused, or the load fails and says why.
. /vm/lib.sh
[[ -f /vm/patch.ko ]] || skip "kernel without livepatches"
patch=/sys/kernel/livepatch/patch
in_log() { dmesg | tail -n 5 | grep -Eq "$1" || fail "not in the log: $1"; }
judges() {
	policy "default deny" "allow any to $web port 80"
	mode enforce
	expect_ok dial $web 80
	expect_eperm dial $other 80
	expect_is "working" yes status working
}
settled() { [[ $(<$patch/transition) == 0 ]]; }
patch_load() {
	insmod /vm/patch.ko || fail "no livepatch"
	wait_for 60 settled || fail "the livepatch does not settle"
}
gone() { [[ ! -d $patch ]]; }
patch_unload() {
	echo 0 >$patch/enabled
	wait_for 60 gone || fail "the livepatch does not go"
	rmmod patch
}
module_unload
patch_load
expect_fails 1 'busy' insmod /vm/connwarden.ko provider=ftrace
in_log 'cannot hook security_socket_connect: it is taken by a livepatch'
up provider=auto
in_log 'falls back to provider kretprobe'
expect_is "provider" kretprobe status provider
judges
patch_unload
judges
patch_load
judges
policyd_stop
module_unload
patch_unload

up provider=ftrace
expect_fails 1 'busy' insmod /vm/patch.ko
judges
