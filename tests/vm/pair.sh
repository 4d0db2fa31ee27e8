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
half=("" "")
turn=0
for test in "$@"; do
	half[turn]+=" $test"
	turn=$((1 - turn))
done
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
