#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Tests the harness: runs that are broken on purpose must fail, with output
# that matches the "# expect:" lines of their tests.
#   harness.sh each OPTION...   every test of sabotage/, a boot for each
#   harness.sh debug OPTION...  those of sabotage/debug/, one boot; -m broken.ko
# Options are those of `vm.sh suite`.
set -u
here=$(cd "$(dirname "$0")" && pwd)
which=$1
options=("${@:2}")

# fails_as_expected TEST.sh...
fails_as_expected() {
	local output pattern
	if output=$("$here/vm.sh" suite "${options[@]}" "$@" 2>&1); then
		echo "the run did not fail"
		return 1
	fi
	while read -r pattern; do
		grep -Eq -- "$pattern" <<<"$output" || {
			printf 'no line matches %s in\n%s\n' "$pattern" "$output"
			return 1
		}
	done < <(sed -sn 's/^# expect: //p' "$@")
	rm -rf "$(sed -n 's/^vm: logs are in //p' <<<"$output")"
}

# check NAME TEST.sh...
failed=0
check() {
	local name=$1 why
	shift
	if why=$(fails_as_expected "$@"); then
		echo "pass  $name"
	else
		echo "fail  $name: $why"
		failed=1
	fi
}

case $which in
each)	for file in "$here"/sabotage/*.sh; do
		check "$(basename "$file" .sh)" "$file"
	done ;;
debug)	check debug "$here"/sabotage/debug/*.sh ;;
esac
exit $failed
