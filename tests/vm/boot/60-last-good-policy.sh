#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 300
# A boot at which the configured rules cannot be loaded: the last good policy is
# in force at once, everybody is told, and the rules are in force as soon as
# they can be.
. /vm/lib.sh
# Only the first boot has somebody who could be early.
rm -f /etc/systemd/system/policyd.service.d/late.conf
systemctl daemon-reload
rules=/etc/connwarden/rules.conf
cp $rules "$scratch/rules"

# boot: as after one, with these rules behind the good ones
boot() {
	cp "$scratch/rules" $rules
	printf '%s\n' "$@" >>$rules
	boot_again
}

boot_again() {
	expect_ok systemctl stop policyd
	rmmod connwarden || fail "rmmod"
	audit_mark
	expect_ok systemctl start policyd
}

protected() {
	expect_is mode enforce status mode
	expect_eperm dial $other 80
	expect_ok dial $web 80
}

in_force() { policyctl status 2>/dev/null | grep -q "^daemon_in_force: $1$"; }

# What a package, a directory service or an editor may do to a boot.
for line in "allow /vm/bin/dial user netuser to $other port 80" \
	"allow any group netgroup to any" "allow any to any port netservice" \
	"alow any to any" 'include "gone.conf"'; do
	boot "$line"
	in_force last-good || fail "with $line: $(policyctl status)"
	protected
done
rm $rules
boot_again
in_force last-good || fail "without rules: $(policyctl status)"
protected

# It is said wherever somebody may look.
boot "allow /vm/bin/dial user netuser to $other port 80"
protected
expect_fails 0 'the last good policy is in force' policyctl status
[[ $(policyctl status --json) == *'"in_force":"last-good"'* ]] || fail "not in JSON"
[[ $(systemctl show -P StatusText policyd) == "The last good policy is in force"* ]] ||
	fail "unit: $(systemctl show -P StatusText policyd)"
journalctl -b -u policyd | grep -q "this is the last good policy" || fail "not in the journal"
expect_fails 1 'in-force problem' policyctl doctor
audit_wait -m USER_MAC_POLICY_LOAD -sv no
audit_wait -m USER_MAC_POLICY_LOAD -sv yes
[[ $found == *last-good* ]] || fail "audit does not say which"

# The user is there: nobody has to ask for another load.
useradd -m netuser || fail "no user"
wait_for 90 in_force configured || fail "not tried again: $(policyctl status)"
expect_is mode enforce status mode
expect_ok as netuser dial $other 80
expect_eperm dial $other 80
policyctl status | grep -q '^daemon_rules_failing: -$' || fail "still trying"

# A policyd that is started again does not touch what is in force.
echo nonsense >>$rules
expect_ok systemctl restart policyd
in_force kept || fail "not kept: $(policyctl status)"
expect_ok as netuser dial $other 80

# Neither good rules nor a last good policy: nothing is made up, and nobody can
# miss it.
expect_ok systemctl stop policyd
rm -f /var/lib/connwarden/last-good*
rmmod connwarden || fail "rmmod"
audit_mark
expect_ok systemctl start policyd
expect_is mode monitor status mode
expect_fails 1 'NOT ENFORCING' policyctl status
[[ $(systemctl show -P StatusText policyd) == "NOT ENFORCING"* ]] ||
	fail "unit: $(systemctl show -P StatusText policyd)"
audit_wait -m USER_MAC_STATUS -sv no
expect_fails 1 'no policy is in force' policyctl load
cp "$scratch/rules" $rules
wait_for 90 in_force configured || fail "not tried again: $(policyctl status)"
protected
userdel -r netuser 2>/dev/null
boot
