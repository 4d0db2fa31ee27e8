#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Packs the kernel of a Debian that root.sh made, for the VM:
#   image.sh DIR OUT
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dir=$(realpath "$1") out=$2

# This machine's apt, with what the other Debian knows.
cat >"$dir/apt-of-root.conf" <<A
#include "$dir/apt.conf";
Dir "$dir/root";
Dir::State::status "$dir/root/var/lib/dpkg/status";
A
APT_CONFIG=$dir/apt-of-root.conf "$here/../vm/kernel.sh" "$(<"$dir/release")" "$out"
