#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 150
# TCP, MPTCP, SMC, DCCP, Fast Open, UDP, UDP-Lite, ping: every way in, by a user
# without privileges, refused in enforce mode and recorded in monitor mode.
# shellcheck disable=SC2034 # for bypass.sh
. /vm/lib.sh
. /vm/bypass.sh
modprobe -a smc dccp_ipv6 2>/dev/null
bypass_up
who=(as alice) families=(v4 v6 mapped)
check_doors 'connect*' 'fastopen*' 'udp*' 'ping*'
# Not a way in: whoever leaves is always let go.
policy "default deny" "allow /vm/bin/door to $spare, $spare6"
mode enforce
for family in "${families[@]}"; do
	doors "${denied_to[$family]}" "${spare_to[$family]}" unspec-disconnect
	if [[ ${answer_of[unspec-disconnect]} == 0 ]]; then
		row unspec-disconnect $family "let go"
	else
		wrong unspec-disconnect $family "answer ${answer_of[unspec-disconnect]}"
	fi
done
finish
