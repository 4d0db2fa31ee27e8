#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 180
# BPF trampolines of all kinds on a function of ours, before and after us.
. /vm/lib.sh
[[ -f /sys/kernel/btf/vmlinux ]] || skip "kernel without BTF"
# A function that answers and one that acts; fmod_ret is for the former only.
refused=security_socket_setsockopt
connected=tcp_fastopen_defer_connect
trampoline_up() {
	trampoline "$1" "$2" >"$scratch/bpf" 2>&1 &
	pid=$!
	wait_for 20 grep -q . "$scratch/bpf"
	grep -q attached "$scratch/bpf" || fail "$1: $(cat "$scratch/bpf")"
}
trampoline_down() {
	kill $pid
	wait $pid 2>/dev/null
	true
}
judges() {
	policy "default deny" "allow any to $web port 80"
	mode enforce
	expect_ok dial $web 80
	expect_eperm dial $other 80
}
# Linux 5.10 gives a function either to a trampoline or to a redirection by
# ftrace: who comes second is refused.
module_unload
trampoline_up fentry $connected
log_mark
if ! insmod /vm/connwarden.ko; then
	[[ $(uname -r) == 5.10.* ]] || fail "does not load beside a trampoline"
	in_log "cannot hook $connected: it is taken by .* BPF trampoline \(Linux 5.10\)"
	trampoline_down
	up
	expect_fails 1 'attach: Device or resource busy' trampoline fentry $connected
	judges
	exit 0
fi
trampoline_down
module_unload

for kind in "fentry $connected" "fexit $connected" "fmod_ret $refused"; do
	say "$kind"
	module_unload
	# shellcheck disable=SC2086 # two words
	trampoline_up $kind
	up
	judges
	trampoline_down
	judges
	# shellcheck disable=SC2086 # two words
	trampoline_up $kind
	judges
	policyd_stop
	module_unload
	trampoline_down
done
