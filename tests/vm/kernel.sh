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

rm -rf "$dir.tmp"
mkdir -p "$dir.tmp"
cd "$dir.tmp"
fetch "linux-image-$version" root
depmod -b root "$version"
mksquashfs root/lib/modules modules.sqfs -comp lz4 -noappend -no-progress -quiet
make_initrd initrd root "$version"
mv "root/boot/vmlinuz-$version" vmlinuz
rm -rf root
cd ..
rm -rf "$dir"
mv "$dir.tmp" "$dir"
