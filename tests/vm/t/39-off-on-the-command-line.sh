#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# connwarden.off on the kernel command line: modprobe does not load the module, and
# the log says why.
. /vm/lib.sh
tree=$scratch/tree
release=$(uname -r)
mkdir -p "$tree/lib/modules/$release"
cp /vm/connwarden.ko "$tree/lib/modules/$release"
depmod -b "$tree" "$release" 2>/dev/null || fail "no depmod"

# load_with COMMANDLINE: what modprobe does on a kernel that was started so
load_with() {
	cat /proc/cmdline >"$scratch/cmdline"
	sed -i "s/\$/ $1/" "$scratch/cmdline"
	unshare -m sh -c "mount --bind $scratch/cmdline /proc/cmdline &&
			  exec modprobe -d $tree connwarden"
}

module_unload
for word in connwarden.off connwarden.off=1 connwarden.off=y; do
	log_mark
	expect_fails 1 'connwarden' load_with "$word"
	in_log 'connwarden: not loaded, because the parameter off is set'
	[[ ! -d /sys/module/connwarden ]] || fail "$word: the module is there"
done
expect_ok dial $web 80
log_mark
expect_ok load_with connwarden.off=0
[[ -d /sys/module/connwarden ]] || fail "off=0: the module is not there"
module_unload
