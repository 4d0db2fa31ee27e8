#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 180
# taint: 32768
# A livepatch of a function of ours: the load fails and says why, and works when
# the patch is gone; a patch that comes after us is refused.
. /vm/lib.sh
[[ -f /vm/patch.ko ]] || skip "kernel without livepatches"
patch=/sys/kernel/livepatch/patch
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
log_mark
expect_fails 1 'busy' insmod /vm/connwarden.ko
in_log 'cannot hook tcp_fastopen_defer_connect: it is taken by a livepatch'
patch_unload

up
judges
expect_fails 1 'busy' insmod /vm/patch.ko
judges
