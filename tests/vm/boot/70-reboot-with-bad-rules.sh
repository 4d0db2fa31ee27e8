#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 600
# The power fails, and at the next boot a rule names a user who is not there yet:
# who is early is judged by the last good policy.  Without one, nobody is refused
# and everybody is told.
. /vm/lib.sh
rules=/etc/connwarden/rules.conf
mapfile -t early </run/early

# A policyd that writes while its files are copied is no loss of power.
no_power() {
	wait_for 20 remembered || fail "no history"
	systemctl kill -s STOP policyd
	power_fails /etc/connwarden /var/lib/connwarden
}
remembered() { policyctl history | grep -q "$other:80"; }
in_force() { policyctl status 2>/dev/null | grep -q "^daemon_in_force: $1$"; }

case $(boots_before) in
0)	cp $rules $rules.good
	echo "allow /vm/bin/dial user netuser to $other port 80" >>$rules
	no_power ;;
1)	[[ ${early[0]} == *"not permitted"* && ${early[1]} == connected ]] ||
		fail "early: ${early[*]}"
	expect_is mode enforce status mode
	in_force last-good || fail "$(policyctl status)"
	expect_fails 0 'the last good policy is in force' policyctl status
	# What was seen before the power failed is there.
	remembered || fail "no history"
	rm /var/lib/connwarden/last-good*
	no_power ;;
2)	[[ ${early[0]} == connected && ${early[1]} == connected ]] ||
		fail "early: ${early[*]}"
	expect_is mode monitor status mode
	expect_fails 1 'NOT ENFORCING' policyctl status
	expect_ok systemctl is-active -q policyd
	mv $rules.good $rules
	wait_for 90 in_force configured || fail "$(policyctl status)"
	expect_is mode enforce status mode
	expect_eperm dial $other 80 ;;
esac
