#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A rules file with errors: all of them are shown, the policy in force stays,
# and the audit log says that a load failed.
. /vm/lib.sh
up
policy "default deny" "allow any to $web port 80"
mode enforce
generation=$(status generation)
cat >"$scratch/bad.conf" <<'R'
default deny
allow /usr/bin/curl to 10.0.0.0/33
alow /usr/bin/curl to 10.0.0.1
allow /usr/bin/curl to @nowhere port 80
allow usr/bin/curl to 10.0.0.1 port 99999
allow /usr/bin/curl to 10.0.0.1
R
audit_mark
expect_fails 1 'bad.conf:2:[0-9]+: error' policyctl load "$scratch/bad.conf"
output=$(policyctl load "$scratch/bad.conf" 2>&1)
for line in 2 3 4 5; do
	grep -q "bad.conf:$line:[0-9]*: error" <<<"$output" || fail "no error for line $line"
done
grep -q "bad.conf:6:" <<<"$output" && fail "line 6 is right"
grep -q '\^' <<<"$output" || fail "no caret"
expect_is generation "$generation" status generation
expect_ok dial $web 80
expect_eperm dial $other 80
audit_wait -m USER_MAC_POLICY_LOAD -sv no -i
grep -q 'res=failed' <<<"$found" || fail "no res=failed"
grep -q "file=$scratch/bad.conf" <<<"$found" || fail "the file is not named"
audit_mark
expect_fails 1 'No such file' policyctl load "$scratch/missing.conf"
audit_wait -m USER_MAC_POLICY_LOAD -sv no
expect_is generation "$generation" status generation
# check says the same without the daemon.
expect_fails 1 'bad.conf:2:[0-9]+: error' policyctl check "$scratch/bad.conf"
echo "allow any to $web" >"$scratch/good.conf"
expect_ok policyctl check "$scratch/good.conf"
# A minimal host has no names of services.
[[ ! -e /etc/services ]] || mv /etc/services "$scratch/services"
echo "allow any to $web port http" >"$scratch/named.conf"
expect_fails 1 "unknown service 'http': this host knows no names of services" policyctl check "$scratch/named.conf"
echo "http 80/tcp" >/etc/services
expect_ok policyctl check "$scratch/named.conf"
rm /etc/services
[[ ! -e $scratch/services ]] || mv "$scratch/services" /etc/services
# What this module cannot judge is refused, not ignored.
echo "allow any to host www.example.org" >"$scratch/host.conf"
expect_fails 1 'host.conf:1:14: error: destination .host. cannot be judged' policyctl load "$scratch/host.conf"
