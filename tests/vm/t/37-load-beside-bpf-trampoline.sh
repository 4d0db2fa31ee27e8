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
# Linux 5.10 gives a function either to a trampoline or to a redirection by
# ftrace: who comes second is refused, and auto takes the other provider.
providers="ftrace kretprobe"
module_unload
trampoline_up fentry
if ! insmod /vm/connwarden.ko provider=ftrace; then
	[[ $(uname -r) == 5.10.* ]] || fail "ftrace does not load beside a trampoline"
	providers=kretprobe
	dmesg | tail -n 5 | grep -q 'cannot hook security_socket_connect: it is taken by .* BPF trampoline (Linux 5.10)' ||
		fail "not in the log: by whom it is taken"
	up provider=auto
	expect_is "provider" kretprobe status provider
	expect_is "fallback" "security_socket_connect 16" status fallback
	judges
	policyd_stop
	module_unload
	trampoline_down
	up provider=ftrace
	expect_fails 1 'attach: Device or resource busy' \
		trampoline fentry security_socket_connect
	judges
	policyd_stop
else
	trampoline_down
fi
module_unload

for provider in $providers; do
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
