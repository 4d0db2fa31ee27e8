#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Makes the guest's root file system, a squashfs of a real Debian:
#   rootfs.sh OUT.sqfs KERNEL
# KERNEL is the release whose headers it has, for DKMS.
# Suites, mirrors and apt settings are those of this machine.
set -euo pipefail
here=$(dirname "$0")
out=$1 kernel=$2

# shellcheck source=sources.sh
. "$here/sources.sh"

packages() {
	sed 's/#.*//' "$here/packages" | xargs | tr ' ' ,
}

# Another work tree of this repository may have made it: its name says from what.
from_another_tree() {
	local tree
	while read -r tree; do
		ln -f "$tree/build/vm/${out##*/}" "$out" 2>/dev/null && return
	done < <(git worktree list --porcelain 2>/dev/null | sed -n 's/^worktree //p')
	return 1
}

! from_another_tree || exit 0
work=$(mktemp -d "${TMPDIR:-/tmp}/cw-rootfs.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
apt_settings >"$work/apt.conf"

sources | mmdebstrap --quiet --variant=apt --include="$(packages),linux-headers-$kernel" \
	--aptopt="$work/apt.conf" \
	--aptopt='APT::Install-Recommends "false"' \
	--dpkgopt='path-exclude=/usr/share/doc/*' \
	--dpkgopt='path-exclude=/usr/share/man/*' \
	--dpkgopt='path-exclude=/usr/share/locale/*' \
	--dpkgopt='path-exclude=/usr/share/i18n/*' \
	--dpkgopt='path-exclude=/usr/include/*' \
	--dpkgopt='path-exclude=/usr/lib/*/*.a' \
	--dpkgopt='path-exclude=/usr/lib/*/libLLVM*' \
	--dpkgopt='path-exclude=/usr/lib/*/libz3.so*' \
	--dpkgopt='path-exclude=/usr/lib/llvm-*' \
	--dpkgopt='path-exclude=/usr/lib/postgresql/*/lib/bitcode/*' \
	--customize-hook="$here/rootfs-customize.sh \"\$1\"" \
	"$(suite)" "$work/root" -
# Not compressed: a debug kernel takes longest to unpack.
mksquashfs "$work/root" "$out.tmp" -noI -noD -noF -noX -noappend -no-progress -quiet
find "$(dirname "$out")" -name 'root-*.sqfs' -delete
mv "$out.tmp" "$out"
