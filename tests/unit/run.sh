#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the unit test programs given as arguments and adds up what they say.
# Each ends with check's line "NN%: Checks: C, Failures: F, Errors: E"; one
# that ends without it (a crash, a sanitizer report) counts as one failure.
set -u
passed=0 failed=0
for program in "$@"; do
	output=$("$program" 2>&1)
	status=$?
	if [[ $output =~ Checks:\ ([0-9]+),\ Failures:\ ([0-9]+),\ Errors:\ ([0-9]+) ]]; then
		checks=${BASH_REMATCH[1]}
		bad=$((BASH_REMATCH[2] + BASH_REMATCH[3]))
		((status != 0 && bad == 0)) && bad=1
	else
		checks=0 bad=1
	fi
	printf '%-24s %6d passed, %d failed\n' "$(basename "$program")" $((checks - bad < 0 ? 0 : checks - bad)) $bad
	((bad)) && printf '%s\n' "$output"
	passed=$((passed + checks - (bad > checks ? checks : bad)))
	failed=$((failed + bad))
done
echo "unit: $passed passed, $failed failed"
mkdir -p build
echo "$passed $failed" >build/unit.count
((failed == 0))
