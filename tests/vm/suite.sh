#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs tests in the guest, those that the host names through the virtio port
# $VM_TESTS, and tells it through the port $VM_RESULT, one line each:
#	pass|fail|skip SECONDS NAME [REASON]
#	row DOOR|FAMILY|RESULT
#	row KIND|ENTRY|PROCESS|ATTRIBUTION|SENT/RECEIVED|VERDICT
# (rows: what the bypass tests found, and the card of the kinds of traffic) and,
# only when nothing failed, the last line "success".
cd /tmp || exit
# What is left of before a reboot (lib.sh).
left=/var/lib/vm-test
failed=0
[[ ! -e $left/failed ]] || failed=1

tell() { printf '%s\n' "$*" >"$VM_RESULT"; }

# splats [MARK]: kernel reports since the line that holds MARK, at most 3
splats() {
	dmesg | if [[ ${1-} ]]; then sed "1,/$1/d"; else cat; fi |
		grep -E -m 3 -f /vm/splats
}

# verdict pass|fail|skip START NAME [REASON]
verdict() {
	local now=${EPOCHREALTIME/./} ms
	ms=$(((now - $2) / 1000))
	if [[ $1 == fail ]]; then
		failed=1
		mkdir -p $left
		touch $left/failed
	fi
	tell "$1" $((ms / 1000)).$((ms % 1000 / 100)) "${@:3}"
}

# A test's processes live in a cgroup of their own and die with it.
cgroup=/sys/fs/cgroup/test
kill_leftovers() {
	local pid tries
	for tries in {1..50}; do
		[[ $(<$cgroup/cgroup.procs) ]] || return 0
		while read -r pid; do
			kill -9 "$pid" 2>/dev/null
		done <$cgroup/cgroup.procs
		sleep 0.1
	done
	echo "left behind after $tries tries: $(<$cgroup/cgroup.procs)"
	return 1
}

# next_test: asks the host which, false = none is left
exec {host}<>"$VM_TESTS"
next_test() {
	echo next >&"$host"
	read -r test <&"$host" && [[ $test ]]
}

run_in_cgroup() {
	exec {host}>&-
	echo "$BASHPID" >$cgroup/cgroup.procs
	exec timeout -k 5 "$@"
}

# A test may say "# timeout: SECONDS" (at normal speed; 60 otherwise).
limit() {
	local seconds
	seconds=$(sed -n 's/^# timeout: *//p' "$1")
	echo $((${seconds:-60} * VM_SLOW))
}

run_test() {
	local file=$1 name start log status reason
	name=$(basename "$file" .sh)
	log=/run/log/t/$name.log
	start=${EPOCHREALTIME/./}
	echo "vm: test $name" >/dev/kmsg
	(run_in_cgroup "$(limit "$file")" bash "$file" >"$log" 2>&1 </dev/null)
	status=$?
	kill_leftovers >>"$log"
	reason=$(splats "vm: test $name\$" | head -n 1)
	if [[ $reason ]]; then
		verdict fail "$start" "$name" "kernel: $reason"
		return
	fi
	reason=$(sed -n 's/^\(FAIL\|SKIP\): //p' "$log" | tail -n 1)
	case $status in
	0)	verdict pass "$start" "$name" ;;
	77)	verdict skip "$start" "$name" "$reason" ;;
	124|137)
		verdict fail "$start" "$name" "timed out" ;;
	*)	verdict fail "$start" "$name" "${reason:-exit status $status}" ;;
	esac
}

# after NAME COMMAND...: a check after the last test.  Status 0 is a pass, 77 a
# skip; the first line of output is the reason.
after() {
	local name=$1 start=${EPOCHREALTIME/./} log=/run/log/t/$1.log result
	shift
	"$@" >"$log" 2>&1
	case $? in
	0)	verdict pass "$start" "$name"
		return ;;
	77)	result=skip ;;
	*)	result=fail ;;
	esac
	verdict $result "$start" "$name" "$(head -n 1 "$log")"
}

module_unloads() {
	if [[ ! -d /sys/module/connwarden ]]; then
		echo "not loaded"
		return 77
	fi
	rmmod connwarden
}

no_memory_leaked() {
	local kmemleak=/sys/kernel/debug/kmemleak leaks
	if [[ ! -e $kmemleak ]]; then
		echo "kernel without kmemleak"
		return 77
	fi
	# An object must be some seconds old to be reported.
	echo scan >$kmemleak
	sleep 6
	echo scan >$kmemleak
	leaks=$(<$kmemleak)
	echo "$leaks"
	[[ ! $leaks ]]
}

# Out of tree (4096) and unsigned (8192) are what we are; no more than that,
# but what a test that ran says of its own: "# taint: NUMBER".
only_out_of_tree_and_unsigned_taint() {
	local taint allowed=$((4096 | 8192)) more
	while read -r more; do
		((allowed |= more))
	done < <(sed -sn 's/^# taint: *//p' /dev/null "${ran[@]}")
	taint=$(</proc/sys/kernel/tainted)
	echo "tainted: $taint"
	(((taint & ~allowed) == 0))
}

no_audit_record_lost() {
	local lost
	lost=$(auditctl -s | sed -n 's/^lost //p')
	echo "lost: $lost"
	((lost == 0))
}

kernel_log_is_clean() { ! splats; }

tell_rows() {
	local line
	while read -r line; do
		tell "row $line"
	done < <(cat /run/log/bypass /run/log/card 2>/dev/null)
}

mkdir -p $cgroup
ran=()
if [[ -e $left/name ]]; then
	test=$(<$left/name)
	ran+=("/vm/t/$test")
	run_test "/vm/t/$test"
fi
rm -f $left/{name,boots}
while next_test; do
	ran+=("/vm/t/$test")
	run_test "/vm/t/$test"
	rm -f $left/{name,boots}
done
tell_rows
after module-unloads module_unloads
after no-memory-leaked no_memory_leaked
after only-taint-O-and-E only_out_of_tree_and_unsigned_taint
after no-audit-record-lost no_audit_record_lost
after kernel-log-clean kernel_log_is_clean
((failed)) || tell success
