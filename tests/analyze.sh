#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What static analysers find: analyze.sh KDIR BUILD
# Userspace: cppcheck, gcc -fanalyzer, clang-tidy.  The module: sparse, on a copy of
# its sources below BUILD.  Prints findings; any of them is a failure.
set -u
shopt -s lastpipe
cd "$(dirname "$0")/.." || exit 2
kdir=$1 build=$2
jobs=$(nproc)
failed=0
flags=(-std=gnu11 -D_GNU_SOURCE -iquote .)

# Not: string comparisons without != 0, parameters called `out' and strings over
# several lines, which are this house's style; and sizeof a pointer that is meant.
tidy='-*,bugprone-*,misc-redundant-expression,misc-unused-parameters'
tidy+=',readability-misleading-indentation,readability-redundant-control-flow'
for check in easily-swappable-parameters reserved-identifier narrowing-conversions \
	implicit-widening-of-multiplication-result assignment-in-if-condition branch-clone \
	suspicious-string-compare suspicious-missing-comma sizeof-expression \
	not-null-terminated-result suspicious-include switch-missing-default-case \
	multi-level-implicit-pointer-conversion signed-char-misuse; do
	tidy+=,-bugprone-$check
done

# tool NAME: findings on standard input
tool() {
	local findings
	findings=$(cat)
	[[ ! $findings ]] && return
	printf 'analyze: %s\n%s\n' "$1" "$findings"
	failed=1
}

sources() { git ls-files 'history/*.c' 'lib/*.c' 'policy/*.c' 'policyd/*.c' 'policyctl/*.c'; }

# Leaks are for the unit tests under ASan to find: gcc 12 takes what a structure of
# the caller owns for lost.
# comparePointers: the linker names both ends of what a program has built in.
# selfAssignment: `x = f() ?: x'.
cppcheck --quiet -j"$jobs" --enable=warning,performance,portability --inline-suppr \
	--std=c11 -D_GNU_SOURCE -I. --suppress=missingInclude --suppress=selfAssignment \
	--suppress=comparePointers:policyctl/graph/graph_html.c --template=gcc \
	history lib policy policyd policyctl 2>&1 | tool cppcheck
sources | xargs -P "$jobs" -n 8 sh -c '
	for file; do
		gcc -std=gnu11 -D_GNU_SOURCE -iquote . -O1 -fanalyzer \
			-Wno-analyzer-malloc-leak -c -o /dev/null "$file"
	done' sh 2>&1 | tool 'gcc -fanalyzer'
sources | xargs -P "$jobs" -n 12 sh -c '
	checks=$1; shift
	clang-tidy --quiet "--checks=$checks" "$@" -- '"${flags[*]}"' 2>/dev/null' sh "$tidy" |
	grep -A3 'warning:' | tool clang-tidy

# sparse looks at what is compiled, so nothing may be compiled already.  It cannot
# follow a lock that one function takes and another one gives back.
copy=$build/sparse
rm -rf "$copy"
mkdir -p "$copy"
cp --parents Kbuild lsm/*.[ch] lsm/probe.* policy/engine/*.[ch] include/*.h "$copy"
make -s -j"$jobs" -C "$kdir" M="$(realpath "$copy")" C=1 CHECK=sparse \
	CF="-I$(realpath "$copy") -Wno-context" modules 2>&1 |
	grep "^$(realpath "$copy")/.*\(warning\|error\):" | tool sparse
((failed == 0)) && echo "analyze: ok"
exit $failed
