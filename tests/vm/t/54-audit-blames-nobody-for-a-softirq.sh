#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A softirq that sends has interrupted some task: the record is about the
# kernel, so it must not carry the login of that task.  The task is the one
# that loads a module whose softirq sends.
. /vm/lib.sh
up
policy "default deny" "deny kernel to 127.0.0.9"
mode monitor
audit_mark
(
	echo 1000 >/proc/self/loginuid
	exec insmod /vm/softirq.ko port=7100
) || fail "softirq.ko does not load"
rmmod softirq || fail "softirq.ko does not unload"
in_log 'a softirq interrupts insmod'
audit_wait -m AVC -o connwarden:127.0.0.9:7100
has_line ' pid=0 comm="kernel" ' "$found" || fail "not about the kernel"
has_line ' uid=0 auid=4294967295 ses=4294967295 ' "$found" || fail "a login is blamed"

# The positive twin: what alice's task does itself carries her login.
audit_mark
as alice dial 127.0.0.9 7200 || true
audit_wait -m AVC -o connwarden:127.0.0.9:7200
has_line ' uid=1000 auid=1000 ' "$found" || fail "alice is not named"
