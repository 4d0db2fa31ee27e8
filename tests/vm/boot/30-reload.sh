#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# systemctl reload takes rules or says what is wrong with them; rules can be
# loaded from where administrators have them, in spite of the unit's sandbox.
. /vm/lib.sh
rules=/etc/connwarden/rules.conf
cp $rules "$scratch/rules"
expect_eperm dial $other 80
echo "allow /vm/bin/dial to $other" >>$rules
expect_ok systemctl reload policyd
expect_ok dial $other 80
generation=$(status generation)
echo "alow any to any" >>$rules
systemctl reload policyd 2>/dev/null && fail "bad rules are loaded"
in_journal() { journalctl -u policyd | grep -q "$rules:7:1: error"; }
wait_for 10 in_journal || fail "not in the journal"
expect_is generation "$generation" status generation
expect_ok dial $other 80
cp "$scratch/rules" $rules
expect_ok systemctl reload policyd
expect_eperm dial $other 80
for directory in /tmp /root /home/alice; do
	cp "$scratch/rules" $directory/rules.conf
	expect_ok policyctl load $directory/rules.conf
done
