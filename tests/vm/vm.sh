#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Boots the test VM:
#   vm.sh suite [OPTION]... TEST.sh...   runs these tests, one boot
#   vm.sh demo  [OPTION]...              runs demo.sh
#   vm.sh bench [OPTION]... BENCH.sh     runs this and prints what it tells
#   vm.sh shell [OPTION]...              a root shell on this terminal
# Options:
#   -k DIR      kernel: vmlinuz, initrd and, if it has modules, modules.sqfs
#   -r FILE     root file system
#   -m FILE     connwarden.ko for that kernel; other test modules lie in the
#               directory of the same name with -test
#   -b          systemd boots the guest (host.sh), with policyd enabled; it may
#               reboot, and finds again what it left on the disk "keep"
#   -M MIB      the guest's memory (2048)
#   -i          time is counted in instructions, each a nanosecond; slow
#   -s FACTOR   the guest's time limits are stretched by this (1)
#   -t SECONDS  after that QEMU is killed (1500)
#   -q FILE     names of tests that are still to be run, which other VMs take
#               from too; without it, those given, in their order
#   -c FILE     where to write "PASSED FAILED"; rows of the bypass tests go to
#               FILE.rows then
# Status 0: the guest said "success" through the virtio port, and its console
# shows no kernel report.  Otherwise the logs stay in build/vm/run.*.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$here/../.." && pwd)/build
kernel='' rootfs='' module='' memory=2048 host='' instructions='' slow=1 limit=1500 queue='' count=''

usage() {
	sed -n 's/^# \{0,1\}//; 3,/build\/vm/p' "$0" >&2
	exit 2
}

parse_options() {
	command=${1-}
	[[ $command =~ ^(suite|demo|bench|shell)$ ]] || usage
	shift
	while getopts bk:r:m:M:is:t:q:c: option; do
		case $option in
		b)	host=systemd ;;
		k)	kernel=$OPTARG ;;
		r)	rootfs=$OPTARG ;;
		m)	module=$OPTARG ;;
		M)	memory=$OPTARG ;;
		i)	instructions=yes ;;
		s)	slow=$OPTARG ;;
		t)	limit=$OPTARG ;;
		q)	queue=$OPTARG ;;
		c)	count=$OPTARG ;;
		*)	usage ;;
		esac
	done
	shift $((OPTIND - 1))
	tests=("$@")
	[[ $kernel && $rootfs ]] || usage
}

# The payload: our programs, the guest's scripts, the tests, what to do.
make_payload() {
	local tree=$run/payload file
	mkdir -p "$tree"/{bin,t}
	find "$here" -maxdepth 1 -type f -exec cp -t "$tree" {} +
	for file in "$build"/policyd "$build"/policyctl "$here"/../../policyd/*.{rules,service}; do
		[[ ! -f $file ]] || cp "$file" "$tree"
	done
	[[ ! -d $build/vm/bin ]] || cp -r "$build/vm/bin" "$tree"
	cp -r "$here"/bypass/*.sh "$here/../../docs/threat-model.md" "$tree"
	cp -r "$here/../../policy/examples" "$tree"
	[[ ! -f $module ]] || cp "$module" "$tree/connwarden.ko"
	for file in "${module%/*}-test"/*.ko; do
		[[ ! -f $file ]] || cp "$file" "$tree"
	done
	[[ ${#tests[@]} == 0 ]] || cp "${tests[@]}" "$tree/t"
	printf '%s\n' "command=$command" "slow=$slow" "host=$host" \
		>"$tree/options"
	if [[ $command == shell ]]; then
		read -r rows columns < <(stty size)
		printf '%s\n' "export VM_ROWS=$rows VM_COLS=$columns" >>"$tree/options"
	fi
	mksquashfs "$tree" "$run/payload.sqfs" -noI -noD -noF -noX -all-root \
		-noappend -no-progress -quiet
	rm -rf "$tree"
}

# /dev/kvm may exist and not work: believe it only when a kernel boots on it,
# and remember the answer.
accelerator() {
	local answer=$build/vm/accelerator
	if [[ ! -s $answer ]]; then
		if [[ -w /dev/kvm ]] && kvm_boots; then
			echo kvm >"$answer"
		else
			echo tcg >"$answer"
		fi
	fi
	cat "$answer"
}

kvm_boots() {
	timeout -k 1 15 qemu-system-x86_64 -accel kvm -cpu host -m 256 \
		-nodefaults -no-user-config -display none -no-reboot \
		-kernel "$kernel/vmlinuz" -initrd "$kernel/initrd" \
		-append "console=ttyS0 quiet panic=-1 probe" \
		-serial "file:$run/probe" 2>/dev/null &&
		grep -q 'probe: it boots' "$run/probe"
}

qemu_arguments() {
	local disk clock='' loglevel=7 cpu=max,cx16=off,la57=off
	[[ $command != shell ]] || loglevel=4
	case $(accelerator) in
	kvm)	qemu=(-accel kvm -cpu host) ;;
	# thread=single: with a thread for each processor, QEMU 7.2 may go on
	# executing an int3 that another processor has long replaced, and Linux
	# patches its text whenever a hook comes or goes.  Loading the module
	# under load hung within two minutes.
	# cx16=off: QEMU 7.2 sometimes corrupts flags in cmpxchg16b with -smp 2.
	# la57=off: while Linux identifies the boot processor it has forgotten for a
	# moment that it runs with five levels, and KASAN reports an interrupt then.
	# tsc=reliable: or Linux reads the emulated HPET, which is slow.
	# tsc_early_khz: or Linux measures the rate, and on a busy host it is wrong.
	# no_timer_check: on a busy host it finds that the timer does not work.
	tcg)	qemu=(-accel "tcg,thread=single" -cpu "$cpu")
		clock="tsc=reliable tsc_early_khz=$("$build/vm/tsc") no_timer_check" ;;
	esac
	if [[ $instructions ]]; then
		qemu=(-accel tcg -icount "shift=0,sleep=off" -cpu "$cpu" -smp 1)
		clock="tsc=reliable no_timer_check nokaslr"
	else
		qemu+=(-smp "${VM_CPUS:-2}")
	fi
	qemu+=(-machine q35 -m "$memory" -nodefaults -no-user-config
		-display none
		-kernel "$kernel/vmlinuz" -initrd "$kernel/initrd"
		-append "console=ttyS0 loglevel=$loglevel log_buf_len=8M oops=panic panic=-1 sysctl.kernel.softlockup_all_cpu_backtrace=1 audit=1 audit_backlog_limit=8192 net.ifnames=0 $clock $(kernel_arguments)"
		-device "virtio-serial-pci,max_ports=8"
		-chardev "file,id=result,path=$run/result"
		-device "virtserialport,chardev=result,name=result")
	for disk in "$rootfs" "$run/payload.sqfs" "$kernel/modules.sqfs"; do
		[[ ! -f $disk ]] ||
			qemu+=(-drive "file=$disk,format=raw,if=virtio,readonly=on")
	done
	# In the last place: the guest knows the others by their order.
	if [[ $host ]]; then
		truncate -s 64M "$run/disk"
		qemu+=(-drive "file=$run/disk,format=raw,if=none,id=keep"
			-device "virtio-blk-pci,drive=keep,serial=keep,addr=0x10")
	else
		qemu+=(-no-reboot)
	fi
	if [[ $command == shell ]]; then
		qemu+=(-serial mon:stdio)
	else
		qemu+=(-serial "file:$run/console"
			-chardev "file,id=output,path=$run/output"
			-device "virtserialport,chardev=output,name=output"
			-chardev "file,id=files,path=$run/files.tar"
			-device "virtserialport,chardev=files,name=files")
	fi
	[[ $command != suite ]] ||
		qemu+=(-chardev "pipe,id=tests,path=$run/tests"
			-device "virtserialport,chardev=tests,name=tests"
			-chardev "pipe,id=monitor,path=$run/monitor"
			-mon "chardev=monitor,mode=readline")
}

kernel_arguments() { cat "$kernel/arguments" 2>/dev/null || true; }

start_dispenser() {
	if [[ ! $queue ]]; then
		queue=$run/queue
		printf '%s\n' "${tests[@]##*/}" >"$queue"
	fi
	mkfifo "$run"/{tests,monitor}.{in,out}
	"$here/dispense.sh" "$run" "$queue" "$slow" "${tests[@]}" &
	dispenser=$!
}

# Prints the guest's verdicts as they come.
follow() {
	local verdict seconds name reason
	while read -r verdict seconds name reason; do
		case $verdict in
		pass|fail|skip)
			printf '%-4s %7ss  %s%s\n' "$verdict" "$seconds" "$name" \
				"${reason:+  ($reason)}" ;;
		esac
	done
}

run_qemu() {
	local pid dispenser=''
	: >"$run/result"
	: >"$run/output"
	[[ $command != suite ]] || start_dispenser
	timeout --kill-after=5 "$limit" qemu-system-x86_64 "${qemu[@]}" \
		</dev/null 2>"$run/qemu" &
	pid=$!
	trap 'kill $pid $dispenser; wait $pid; rm -rf "$run"; exit 130' INT TERM
	if [[ $command == suite ]]; then
		tail -n +1 --pid=$pid -s 0.5 -f "$run/result" | follow
	else
		tail -n +1 --pid=$pid -s 0.5 -f "$run/output" | sed -un 's/^| \{0,1\}//p'
	fi
	wait $pid || echo "QEMU: status $?, limit $limit s" >>"$run/qemu"
	trap - INT TERM
	[[ ! $dispenser ]] || kill "$dispenser" 2>/dev/null || true
}

# why_failed: prints each reason to call the run a failure
why_failed() {
	local last
	cat "$run/qemu" "$run/hang" 2>/dev/null
	last=$(tail -n 1 "$run/result")
	[[ $last == success ]] || echo "the guest did not report success"
	[[ $last != success || ! -s $queue ]] ||
		echo "tests were not run: $(paste -sd ' ' "$queue")"
	grep -E -m 5 -f "$here/splats" "$run/console" || true
}

# The logs may be out of reach of who reads this.
first_kernel_report() {
	grep -E -m 1 -A 60 -f "$here/splats" "$run/console" | sed 's/^/| /' || true
}

number_of() { grep -c "^$1 " "$run/result" || true; }

# What the bypass tests found: printed, or left for who started several VMs.
tell_rows() {
	local rows
	rows=$(sed -n 's/^row //p' "$run/result")
	if [[ $rows && $count ]]; then
		echo "$rows" >"$count.rows"
	elif [[ $rows ]]; then
		"$here/table.sh" <<<"$rows"
	fi
}

# What tests have kept of a run that passed, for `make pictures`.
save_kept() {
	[[ $command == suite ]] || return 0
	mkdir -p "$build/pictures"
	tar -C "$build/pictures" --strip-components=2 -xf "$run/files.tar" ./keep ||
		echo "vm: what was kept cannot be unpacked"
}

report() {
	local why passed failed name
	[[ $command != suite ]] || tell_rows
	why=$(why_failed)
	passed=$(number_of pass)
	failed=$(number_of fail)
	if [[ $why ]]; then
		((failed > 0)) || failed=1
		tar -C "$run" -xf "$run/files.tar" 2>/dev/null || true
		rm -f "$run"/{disk,files.tar,payload.sqfs,{tests,monitor}.{in,out}}
		while read -r _ _ name _; do
			echo "--- $name"
			tail -n 25 "$run/t/$name.log" 2>/dev/null || true
		done < <(grep '^fail ' "$run/result")
		printf 'vm: %s\n' "$why"
		first_kernel_report
		echo "vm: logs are in ${run#"$PWD/"}"
	else
		save_kept
		rm -rf "$run"
	fi
	[[ ! $count ]] || echo "$passed $failed" >"$count"
	if [[ $command == suite ]]; then
		echo "vm: $passed passed, $failed failed"
	else
		echo "vm: $command $([[ $why ]] && echo failed || echo succeeded)"
	fi
	[[ ! $why ]]
}

parse_options "$@"
mkdir -p "$build/vm"
find "$build/vm" -maxdepth 1 -name 'run.*' -mmin +600 -exec rm -rf {} +
run=$(mktemp -d "$build/vm/run.XXXXXX")
make_payload
qemu_arguments
if [[ $command == shell ]]; then
	qemu-system-x86_64 "${qemu[@]}"
	rm -rf "$run"
else
	run_qemu
	report
fi
