#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Fetches a Debian kernel and packs it for the guest:
#   kernel.sh VERSION DIR    makes DIR/{vmlinuz,modules.sqfs,initrd}
# Nothing is installed on this machine.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=$1
dir=$(realpath -m "$2")

# shellcheck source=initrd.sh
. "$here/initrd.sh"

# fetch_kernel DIR: since 7.2 it is several packages, and linux-image is empty
fetch_kernel() {
	local part
	fetch "linux-image-$version" "$1"
	for part in binary modules base; do
		[[ ! $(apt-cache pkgnames "linux-$part-$version") ]] ||
			fetch "linux-$part-$version" "$1"
	done
	# /lib is a link to it on the machine that they are made for.
	[[ -d $1/lib ]] || ln -s usr/lib "$1/lib"
}

rm -rf "$dir.tmp"
mkdir -p "$dir.tmp"
cd "$dir.tmp"
fetch_kernel root
depmod -b root "$version"
mksquashfs root/lib/modules modules.sqfs -comp lz4 -noappend -no-progress -quiet
make_initrd initrd root "$version"
image=root/boot/vmlinuz-$version
[[ -f $image ]] || image=root/lib/modules/$version/vmlinuz
mv "$image" vmlinuz
rm -rf root
cd ..
rm -rf "$dir"
mv "$dir.tmp" "$dir"
