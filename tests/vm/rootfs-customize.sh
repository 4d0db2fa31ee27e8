#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Last touches to the guest's root file system in $1.
set -eu
root=$1
chroot "$root" useradd -m -u 1000 -s /bin/bash alice
chroot "$root" useradd -m -u 1001 -s /bin/bash bob
# What the examples are about runs when a test starts it.
chroot "$root" systemctl -q disable avahi-daemon.service avahi-daemon.socket \
	cron.service php8.2-fpm.service postgresql.service nginx.service \
	certbot.timer rsync.service systemd-timesyncd.service named.service \
	NetworkManager.service NetworkManager-wait-online.service || true
chroot "$root" systemctl -q mask phpsessionclean.timer e2scrub_all.timer dkms.service
# chrony and systemd-timesyncd exclude each other as packages.
(cd "$root/opt" && APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get -qq download chrony libtomcrypt1 libtommath1 &&
	for package in ./*.deb; do dpkg-deb -x "$package" "$root/opt/chrony"; done
	rm -f ./*.deb)
mkdir -p "$root/vm" "$root/lib/modules" "$root/run/sshd"
echo connwarden >"$root/etc/hostname"
printf '127.0.0.1 localhost connwarden\n::1 localhost connwarden\n' >"$root/etc/hosts"
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*
