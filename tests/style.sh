#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The rules of the house that a program can check.
set -u
shopt -s lastpipe
cd "$(dirname "$0")/.." || exit 2
failed=0

# rule WHAT: lines on standard input break it
rule() {
	local lines
	lines=$(cat)
	[[ ! $lines ]] || printf 'style: %s\n%s\n' "$1" "$lines"
	[[ ! $lines ]] || failed=1
}

sources() { git ls-files '*.c' '*.h' | grep "^\($1\)/"; }

git ls-files | xargs grep -lE '^#!/bin/bash|^# shellcheck shell=bash' |
	xargs shellcheck -x -P SCRIPTDIR -P tests/vm -P tests/vm/bypass -S warning \
		-e SC1091,SC2154 | rule "shellcheck"
sources 'lsm\|policy\|include' | grep -v '^lsm/compat.h$' |
	xargs grep -n 'LINUX_VERSION_CODE\|KERNEL_VERSION' |
	rule "tests of the kernel's version outside of lsm/compat.h"
sources policy | grep -v '^policy/engine/port.h$' | xargs grep -n '__KERNEL__' |
	rule "policy/ knows its world outside of port.h"
git ls-files '*.[ch]' '*.sh' '*.mk' Makefile |
	xargs grep -LE 'SPDX-License-Identifier' | rule "files without a licence"
git ls-files '*.[ch]' '*.sh' '*.mk' | xargs grep -nE '[[:blank:]]+$' |
	rule "spaces at the end of a line"
git ls-files '*.[ch]' '*.sh' '*.md' ':!tests/style.sh' | xargs grep -nE '\b(TODO|FIXME|XXX)\b' |
	rule "work that is not done"
((failed == 0)) && echo "style: ok"
exit $failed
