#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# Raw IP, frames, source routes: what needs CAP_NET_RAW, and IPv6 routing
# headers, which do not.
# shellcheck disable=SC2034 # for bypass.sh
. /vm/lib.sh
. /vm/bypass.sh
modprobe -a l2tp_ip l2tp_ip6 smc 2>/dev/null
bypass_up

# A frame has no address, so its rule has none either.
check_frames() {
	local name pids
	policy "default deny"
	mode enforce
	families=(-)
	doors "${denied_to[v4]}" $spare 'packet*'
	remember - denied
	mode monitor
	doors "${denied_to[v4]}" $spare 'packet*'
	remember - free
	pids=$(awk '$2 == "packet" && $11 == "would-deny" { printf " %s ", $7 }' \
		$fs/connections)
	declare -A free_pid
	for name in "${!pid_of[@]}"; do free_pid[$name]=${pid_of[$name]}; done
	policy "default deny" "allow /vm/bin/door to any proto packet"
	mode enforce
	doors "${denied_to[v4]}" $spare 'packet*'
	for name in $(printf '%s\n' "${!pid_of[@]}" | sort); do
		judge "$name" - "${kept[- denied $name]}" "${answer_of[$name]}" \
			"${kept[- free $name]}" \
			"$([[ $pids == *" ${free_pid[$name]} "* ]] && echo yes)"
	done
}

who=() families=(v4 v6)
check_doors 'raw-*'
check_frames
policy "default deny" "allow /vm/bin/door to $spare, $spare6"
mode enforce
may_pass rawhdr-same-address v4 B5 IP_HDRINCL
may_pass rawhdr-other-address v4 B5 IP_HDRINCL
for family in v4 v6; do
	[[ $family == v4 ]] || who=(as alice)
	may_pass route-then-send $family - "with one send"
	may_pass route-then-connect $family - "with one send"
	may_pass route-after-connect-udp $family - "after connect()"
	may_pass route-after-connect-tcp $family - "after connect()"
	may_pass smcroute-then-connect $family - "after connect()"
	may_pass route-in-one-send $family - "with one send"
	may_pass route-in-second-message $family - "with one send"
	may_pass route-in-flow-label $family - "flow label"
done
# To loopback everybody may go, by the rule of the shipped file.
policy "default deny" "allow any to @loopback"
spare_to[v6]=::1 suffix=-loopback
may_pass route-after-connect-udp v6 - "after connect()"
may_pass route-in-one-send v6 - "with one send"
# The twin: a rule without an address lets routes go, and so does monitor mode,
# which counts them.  Last, for streams that were let go send again.
spare_to[v6]=$spare6
routes_go() {
	local name before
	for family in v4 v6; do
		who=()
		[[ $family == v4 ]] || who=(as alice)
		before=$(status would_deny)
		doors "${denied_to[$family]}" "${spare_to[$family]}" 'route-*'
		for name in "${!answer_of[@]}"; do
			[[ ${answer_of[$name]} =~ ^(0|absent)$ ]] ||
				wrong "$name" $family "$1: ${answer_of[$name]}"
		done
		(($(status would_deny) - before >= $2)) ||
			wrong 'route-*' $family "$1: not counted"
	done
}
policy "default deny" "allow /vm/bin/door to $spare, $spare6"
mode monitor
routes_go "in monitor mode" 5
policy "default deny" "allow /vm/bin/door to any"
mode enforce
routes_go "allowed to any" 0
finish
