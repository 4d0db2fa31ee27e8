#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# enforce with no policy loaded would refuse everything: it is refused.
. /vm/lib.sh
module_unload
module_load
rm -f /etc/connwarden/rules.conf
policyd_start
expect_is generation 0 status generation
expect_fails 1 'no policy' policyctl mode enforce
expect_is mode monitor status mode
expect_ok dial $web 80
policy "default deny"
expect_ok policyctl mode enforce
expect_eperm dial $web 80
expect_fails 2 . policyctl mode sometimes
echo sometimes 2>/dev/null >$fs/mode && fail "taken: sometimes"
expect_is mode enforce status mode
