#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A BPF program of a cgroup rewrites where connect() and sends of UDP go: the address
# that it chose is judged, not the one that the program asked for.
. /vm/lib.sh
root=/sys/fs/cgroup
mountpoint -q $root || mount -t cgroup2 none $root || skip "no cgroup2"
up
policy "default deny" "allow any to $web, $web6 port 80"
mode enforce
# in_group NAME COMMAND...
in_group() {
	local group=$root/$1
	shift
	(echo "$BASHPID" >"$group/cgroup.procs" && exec "$@")
}
send() {
	python3 - "$1" <<'P'
import errno, socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
try:
    socket.socket(family, socket.SOCK_DGRAM).sendto(b"x", (sys.argv[1], 80))
except OSError as error:
    sys.exit(errno.errorcode[error.errno])
P
}
export -f send
for pair in "$web $other" "$web6 $other6"; do
	read -r good bad <<<"$pair"
	for kind in connect sendmsg; do
		mkdir -p $root/to-bad $root/to-good
		rewrite $root/to-bad $kind "$bad" || fail "no program for $kind"
		rewrite $root/to-good $kind "$good"
		if [[ $kind == connect ]]; then
			expect_eperm in_group to-bad dial "$good" 80
			expect_ok in_group to-good dial "$bad" 80
		else
			expect_eperm in_group to-bad bash -c "send $good"
			expect_ok in_group to-good bash -c "send $bad"
		fi
		rmdir $root/to-bad $root/to-good
	done
done
