#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A host that is installed by the README has no problem.
. /vm/lib.sh
policyctl doctor >"$scratch/doctor" || fail "a problem: $(<"$scratch/doctor")"
for check in boot-policyd boot-mode mode policy rules-file auditd audit-boot \
	audit-companions history events; do
	grep -q "^$check ok"$'\t' "$scratch/doctor" ||
		fail "$(grep "^$check" "$scratch/doctor")"
done
