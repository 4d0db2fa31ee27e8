#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Gives the guest the name of the next test for each line that it sends through
# the port `tests`, "" when there are no more:
#   dispense.sh RUN QUEUE SLOW TEST.sh...
# RUN/tests.* and RUN/monitor.* are the ends of QEMU's pipes.  A guest that does
# not ask in time hangs, and nothing in it can say why: what its processors
# execute is written to RUN/hang then, and QEMU is ended.
set -u
run=$1 queue=$2 slow=$3
tests=("${@:4}")
exec 3<>"$run/tests.out" 4<>"$run/tests.in" 5<>"$run/monitor.out" 6<>"$run/monitor.in"

next_test() { flock "$queue.lock" sed -i -e '1{w /dev/stdout' -e 'd}' "$queue"; }

# patience_with NAME: seconds; of a test what suite.sh gives it and what it takes
# to end it, otherwise ("") to boot or to check and pack what is left
patience_with() {
	local file seconds=300
	for file in "${tests[@]}"; do
		[[ ${file##*/} != "$1" ]] || {
			seconds=$(sed -n 's/^# timeout: *//p' "$file")
			seconds=$((${seconds:-60} + 60))
		}
	done
	echo $((seconds * slow + 60))
}

# monitor COMMAND: what QEMU's monitor answers, without its line editing
monitor() {
	local line
	echo "$1" >&6
	while read -rt 1 line <&5; do
		[[ $line == *$'\e'* ]] || echo "${line%$'\r'}"
	done
}

# Registers a few times, then the code there: a processor that stays at an
# instruction which cannot wait is the emulator's fault, not the guest's.
look() {
	local registers place
	for _ in {1..4}; do
		registers+=$(monitor "info registers -a" | grep -E '^(CPU#|RIP=)|RSP=')$'\n'
	done
	echo "$registers"
	while read -r place; do
		monitor "x /2i 0x$place"
	done < <(sed -n 's/^RIP=\([0-9a-f]*\).*/\1/p' <<<"$registers" | sort -u)
}

name=''
patience=$(patience_with "")
while read -rt "$patience" <&3; do
	name=$(next_test)
	echo "$name" >&4
	patience=$(patience_with "$name")
done
{
	echo "no sign of life for $patience s, ${name:-outside of tests}"
	look
} >"$run/hang"
echo quit >&6
