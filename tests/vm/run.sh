#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Does in the guest what /vm/options (written by vm.sh) asks for, hands over what
# is left of it and stops the machine.

# shellcheck source=/dev/null
. /vm/options

# port NAME: the device of the virtio port that QEMU calls NAME
port() {
	local name
	for name in /sys/class/virtio-ports/*/name; do
		[[ $(<"$name") != "$1" ]] || echo "/dev/$(basename "${name%/name}")"
	done
}

# Without systemd QEMU ends at a reboot.
stop_machine() {
	sync
	if [[ ${host-} ]]; then
		echo o >/proc/sysrq-trigger
	else
		echo b >/proc/sysrq-trigger
	fi
	sleep 60
}

shell() {
	echo
	echo "connwarden test VM: module in /vm, tools in PATH, servers as in /vm/net.sh."
	echo "'. /vm/lib.sh; up' loads the module and starts policyd.  Ctrl-D stops the VM."
	setsid -c bash --rcfile /vm/bashrc -i </dev/ttyS0 >/dev/ttyS0 2>&1
}

export VM_RESULT VM_TESTS VM_SLOW=${slow:-1}
VM_RESULT=$(port result) VM_TESTS=$(port tests)

# shellcheck disable=SC2154 # from the options
case $command in
suite)	/vm/suite.sh ;;
demo)	/vm/demo.sh >"$(port output)" 2>&1 && echo success >"$VM_RESULT" ;;
bench)	bash /vm/t/*.sh >"$(port output)" 2>&1 && echo success >"$VM_RESULT" ;;
shell)	shell ;;
esac

files=$(port files)
if [[ $files ]]; then
	dmesg >/run/log/dmesg
	cp -r /var/log/audit /run/log/ 2>/dev/null
	tar -C /run/log -cf "$files" .
fi
stop_machine
