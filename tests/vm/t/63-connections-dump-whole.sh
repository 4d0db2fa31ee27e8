#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# A dump of many lines, read in small pieces while the table changes, shows
# every entry that was there all the time exactly once, in order.
. /vm/lib.sh
module_unload
module_load ttl=600
hammer 1 $((2 * VM_SLOW)) 127.0.0.9 7001
total=$(status connections)
last=$(tail -n 1 $fs/connections | cut -d ' ' -f 1)
((total > 60)) || fail "only $total entries"
hammer 1 3 127.0.0.9 7002 &
dd if=$fs/connections bs=100 2>/dev/null | awk -v last="$last" '
	NR > 1 && $1 + 0 <= before + 0 { print "out of order: " $0; bad = 1 }
	NR > 1 { before = $1 }
	NR > 1 && $1 + 0 <= last + 0 { seen++ }
	NF != 20 { print "fields: " $0; bad = 1 }
	END { print seen; exit bad }' >"$scratch/seen" || fail "$(head -n 3 "$scratch/seen")"
wait
expect_is "entries" "$total" tail -n 1 "$scratch/seen"
module_unload
