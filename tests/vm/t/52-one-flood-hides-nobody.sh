#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 180
# While a user is refused tens of thousands of connections to 2,000 ports, each
# refusal of root and of another user has a record of its own; and the numbers add
# up for each of them.
. /vm/lib.sh
module_unload
up
auditctl -D >/dev/null
auditctl -R /vm/audit.rules >/dev/null
policy "default deny"
mode enforce
audit_mark
as alice hammer 2 600 127.0.0.9 $(seq 7000 8999) &
hammer=$!
owner() { awk -v uid="$1" -v key="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
	$1 == uid { print $at[key] }' $fs/owners; }
flooded() { (($(owner 1000 decisions) > 3000)); }
wait_for 60 flooded || fail "no flood: $(cat $fs/owners)"
for port in {9001..9010}; do
	expect_eperm dial 127.0.0.9 "$port"
	((port > 9004)) || expect_eperm as bob dial 127.0.0.9 "$port"
done
flood=$(pgrep -u alice -x hammer) || fail "the flood was over before"
# shellcheck disable=SC2086 # one word each
kill $flood
wait $hammer
# records UID: single ones, by destination
records() {
	audit_find -m AVC --raw | grep " uid=$1 .*dest=90[01][0-9] " | grep -v " op=" |
		grep -o 'dest=[0-9]*' | sort -u | wc -l
}
has_all() { [[ $(records 0) == 10 && $(records 1001) == 4 ]]; }
wait_for 20 has_all || fail "records: $(records 0) of 10 of root, $(records 1001) of 4 of bob"
wait_for 60 all_told || fail "still pending: $(status pending)"
for uid in 0 1000 1001; do
	expect_is "sum of $uid" "$(owner $uid decisions)" \
		echo $(($(owner $uid logged) + $(owner $uid suppressed) + $(owner $uid pending)))
done
sum_of() { awk -v key="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	{ sum += $at[key] } END { print sum }' $fs/owners; }
expect_is "logged" "$(status logged)" sum_of logged
expect_is "suppressed" "$(status suppressed)" sum_of suppressed
expect_is "decisions" "$(status denied)" sum_of decisions
