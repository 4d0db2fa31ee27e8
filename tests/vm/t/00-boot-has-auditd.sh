#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The guest is what the other tests take for granted: real auditd, no loss.
. /vm/lib.sh
expect_is "audit enabled" "enabled 1" sh -c 'auditctl -s | grep ^enabled'
auditctl -s | grep -q '^pid [1-9]' || fail "no auditd"
expect_is "alice's login id" $alice as alice cat /proc/self/loginuid
audit_mark
auditctl -m "hello from the test" || fail "cannot send a record"
audit_wait -m USER
[[ $found == *"hello from the test"* ]] || fail "record has another text"
