#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# The kernel's switches for hooks, before the load and after: nothing loads
# that does not refuse, and the log or status says which switch it is.
. /vm/lib.sh
kprobes=/sys/kernel/debug/kprobes/enabled
module_unload

# Linux 7.3 does not let tracing be switched off, ever.
answer=busy
[[ $(uname -r) =~ ^[56]\. ]] || answer='not supported'
if [[ $answer == busy ]]; then
	sysctl -q kernel.ftrace_enabled=0
	log_mark
	expect_fails 1 . insmod /vm/connwarden.ko
	in_log 'kernel.ftrace_enabled is 0'
	sysctl -q kernel.ftrace_enabled=1
fi

# The switch of kprobes changes nothing.
echo 0 >$kprobes
up
policy "default deny"
mode enforce
expect_eperm dial $other 80
expect_is "working" yes status working
echo 1 >$kprobes
expect_fails 1 "$answer" sysctl kernel.ftrace_enabled=0
expect_eperm dial $other 80
expect_is "working" yes status working
