#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Adds up the files "PASSED FAILED" given as arguments; a missing one is a
# test run that did not end, so one failure.
passed=0 failed=0
for file in "$@"; do
	if read -r p f 2>/dev/null <"$file"; then
		passed=$((passed + p)) failed=$((failed + f))
	else
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
((failed == 0))
