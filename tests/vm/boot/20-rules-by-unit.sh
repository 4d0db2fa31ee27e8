#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A service may what its unit may, a shell may not; who did what is remembered
# with the unit.
. /vm/lib.sh
expect_ok systemd-run -q --wait --unit fetch curl -sS "http://$other/"
expect_fails 7 . curl -sS "http://$other/"
systemd-run -q --wait --unit steal curl -sS "http://$other/" && fail "steal may"
remembered() { policyctl who "$other:80" >"$scratch/who" && grep -q steal.service "$scratch/who"; }
wait_for 20 remembered || fail "who: $(cat "$scratch/who")"
grep -q fetch.service "$scratch/who" || fail "who: $(cat "$scratch/who")"
