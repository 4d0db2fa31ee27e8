#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# A dump of many lines, read in small pieces while the table changes, shows
# every entry that was there all the time exactly once.  Each CPU numbers its own
# connections, so the lines of two CPUs have no order.
. /vm/lib.sh
module_unload
module_load ttl=600
hammer 1 $((2 * VM_SLOW)) 127.0.0.9 7001
total=$(status connections)
tail -n +2 $fs/connections | cut -d ' ' -f 1 >"$scratch/there"
((total > 60)) || fail "only $total entries"
expect_is "entries" "$total" awk 'END { print NR }' "$scratch/there"
hammer 1 3 127.0.0.9 7002 &
dd if=$fs/connections bs=100 2>/dev/null | awk '
	NR == FNR { there[$1]; next }
	$1 == "id" { next }
	$1 in shown { print "twice: " $0; bad = 1 }
	{ shown[$1] }
	$1 in there { seen++ }
	NF != 20 { print "fields: " $0; bad = 1 }
	END { print seen; exit bad }' "$scratch/there" - >"$scratch/seen" ||
	fail "$(head -n 3 "$scratch/seen")"
wait
expect_is "entries" "$total" tail -n 1 "$scratch/seen"
module_unload
