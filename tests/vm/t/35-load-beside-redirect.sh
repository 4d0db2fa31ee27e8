#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# A module that redirects a function of ours by ftrace: with provider=ftrace
# the load fails and names the function; auto takes the other provider, says so
# and refuses; who comes after us is the one that fails.
. /vm/lib.sh
in_log() { dmesg | tail -n 5 | grep -Eq "$1" || fail "not in the log: $1"; }
module_unload
insmod /vm/redirect.ko || fail "no redirect"
expect_fails 1 'busy' insmod /vm/connwarden.ko provider=ftrace
in_log 'cannot hook security_socket_connect: it is taken by a livepatch, another module'
grep -q '^security_socket_connect .* I .*\[redirect\]' /sys/kernel/tracing/enabled_functions ||
	fail "enabled_functions does not name the owner"
up provider=auto
in_log 'falls back to provider kretprobe, which root can switch off: ftrace cannot hook security_socket_connect'
expect_is "provider" kretprobe status provider
expect_is "fallback" "security_socket_connect 16" status fallback
expect_is "switchable" yes status switchable
policy "default deny" "allow any to $web port 80"
mode enforce
expect_ok dial $web 80
expect_eperm dial $other 80
expect_eperm dial -u $other6 80
policyd_stop
module_unload
rmmod redirect

# The function that must not run has no second way.
function=$(awk '$3 ~ /^(replace_mm_exe_file|prctl_set_mm_exe_file)$/ { print $3; exit }' /proc/kallsyms)
insmod /vm/redirect.ko function="$function" || fail "no redirect of $function"
for provider in auto ftrace kretprobe; do
	expect_fails 1 'busy' insmod /vm/connwarden.ko provider=$provider
	in_log "cannot hook $function: it is taken by"
done
rmmod redirect

up provider=auto
expect_is "provider" ftrace status provider
expect_is "fallback" - status fallback
expect_fails 1 'busy' insmod /vm/redirect.ko
policy "default deny"
mode enforce
expect_eperm dial $other 80
