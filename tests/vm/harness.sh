#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Tests the harness: each test in sabotage/ must make a run fail, with output
# that matches its "# expect:" lines.  Arguments go to `vm.sh suite`.
set -u
here=$(cd "$(dirname "$0")" && pwd)
failed=0

# fails_as_expected TEST.sh OPTION...
fails_as_expected() {
	local file=$1 output pattern
	shift
	if output=$("$here/vm.sh" suite "$@" -t 30 "$file" 2>&1); then
		echo "the run did not fail"
		return 1
	fi
	while read -r pattern; do
		grep -Eq -- "$pattern" <<<"$output" || {
			printf 'no line matches %s in\n%s\n' "$pattern" "$output"
			return 1
		}
	done < <(sed -n 's/^# expect: //p' "$file")
	rm -rf "$(sed -n 's/^vm: logs are in //p' <<<"$output")"
}

for file in "$here"/sabotage/*.sh; do
	if why=$(fails_as_expected "$file" "$@"); then
		echo "pass  $(basename "$file" .sh)"
	else
		echo "fail  $(basename "$file" .sh): $why"
		failed=1
	fi
done
exit $failed
