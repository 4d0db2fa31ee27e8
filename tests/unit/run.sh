#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the unit test programs given as arguments, as many at once as there are
# processors, and adds up what they say.  Each ends with check's line "NN%:
# Checks: C, Failures: F, Errors: E"; one that ends without it (a crash, a
# sanitizer report) counts as one failure.
set -u
# A busy host must not make a test fail: each gets ten times the usual limit.
export CK_TIMEOUT_MULTIPLIER=${CK_TIMEOUT_MULTIPLIER:-10}
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
passed=0 failed=0

# Not one that fails ends the others: the status is kept beside the output.
# shellcheck disable=SC2016 # for the inner shell
printf '%s\0' "$@" | xargs -0 -P "$(nproc)" -I '{}' bash -c '
	"$1" >"$2/${1##*/}" 2>&1; echo $? >"$2/${1##*/}.status"' run '{}' "$results"

for program in "$@"; do
	name=$(basename "$program")
	output=$(<"$results/$name")
	status=$(<"$results/$name.status")
	if [[ $output =~ Checks:\ ([0-9]+),\ Failures:\ ([0-9]+),\ Errors:\ ([0-9]+) ]]; then
		checks=${BASH_REMATCH[1]}
		bad=$((BASH_REMATCH[2] + BASH_REMATCH[3]))
		((status != 0 && bad == 0)) && bad=1
	else
		checks=0 bad=1
	fi
	printf '%-24s %6d passed, %d failed\n' "$name" $((checks - bad < 0 ? 0 : checks - bad)) $bad
	((bad)) && printf '%s\n' "$output"
	passed=$((passed + checks - (bad > checks ? checks : bad)))
	failed=$((failed + bad))
done
echo "unit: $passed passed, $failed failed"
mkdir -p build
echo "$passed $failed" >build/unit.count
((failed == 0))
