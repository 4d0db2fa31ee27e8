#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 180
# The address of a datagram may change after the system call began: by a cork, by
# threads that connect the socket elsewhere.  Nothing reaches who is denied.
# shellcheck disable=SC2034 # for bypass.sh
. /vm/lib.sh
. /vm/bypass.sh
bypass_up
policy "default deny" "allow /vm/bin/door to $web, $spare, $web6, $spare6"
for family in v4 v6 mapped; do
	who=(as alice)
	# Over IPv6 what is corked goes to the address that came first.
	[[ $family == v6 ]] ||
		no_packet $family late-cork-option late-cork-more late-cork-named
	no_packet $family late-race-udp
	[[ $family != mapped ]] || continue
	no_packet $family late-race-ping
	who=()
	no_packet $family late-race-raw
done
finish
