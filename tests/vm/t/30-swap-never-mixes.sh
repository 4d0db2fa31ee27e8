#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# Policies are swapped while four clients connect as fast as they can.  Each
# policy gives other verdicts by rules of other numbers, so an entry judged by
# parts of two of them would show.
. /vm/lib.sh
up
printf '%s\n' "default deny" "log none" \
	"allow /vm/bin/hammer to 127.0.0.9 port 7001" \
	"deny any to 127.0.0.9 port 7002" "deny any to any" >"$scratch/one"
printf '%s\n' "default deny" "log none" "deny any to 192.0.2.1" \
	"deny any to 192.0.2.2" "deny any to 127.0.0.9 port 7001" \
	"allow /vm/bin/hammer to 127.0.0.9 port 7002" >"$scratch/two"
# Compiled once, then written as blobs: the swaps are to be many.
policyctl load "$scratch/two" 2>/dev/null && cp $fs/policy "$scratch/two.blob" || fail "load"
policyctl load "$scratch/one" 2>/dev/null && cp $fs/policy "$scratch/one.blob" || fail "load"
first=$(status generation)
mode enforce
denied=$(status denied) allowed=$(status allowed)
hammer 4 $((10 * VM_SLOW)) 127.0.0.9 7001 7002 >"$scratch/hammer" &
swaps=0
while kill -0 $! 2>/dev/null; do
	dd bs=1M if="$scratch/two.blob" of=$fs/policy 2>/dev/null || fail "load"
	dd bs=1M if="$scratch/one.blob" of=$fs/policy 2>/dev/null || fail "load"
	((swaps += 2))
done
wait $! || fail "$(cat "$scratch/hammer")"
cat "$scratch/hammer"
echo "$swaps swaps"
((swaps >= 10)) || fail "only $swaps swaps"
# What the clients saw is what was counted, and what the table says.
read -r _ hammer_allowed _ hammer_denied _ _ <"$scratch/hammer"
expect_is "denials" $((denied + hammer_denied)) status denied
expect_is "allowed" $((allowed + hammer_allowed)) status allowed
awk -v first="$first" '
	$NF != "/vm/bin/hammer" || $13 < first { next }
	{
		split($6, remote, ":")
		one = ($13 - first) % 2 == 0
		want = one ? (remote[2] == 7001 ? "allow 0" : "deny 1") \
			   : (remote[2] == 7001 ? "deny 2" : "allow 3")
		seen[one " " remote[2]]++
		if ($11 " " $12 != want) { print "mixed: " $0; bad = 1 }
	}
	END {
		for (kind in seen) print kind ": " seen[kind]
		exit bad || length(seen) != 4
	}' $fs/connections || fail "a connection was judged by a mixture"
