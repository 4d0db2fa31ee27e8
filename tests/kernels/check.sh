#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The VM tests on each kernel of the list, and a table at the end:
#   check.sh ROOTFS TEST.sh...
# KERNELS="6.12. 7." picks some of the list.  A test that a kernel cannot run skips
# itself with the reason.  What was fetched and built stays in build/kernels.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
rootfs=$(realpath "$1")
shift
cd "$here/../.." || exit 1
build=build/kernels
table=$build/table
failed=0

# is_wanted KERNEL
is_wanted() { [[ ! ${KERNELS-} || " $KERNELS " == *" $1 "* ]]; }

# row KERNEL BUILD TESTS
row() {
	printf '%-28s %-8s %s\n' "$@" >>"$table"
	[[ $2 == ok && $3 == *' 0 failed' ]] || failed=1
}

# ready DIR KERNEL RELEASE SUITE FLAVOUR: its Debian and its image are there
ready() {
	[[ -e $1/release ]] || "$here/root.sh" "$@" || return
	[[ -e $1/image/vmlinuz ]] || "$here/image.sh" "$1" "$1/image"
}

# check DIR TEST.sh...: builds and runs
check() {
	local dir=$1 count=$1/count passed missed
	shift
	if ! "$here/build.sh" "$dir" "$dir/module"; then
		row "$(<"$dir/release")" no '-'
		return
	fi
	rm -f "$count"
	tests/vm/pair.sh "$count" -k "$dir/image" -r "$rootfs" \
		-m "$dir/module/connwarden.ko" -- "$@"
	read -r passed missed <"$count" || passed=0 missed=1
	row "$(<"$dir/release")" ok "$passed passed, $missed failed"
}

mkdir -p "$build"
printf '%-28s %-8s %s\n' kernel build tests >"$table"
while read -r kernel release suite flavour <&3; do
	is_wanted "$kernel" || continue
	echo "== $kernel of $suite, $flavour"
	if ready "$build/$kernel" "$kernel" "$release" "$suite" "$flavour"; then
		check "$build/$kernel" "$@"
	else
		row "$kernel" 'not had' '-'
	fi
done 3< <(grep -v '^#' "$here/list")
echo
cat "$table"
exit $failed
