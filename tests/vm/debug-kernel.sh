#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds the debug kernel from Debian's source package and packs it for the
# guest:
#   debug-kernel.sh VERSION DIR
# makes DIR/{vmlinuz,initrd,arguments,release} and DIR/linux, the tree to build
# modules against, from VERSION of the source package, and deletes what is
# beside DIR.
# About ten minutes of processor time.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=$1
dir=$(realpath -m "$2")
package=linux-source-${version%%.*}.$(cut -d . -f 2 <<<"$version")
log=$dir.log

# shellcheck source=initrd.sh
. "$here/initrd.sh"

unpack_source() {
	fetch "$package=$version" source
	mkdir linux
	tar -C linux -xf "source/usr/src/$package.tar.xz" --strip-components=1
	rm -rf source
}

# Fails when Kconfig drops a line of debug.config.
configure() {
	make -s -C linux tinyconfig
	(
		cd linux
		scripts/kconfig/merge_config.sh -m .config "$here/debug.config"
		make -s olddefconfig
	)
	if grep CONFIG "$here/debug.config" | grep -vxFf linux/.config; then
		echo "debug-kernel.sh: this kernel does not have the options above" >&2
		return 1
	fi
}

# A module build needs no object files.
remove_objects() {
	find linux -name '*.[oa]' -not -path 'linux/scripts/*' -not -path 'linux/tools/*' -delete
	rm -f linux/vmlinux linux/.tmp_vmlinux*
}

build() {
	unpack_source
	configure
	nice make -s -C linux -j"$(nproc)" bzImage modules
	cp linux/arch/x86/boot/bzImage vmlinuz
	make_initrd initrd
	cp linux/include/config/kernel.release release
	echo "kmemleak=on" >arguments
	remove_objects
}

show_log_of_failure() {
	[[ $? == 0 ]] || tail -n 30 "$log" >&2
}

rm -rf "$(dirname "$dir")"
mkdir -p "$dir.tmp"
cd "$dir.tmp"
echo "debug-kernel.sh: about ten minutes; log: $log"
trap show_log_of_failure EXIT
build >"$log" 2>&1
cd ..
mv "$dir.tmp" "$dir"
