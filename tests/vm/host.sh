#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# PID 1 of the guest until it is systemd, which boots it as a host that an
# administrator has installed by the README: policyd enabled, to enforce after
# the boot.  The network comes up when a packet filter would be ready for it;
# what it lets through at once is left in /run/early.  Then run.sh does the rest.
units=/etc/systemd/system

# The disk on which a boot finds what the one before it has left.
for serial in /sys/block/vd*/serial; do
	[[ $(<"$serial") == keep ]] || continue
	disk=${serial#/sys/block/}
	ln -s "/dev/${disk%/serial}" /run/keep
done
# shellcheck source=/dev/null
. /vm/options

# unit NAME, from standard input
unit() { cat >"$units/$1"; }

install -m 644 -t /lib/systemd/system /vm/policyd.service
install -m 640 /vm/audit.rules /etc/audit/rules.d/70-connwarden.rules
# The directory of modules is the kernel's, read-only: the module is installed
# above it, where doctor finds it, and loaded from where the tests have it.
above=/lib/modules.above
mkdir -p $above
mount -t tmpfs above $above
mkdir $above/upper $above/work
mount -t overlay -o lowerdir=/lib/modules,upperdir=$above/upper,workdir=$above/work \
	modules /lib/modules
install -D -m 644 /vm/connwarden.ko "/lib/modules/$(uname -r)/extra/connwarden.ko"
# shellcheck disable=SC2154 # from the options
echo "install connwarden /sbin/insmod /vm/connwarden.ko" >/etc/modprobe.d/connwarden.conf
echo "POLICYD_OPTIONS=--enforce" >/etc/default/policyd
cat >/etc/connwarden/rules.conf <<'END'
default deny
log deny
allow any to @loopback
allow /vm/bin/dial to 203.0.113.7 port 80
allow /usr/bin/curl unit fetch.service to 203.0.113.8 port 80 proto tcp as "fetch"
END

# Who does not wait for policyd is early.
mkdir -p $units/policyd.service.d
unit policyd.service.d/late.conf <<'END'
[Service]
ExecStartPre=/bin/sleep 3
END

unit network-of-test.service <<'END'
[Unit]
DefaultDependencies=no
After=network-pre.target local-fs.target
Wants=network-pre.target
Before=network.target sysinit.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/vm/net.sh
ExecStartPost=-/bin/sh -c "/vm/bin/dial 203.0.113.8 80; /vm/bin/dial 203.0.113.7 80"
StandardOutput=file:/run/early
StandardError=file:/run/early
END

unit run-test.service <<'END'
[Unit]
After=multi-user.target
[Service]
ExecStart=/vm/run.sh
Environment=PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 TERM=linux
StandardOutput=tty
StandardError=tty
TTYPath=/dev/console
KillMode=none
END

mkdir -p "$units"/{sysinit,multi-user}.target.wants
ln -s "$units/network-of-test.service" /lib/systemd/system/policyd.service \
	"$units/sysinit.target.wants"
ln -s "$units/run-test.service" "$units/multi-user.target.wants"
# What would only take time.
for name in getty@tty1 serial-getty@ttyS0 e2scrub_reap ssh nginx; do
	ln -sf /dev/null "$units/$name.service"
done
# At the first boot there is nothing, which is an archive as well.  Whoever boots
# without having left something, as after a panic, must not go on.
left=/var/lib/vm-test
if [[ -e /run/keep ]]; then
	tar -C / -xf /run/keep
	if [[ -e $left/unplanned ]]; then
		echo "host: a reboot that nobody wanted"
		echo o >/proc/sysrq-trigger
		sleep 60
	fi
	mkdir -p $left
	touch $left/unplanned
	tar -C / -cf /run/keep "${left#/}/unplanned"
	rm $left/unplanned
fi
exec /lib/systemd/systemd --show-status=no
