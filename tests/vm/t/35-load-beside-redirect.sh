#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# A module that redirects a function of ours by ftrace: the load fails and names
# the function; who comes after us is the one that fails.
. /vm/lib.sh
module_unload
functions=(tcp_fastopen_defer_connect ip_send_skb)
functions+=("$(awk '$3 ~ /^(replace_mm_exe_file|prctl_set_mm_exe_file)$/ { print $3; exit }' /proc/kallsyms)")
for function in "${functions[@]}"; do
	insmod /vm/redirect.ko function="$function" || fail "no redirect of $function"
	log_mark
	expect_fails 1 'busy' insmod /vm/connwarden.ko
	in_log "cannot hook $function: it is taken by a livepatch, another module"
	grep -q "^$function .* I .*\[redirect\]" /sys/kernel/tracing/enabled_functions ||
		fail "enabled_functions does not name the owner"
	rmmod redirect
done

up
for function in "${functions[@]}"; do
	expect_fails 1 'busy' insmod /vm/redirect.ko function="$function"
done
policy "default deny" "allow any to $web port 80"
mode enforce
expect_ok dial $web 80
expect_eperm dial $other 80
expect_eperm dial -u $other6 80
