#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What the hooks cost, in instructions, over the same kernel without the module
# (`make bench-hooks`: the VM counts instructions as time).  Every policy has the
# rule that decides at its end.
. /vm/lib.sh
allowed=127.0.0.9 denied=127.0.0.10
paths="tcp refuse accept tcp-send tcp-recv first send sendto udp-recv unix-send close spawn process"
runs="bare empty 10 1000000 subjects until full"

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
[[ $(status generation) == 0 ]] || give_up "there is a policy"
mode monitor
measure empty
for count in 10 1000000; do
	rules $count >"$scratch/rules.conf"
	policyctl load "$scratch/rules.conf" || give_up "$count rules"
	mode enforce
	measure $count
done
# 4,000 left-hand sides with this program
{
	seq -f "allow /vm/bin/cost user %.0f to 10.0.0.1" 100001 104000
	rules 10
} >"$scratch/rules.conf"
policyctl load "$scratch/rules.conf" || give_up "4000 subjects"
measure subjects
# A rule that ends has each datagram judged anew and no answer kept, so `sendto` is
# the decision and the look at the flow's entry.
{
	rules 10
	echo "allow any to 10.0.0.1 until 2099-01-01T00:00:00Z"
} >"$scratch/rules.conf"
policyctl load "$scratch/rules.conf" || give_up "until"
measure until
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
# The first of these runs fills the table.
module_unload
module_load max_connections=1000
policyd_start
rules 10 >"$scratch/rules.conf"
policyctl load "$scratch/rules.conf" || give_up "full"
mode enforce
measure full
measure full
(($(status evicted) > 10000)) || give_up "the table is not full: $(status evicted) evicted"
policyd_stop
tell "instructions, the least of 3000; all but the first on top of the bare kernel"
{
	echo "path bare no-policy 10-rules 1000000 subjects until full"
	for path in $paths; do
		echo "$path" "$(for run in $runs; do
			sed -n "s/^$path //p" "$scratch/$run"
		done | tr '\n' ' ')"
	done
} | awk '
	# What the bare kernel does not refuse has no cost there.
	NR > 1 && $2 != "-" { for (i = 3; i <= NF; i++) if ($i != "-") $i -= $2 }
	{ printf "| %-10s %9s %9s %9s %9s %9s %9s %9s\n", $1, $2, $3, $4, $5, $6, $7, $8 }'
