#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the tests in two VMs at once:
#   pair.sh FILE OPTION... -- TEST.sh...
# with options as for vm.sh, and "PASSED FAILED" to FILE.  A guest's processors
# share one thread of QEMU (see vm.sh), so that one VM keeps one of ours busy.
# Each VM takes the next test when it is free, those that may take long first.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
count=$1
shift
options=()
while [[ $1 != -- ]]; do
	options+=("$1")
	shift
done
shift
# What a test may take says what it will; most take a few seconds.
seconds_of() {
	local seconds
	seconds=$(sed -n 's/^# timeout: *//p' "$1")
	echo "${seconds:-20}"
}
by_time() {
	local test
	for test; do echo "$(seconds_of "$test") ${test##*/}"; done |
		sort -k 1,1nr -k 2,2 | cut -d ' ' -f 2
}
vms=2
(($(nproc) > 1 && $# > 1)) || vms=1

by_time "$@" >"$count.queue"
counts=() pids=()
for ((i = 0; i < vms; i++)); do
	counts+=("$count.$i")
	rm -f "$count.$i" "$count.$i.rows"
	"$here/vm.sh" suite "${options[@]}" -q "$count.queue" -c "$count.$i" "$@" &
	pids+=($!)
done
trap 'kill "${pids[@]}"; wait; exit 130' INT TERM
failed=0
for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
sum=$("$here/../total.sh" "${counts[@]}")
cat "${counts[@]/%/.rows}" 2>/dev/null | "$here/table.sh"
rm -f "${counts[@]}" "${counts[@]/%/.rows}" "$count.queue" "$count.queue.lock"
echo "$sum" | sed 's/ passed, / /; s/ failed//' >"$count"
echo "vm: $sum"
exit $failed
