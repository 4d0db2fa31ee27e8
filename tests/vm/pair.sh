#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the tests in two VMs at once:
#   pair.sh FILE OPTION... -- TEST.sh...
# with options as for vm.sh, and "PASSED FAILED" to FILE.  A guest's processors
# share one thread of QEMU (see vm.sh), so that one VM keeps one of ours busy.
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
	for test; do echo "$(seconds_of "$test") $test"; done | sort -rn -k 1,1 -k 2,2
}
half=("" "") load=(0 0)
while read -r seconds test; do
	turn=$((load[0] > load[1]))
	half[turn]+=" $test"
	load[turn]=$((load[turn] + seconds))
done < <(by_time "$@")
(($(nproc) > 1)) || half=("$*" "")

counts=() pids=()
for i in 0 1; do
	[[ ${half[i]} ]] || continue
	counts+=("$count.$i")
	rm -f "$count.$i" "$count.$i.rows"
	# shellcheck disable=SC2086 # names of tests, one word each
	"$here/vm.sh" suite "${options[@]}" -c "$count.$i" ${half[i]} &
	pids+=($!)
done
trap 'kill "${pids[@]}"; wait; exit 130' INT TERM
failed=0
for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
sum=$("$here/../total.sh" "${counts[@]}")
cat "${counts[@]/%/.rows}" 2>/dev/null | "$here/table.sh"
rm -f "${counts[@]}" "${counts[@]/%/.rows}"
echo "$sum" | sed 's/ passed, / /; s/ failed//' >"$count"
echo "vm: $sum"
exit $failed
