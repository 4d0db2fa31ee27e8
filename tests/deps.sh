#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Installs the Debian packages that are needed:
#   deps.sh build	to build module, policyd and policyctl
#   deps.sh demo	for that and to boot the VM
#   deps.sh		for all tests as well
# Does nothing when they are there; needs root or sudo when they are not.
set -euo pipefail

packages=(
	gcc libc6-dev linux-headers-cloud-amd64 pkg-config
	libsystemd-dev libaudit-dev libcap-ng-dev libsmartcols-dev nettle-dev libsqlite3-dev
	libjansson-dev libncurses-dev libnftables-dev libunistring-dev
)
vm=(
	# images, QEMU
	mmdebstrap squashfs-tools cpio kmod xz-utils qemu-system-x86
)
tests=(
	# unit tests
	check libsubunit-dev netbase lcov zsh
	# fuzzing
	clang libclang-rt-dev
	# debug kernel
	bison flex bc libelf-dev
	# the page of policyctl graph, pictures
	chromium fonts-dejavu-core graphviz python3
	# style, analyze
	shellcheck cppcheck clang-tidy sparse
)
case ${1-all} in
build)	;;
demo)	packages+=("${vm[@]}") ;;
all)	packages+=("${vm[@]}" "${tests[@]}") ;;
*)	sed -n 's/^# \{0,1\}//; 3,/deps.sh\t/p' "$0" >&2
	exit 2 ;;
esac

is_installed() {
	dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed
}

# The guest runs the kernel whose headers are installed here, so that version
# must still be in the archive.
kernel_is_available() {
	local headers
	headers=$(dpkg-query -W -f '${Depends}' linux-headers-cloud-amd64 2>/dev/null |
		grep -o 'linux-headers-[0-9][^ ]*' | head -n 1)
	[[ $headers ]] && apt-cache show "linux-image-${headers#linux-headers-}" >/dev/null 2>&1
}

as_root() {
	if [[ $(id -u) == 0 ]]; then "$@"; else sudo "$@"; fi
}

missing=()
for package in "${packages[@]}"; do
	is_installed "$package" || missing+=("$package")
done
[[ ${#missing[@]} != 0 ]] || kernel_is_available || missing=(linux-headers-cloud-amd64)
if [[ ${#missing[@]} == 0 ]]; then
	echo "deps: all ${#packages[@]} packages are installed"
	exit
fi
echo "deps: installing ${missing[*]}"
as_root apt-get -qq update
as_root env DEBIAN_FRONTEND=noninteractive \
	apt-get -qq -y --no-install-recommends install "${missing[@]}" >/dev/null
