#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# An unprivileged user can put any file at /usr/bin/curl in a mount namespace
# of his own; a plain path rule does not match what runs there.
. /vm/lib.sh
up
policy "default deny" "allow /usr/bin/curl to $web"
mode enforce
expect_ok as alice curl -sS --max-time 5 http://$web/
cp /vm/bin/dial /tmp/evil
chmod 755 /tmp/evil
expect_eperm as alice unshare -U -r -m sh -c \
	"mount --bind /tmp/evil /usr/bin/curl && exec /usr/bin/curl $web 80"
# The same in a root directory of his own.
mkdir -p /tmp/jail/usr/bin
cp /vm/bin/dial /tmp/jail/usr/bin/curl
expect_eperm chroot /tmp/jail /usr/bin/curl $web 80
