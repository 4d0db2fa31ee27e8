#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# What is kept for each process goes when it ends, to the last one: 100,000 of
# them, or as many as start in 40 seconds unless there is time (LONG=1).  An
# emulated machine starts some 60 to 200 a second.
. /vm/lib.sh
up
policy "default deny" "allow /vm/bin/dial to $web"
mode enforce
[[ $(status identities) ]] || skip "no identities in status"
# Programs of an earlier test may still be ending.
quiet() {
	before=$(status identities)
	sleep 1
	[[ $(status identities) == "$before" ]]
}
wait_for 20 quiet || fail "identities: $(status identities), before $before"
seconds=40 least=$((500 / VM_SLOW))
((VM_SLOW < 10)) || seconds=5000 least=100000
number=$(forks 8 100000 $seconds "$scratch/smallest") || fail "forks: $number"
echo "$number processes, identities before $before"
((number >= least)) || fail "only $number processes"
settled() { [[ $(status identities) == "$before" ]]; }
wait_for 10 settled || fail "identities: $(status identities), before $before"
expect_ok dial $web 80
expect_eperm dial $other 80
