#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# A socket that an allowed program made and another one uses: over exec(), by
# SCM_RIGHTS, by pidfd_getfd().  Whoever connects or names an address is judged
# himself, also on a socket from which the maker was let through; what the
# maker connected may be used, and is recorded as the maker's.
. /vm/lib.sh
. /vm/bypass.sh
bypass_up
evil=/home/alice/handover
install -m 755 /vm/bin/handover $evil
policy "default deny" "allow /vm/bin/handover to $web"
ways=(exec scm pidfd) uses=(connect sendto again write)

hand() { as alice handover $1 $2 $web 80 $3 2>&1; }

declare -A refused
mode enforce
for way in "${ways[@]}"; do
	for use in "${uses[@]}"; do
		refused[$way-$use]=$(hand $way $use $evil)
		[[ $use != write ]] || maker=$(last_out)
		expect_is "the twin of $way $use" used hand $way $use /vm/bin/handover
	done
	if [[ ${refused[$way-write]} == used &&
			$maker == *" $web:80 "*' allow 0 '*' /vm/bin/handover' ]]; then
		known "socket-by-$way-write" v4 recorded B7 "descriptor passed on"
	else
		wrong "socket-by-$way-write" v4 "${refused[$way-write]}: $maker"
	fi
done
mode monitor
for way in "${ways[@]}"; do
	for use in connect sendto again; do
		name=socket-by-$way-$use
		before=$(status would_deny)
		answer=$(hand $way $use $evil)
		echo "$name: ${refused[$way-$use]}, in monitor mode $answer"
		if [[ ${refused[$way-$use]} != 'Operation not permitted' ]]; then
			wrong "$name" v4 "GOT THROUGH: ${refused[$way-$use]}"
		elif [[ $answer != used ]]; then
			wrong "$name" v4 "in monitor mode $answer"
		elif (($(status would_deny) != before + 1)); then
			wrong "$name" v4 "not counted"
		elif [[ $use != again && $(last_out) != *" would-deny "*" $evil" ]]; then
			wrong "$name" v4 "recorded as $(last_out)"
		else
			row "$name" v4 refused
		fi
	done
done
finish
