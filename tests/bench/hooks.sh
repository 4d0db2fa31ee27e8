#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What the hooks cost, in instructions, over the same kernel without the module
# (`make bench-hooks`: the VM counts instructions as time).  Every policy has the
# rule that decides at its end.
. /vm/lib.sh
allowed=127.0.0.9 denied=127.0.0.10
paths="tcp refuse accept tcp-send first send sendto close spawn"

tell() { printf '| %s\n' "$*"; }
give_up() { tell "BENCH FAILED: $*"; exit 1; }
measure() { cost $allowed $denied >"$scratch/$1" || give_up "cost: $1"; }

# rules COUNT: so many for other addresses, and those that decide
rules() {
	awk -v n="$1" 'BEGIN {
		print "default deny\nlog none"
		for (i = 2; i < n; i++)
			printf "allow /vm/bin/cost to 10.%d.%d.%d port %d proto tcp\n",
				int(i / 65536) % 256, int(i / 256) % 256, i % 256, i % 60000 + 1 }'
	echo "allow any to $allowed"
	echo "deny any to $denied nolog"
}

# The first seconds after the boot have work of their own.
sleep 3
measure bare
module_unload
module_load
policyd_start
mode monitor
measure empty
for count in 10 1000000; do
	rules $count >"$scratch/rules.conf"
	policyctl load "$scratch/rules.conf" || give_up "$count rules"
	mode enforce
	measure $count
done
# A path of 4 KiB and globs below one directory, each of which could match it;
# `first` is the connect() after exec, `setuid` one after setuid(getuid()).
mkdir -p /home/deep
for count in 0 400 4000; do
	{
		echo "default allow"
		seq -f "allow /home/**/bin%g/python* to $allowed" 1 "$count"
	} >"$scratch/rules.conf"
	policyctl load "$scratch/rules.conf" || give_up "$count globs"
	for piece in a "$(printf '%0200d' 0)"; do
		deep /home/deep "$piece" bin7/python3 cost $allowed \
			>"$scratch/deep" || give_up "deep: $count"
		tell "$count globs, directories of ${#piece}:" \
			"$(tr '\n' ' ' <"$scratch/deep")"
	done
done
policyd_stop
tell "instructions, the least of 3000; the last three on top of the bare kernel"
{
	echo "path bare module 10-rules 1000000-rules"
	for path in $paths; do
		echo "$path" "$(for run in bare empty 10 1000000; do
			sed -n "s/^$path //p" "$scratch/$run"
		done | tr '\n' ' ')"
	done
} | awk '
	# What the bare kernel does not refuse has no cost there.
	NR > 1 && $2 != "-" { for (i = 3; i <= NF; i++) if ($i != "-") $i -= $2 }
	{ printf "| %-10s %9s %9s %9s %14s\n", $1, $2, $3, $4, $5 }'
