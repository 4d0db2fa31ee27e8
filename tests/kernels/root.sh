#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Makes a Debian with the headers of a kernel and the compiler that built it:
#   root.sh DIR KERNEL RELEASE SUITE FLAVOUR
# SUITE is RELEASE itself, or one beside it, as RELEASE-backports.  Of the kernels of
# this flavour whose release begins with KERNEL the newest one is taken.  Mirrors and apt settings are those of
# this machine.  DIR/release, which has the kernel's release, is written last.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dir=$(realpath -m "$1") kernel=$2 release=$3 suite=$4 flavour=$5

# shellcheck source=tests/vm/sources.sh
. "$here/../vm/sources.sh"

# other_sources: the main and the security suite of $release, and $suite.
other_sources() {
	local mine
	mine=$(suite)
	sources | grep -e " $mine main" -e " $mine-security main" | sed "s/ $mine/ $release/"
	[[ $suite == "$release" || $suite == "$release-security" ]] ||
		sources | grep " $mine main" | sed "s/ $mine/ $suite/"
}

# in_root COMMAND...: with what apt needs of /proc
in_root() { unshare -pf --mount-proc="$dir/root/proc" chroot "$dir/root" "$@"; }

newest() {
	in_root apt-cache pkgnames "linux-headers-$kernel" |
		sed -n "s/^linux-headers-\([0-9.+deb-]*-$flavour\)\$/\1/p" | sort -V | tail -n 1
}

mkdir -p "$dir"
rm -rf "$dir/root" "$dir/release"
apt_settings >"$dir/apt.conf"
other_sources | mmdebstrap --quiet --variant=apt --skip=cleanup/apt \
	--include=gcc,make,libc6-dev,kmod \
	--aptopt="$dir/apt.conf" --aptopt='APT::Install-Recommends "false"' \
	"$release" "$dir/root" -
version=$(newest)
# Only backports have to be asked for.
target=()
[[ $suite != *-backports ]] || target=(-t "$suite")
in_root env DEBIAN_FRONTEND=noninteractive \
	apt-get -qq -y --no-install-recommends "${target[@]}" \
	install "linux-headers-$version" >/dev/null
echo "$version" >"$dir/release"
