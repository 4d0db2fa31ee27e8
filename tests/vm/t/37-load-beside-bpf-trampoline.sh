#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 180
# BPF trampolines of all kinds on a function of ours, before and after us.
. /vm/lib.sh
[[ -f /sys/kernel/btf/vmlinux ]] || skip "kernel without BTF"
trampoline_up() {
	trampoline "$1" security_socket_connect >"$scratch/bpf" 2>&1 &
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
for provider in ftrace kretprobe; do
	for kind in fentry fexit fmod_ret; do
		say $provider $kind
		module_unload
		trampoline_up $kind
		up provider=$provider
		judges
		trampoline_down
		judges
		trampoline_up $kind
		judges
		policyd_stop
		module_unload
		trampoline_down
	done
done
