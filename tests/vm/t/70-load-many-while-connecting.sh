#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 180
# 100,000 rules go in force in one transaction while clients connect: every
# connection is judged by the old policy or by the new one, and both answer.
. /vm/lib.sh
up
policy "default deny" "log none" "allow /vm/bin/hammer to 127.0.0.9 port 7001"
awk 'BEGIN {
	print "default deny\nlog none"
	for (i = 0; i < 100000; i++)
		printf "allow /usr/bin/p%d to 10.%d.%d.%d port %d\n", i % 100,
			i / 65536, i / 256 % 256, i % 256, 1 + i % 60000
	print "allow /vm/bin/hammer to 127.0.0.9 port 7002"
}' >"$scratch/many.conf"
mode enforce
first=$(status generation)
hammer 2 $((30 * VM_SLOW)) 127.0.0.9 7001 7002 >"$scratch/hammer" &
expect_ok policyctl load "$scratch/many.conf"
expect_is rules 100001 status rules
expect_is generation $((first + 1)) status generation
kill $!
awk -v first="$first" '
	$NF != "/vm/bin/hammer" || $13 < first { next }
	{
		split($6, remote, ":")
		old = $13 == first
		want = old ? (remote[2] == 7001 ? "allow 0" : "deny -") \
			   : (remote[2] == 7001 ? "deny -" : "allow 100000")
		seen[old " " remote[2]]++
		if ($11 " " $12 != want) { print "mixed: " $0; bad = 1 }
	}
	END {
		for (kind in seen) print kind ": " seen[kind]
		exit bad
	}' $fs/connections || fail "a connection was judged by a mixture"
cp /vm/bin/dial /usr/bin/p7
expect_eperm /usr/bin/p7 10.0.0.7 9
expect_eperm dial 10.0.0.7 8
# Nobody answers there.
/usr/bin/p7 10.0.0.7 8 &
by_rule_7() { grep -q ' 10.0.0.7:8 .* allow 7 .*/usr/bin/p7$' $fs/connections; }
wait_for 10 by_rule_7 || fail "rule 7 does not allow what it says"
kill $!
