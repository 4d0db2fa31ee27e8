#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds the module and the test modules for the kernel of a Debian that root.sh made:
#   build.sh DIR OUT
# OUT gets connwarden.ko and OUT-test the others.  A warning is a failure.
set -euo pipefail
cd "$(dirname "$0")/../.."
dir=$(realpath "$1") out=$(realpath -m "$2")
version=$(<"$dir/release")

# make_modules DIR: by the compiler there, which sees DIR as /module
make_modules() {
	mkdir -p "$dir/root/module"
	# shellcheck disable=SC2016 # for the other shell
	unshare -mpf --mount-proc="$dir/root/proc" sh -c '
		mount --bind "$1" "$2/module" &&
		exec chroot "$2" make -s -C "/usr/src/linux-headers-$3" M=/module modules' \
		- "$1" "$dir/root" "$version" 2>&1
}

# quiet DIR: make_modules, without what is said of BTF, which needs vmlinux
quiet() {
	make_modules "$1" >"$1/log" || { cat "$1/log"; return 1; }
	! grep -v -e '^Skipping BTF' -e '^  PROBE' "$1/log" | grep -i warning
}

rm -rf "$out" "$out-test"
mkdir -p "$out" "$out-test"
cp -r --parents Kbuild lsm policy/engine include "$out"
cp tests/vm/module/* lsm/compat.h lsm/probe.* "$out-test"
quiet "$out"
quiet "$out-test"
