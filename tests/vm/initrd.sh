# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Sourced by kernel.sh and debug-kernel.sh: how an initial RAM disk is made.

# What the guest needs before it has its root file system.
boot_modules="virtio_pci virtio_blk virtio_console squashfs overlay"

# fetch PACKAGE DIR: unpacks a Debian package into DIR, installs nothing.
fetch() {
	local deb
	deb=$(mktemp -d "${TMPDIR:-/tmp}/cw-fetch.XXXXXX")
	(cd "$deb" && apt-get -qq -o APT::Sandbox::User=root download "$1")
	mkdir -p "$2"
	dpkg-deb -x "$deb"/*.deb "$2"
	rm -rf "$deb"
}

# make_initrd OUT [MODULES_ROOT VERSION]: modules come first in load order.
make_initrd() {
	local out=$1 root=${2-} version=${3-} tree module plain
	tree=$(mktemp -d "${TMPDIR:-/tmp}/cw-initrd.XXXXXX")
	mkdir -p "$tree"/{bin,dev,proc,root,modules,lower,upper}
	fetch busybox-static "$tree/busybox"
	find "$tree/busybox" -path '*/bin/busybox' -exec mv -t "$tree/bin" {} +
	rm -r "$tree/busybox"
	# shellcheck disable=SC2154 # set by the script that sources this
	cp "$here/initrd-init" "$tree/init"
	: >"$tree/modules/order"
	if [[ $root ]]; then
		# shellcheck disable=SC2086 # a list
		modprobe -d "$root" -S "$version" --show-depends -a $boot_modules |
		awk '$1 == "insmod" && !seen[$2]++ { print $2 }' |
		while read -r module; do
			plain=$(basename "$module" .xz)
			# Debian compresses them since 6.12.
			xz -dcf "$module" >"$tree/modules/$plain"
			echo "$plain" >>"$tree/modules/order"
		done
	fi
	(cd "$tree" && find . | cpio --quiet -o -H newc -R 0:0) >"$out"
	rm -rf "$tree"
}
