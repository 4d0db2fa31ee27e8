# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Sourced by the bypass tests, after lib.sh.  Each row of their table is
#	refused     EPERM in enforce mode; the twin that a rule allows succeeds;
#	            in monitor mode it passes and is recorded
#	recorded    cannot be refused, docs/threat-model.md says why; what is
#	            recorded was checked
#	documented  cannot be refused nor seen; docs/threat-model.md says why
#	absent      this kernel, or this family, does not have it
#	no packet   the call succeeds, but nothing reaches who is denied, while in
#	            monitor mode it does
# Anything else fails the test.
spare=192.0.2.10 spare6=2001:db8::3
web6=2001:db8::1 other6=2001:db8::2
bad=()

# The address of each family: denied, allowed, allowed as well.
declare -A denied_to=([v4]=$other [v6]=$other6 [mapped]=::ffff:$other)
declare -A allowed_to=([v4]=$web [v6]=$web6 [mapped]=::ffff:$web)
declare -A spare_to=([v4]=$spare [v6]=$spare6 [mapped]=::ffff:$spare)
# How the table of connections writes the denied one.
declare -A shown=([v4]=$other: [v6]="[$other6]:" [mapped]=$other:)

# Loads the module anew: the table holds no entries of other tests.
bypass_up() {
	module_unload
	up
	ip -n srv addr add $spare6/128 dev lo nodad 2>/dev/null
	sysctl -q net.ipv4.ping_group_range="0 2147483647"
}

# row NAME FAMILY RESULT
row() {
	printf '%s|%s|%s\n' "$1" "$2" "$3" >>/run/log/bypass
	printf '%s %s: %s\n' "$1" "$2" "$3"
}

# wrong NAME FAMILY WHY...: goes on, so that one run shows all of them
wrong() {
	row "$1" "$2" "FAILED: ${*:3}"
	bad+=("$1 $2: ${*:3}")
}

# in_threat_model NUMBER WORDS: a line of its tables, with the number of the
# bypass register ("-" when it has none)
in_threat_model() { grep "^| $1 |" /vm/threat-model.md | grep -qF -- "$2"; }

# known NAME FAMILY recorded|documented NUMBER WORDS
known() {
	if in_threat_model "$4" "$5"; then
		row "$1" "$2" "$3 ($4)"
	else
		wrong "$1" "$2" "got through, and not in the threat model: $4 $5"
	fi
}

finish() {
	((${#bad[@]} == 0)) || fail "${#bad[@]} rows: ${bad[0]}"
}

# The newest connection that went out; the other end may be in the table too.
last_out() { grep -E '^[0-9]+ [a-z]+ out ' $fs/connections | by_age | tail -n 1; }

# ---- the wire ---------------------------------------------------------------

# wire_watch: counts from now on
wire_watch() {
	[[ -f $scratch/wire ]] ||
		sniff "$scratch/wire" net0 $other $other6 || fail "no sniffer"
	: >"$scratch/wire"
}

# wire_packets ADDRESS: packets that left to it; a moment for the sniffer
wire_packets() {
	sleep 0.3
	grep -cxF -- "${1#::ffff:}" "$scratch/wire"
}

# ---- doors --------------------------------------------------------------------

# doors TO ALLOWED PATTERN...: as $who, fills pid_of and answer_of
declare -A pid_of answer_of
doors() {
	local to=$1 also=$2 name pid answer
	shift 2
	pid_of=() answer_of=()
	while read -r name pid answer; do
		pid_of[$name]=$pid answer_of[$name]=$answer
	done < <("${who[@]}" door -a "$also" "$to" 80 "$@")
	((${#pid_of[@]})) || fail "no door: $*"
}

# recorded_pids TEXT: who would have been denied what begins so
recorded_pids() {
	awk -v to="$1" '$11 == "would-deny" && index($6, to) == 1 {
		printf " %s ", $7 }' $fs/connections
}

# judge NAME FAMILY DENIED TWIN FREE RECORDED: FREE is the answer in monitor
# mode, so what the kernel says without us
judge() {
	if [[ $5 == absent ]]; then
		row "$1" "$2" absent
	elif [[ $5 != 0 && $3 == "$5" && $4 == "$5" ]]; then
		# The kernel itself says no, before there is anything to judge.
		row "$1" "$2" "absent ($5)"
	elif [[ $3 != EPERM ]]; then
		wrong "$1" "$2" "GOT THROUGH, answer $3"
	elif [[ $5 =~ ^(EPERM|EBADE|killed|unknown)$ ]]; then
		wrong "$1" "$2" "answer $5 in monitor mode"
	elif [[ $4 != "$5" ]]; then
		wrong "$1" "$2" "allowed twin answers $4, without us $5"
	elif [[ $6 != yes ]]; then
		wrong "$1" "$2" "not recorded in monitor mode"
	else
		row "$1" "$2" refused
	fi
}

# remember FAMILY PHASE: keeps the answers of the last run
declare -A kept
remember() {
	local name
	for name in "${!answer_of[@]}"; do
		kept[$1 $2 $name]=${answer_of[$name]}
	done
}

# Both runs in enforce mode; nothing may reach the wire but to who is allowed.
enforce_doors() {
	local family
	mode enforce
	for family in "${families[@]}"; do
		doors "${denied_to[$family]}" "${spare_to[$family]}" "$@"
		remember $family denied
		doors "${allowed_to[$family]}" "${spare_to[$family]}" "$@"
		remember $family twin
	done
}

monitor_doors() {
	local family name recorded pids
	mode monitor
	for family in "${families[@]}"; do
		doors "${denied_to[$family]}" "${spare_to[$family]}" "$@"
		pids=$(recorded_pids "${shown[$family]}")
		for name in $(printf '%s\n' "${!pid_of[@]}" | sort); do
			recorded=no
			[[ $pids != *" ${pid_of[$name]} "* ]] || recorded=yes
			judge "$name" $family "${kept[$family denied $name]}" \
				"${kept[$family twin $name]}" \
				"${answer_of[$name]}" $recorded
		done
	done
}

# may_pass DOOR FAMILY NUMBER WORDS: a door that cannot be shut, yet.  It is
# called refused when it is, known when the threat model knows it.  $suffix
# tells rows of one door apart.
suffix=''
may_pass() {
	local answer sent row=$1$suffix
	wire_watch
	doors "${denied_to[$2]}" "${spare_to[$2]}" "$1"
	answer=${answer_of[$1]} sent=$(wire_packets "${denied_to[$2]}")
	echo "$1 $2: answer $answer, $sent packets to who is denied"
	case $answer:$sent in
	absent:*)	row "$row" $2 absent ;;
	EPERM:0)	row "$row" $2 refused ;;
	0:0)		row "$row" $2 "no packet" ;;
	0:*)		known "$row" $2 documented "$3" "$4" ;;
	*)		wrong "$row" $2 "answer $answer, $sent packets" ;;
	esac
}

# no_packet FAMILY DOOR...: whatever the answer, nothing reaches who is denied in
# enforce mode; in monitor mode it does, and is recorded
no_packet() {
	local family=$1 name answer sent free
	shift
	for name; do
		mode enforce
		wire_watch
		doors "${denied_to[$family]}" "${spare_to[$family]}" "$name"
		answer=${answer_of[$name]} sent=$(wire_packets "${denied_to[$family]}")
		mode monitor
		wire_watch
		doors "${denied_to[$family]}" "${spare_to[$family]}" "$name"
		free=$(wire_packets "${denied_to[$family]}")
		if [[ ${answer_of[$name]} == absent ]]; then
			row "$name" $family absent
		elif ((sent)); then
			wrong "$name" $family "GOT THROUGH, $sent packets, answer $answer"
		elif ((!free)); then
			wrong "$name" $family "no packet in monitor mode, answer ${answer_of[$name]}"
		elif [[ $(recorded_pids "${shown[$family]}") != *" ${pid_of[$name]} "* ]]; then
			wrong "$name" $family "not recorded in monitor mode"
		elif [[ $answer == EPERM ]]; then
			row "$name" $family refused
		else
			row "$name" $family "no packet"
		fi
	done
}

# check_doors PATTERN...: with `who` and `families` set
check_doors() {
	local sent
	policy "default deny" \
		"allow /vm/bin/door to $web, $spare, $web6, $spare6"
	wire_watch
	enforce_doors "$@"
	sent=$(($(wire_packets $other) + $(wire_packets $other6)))
	((sent == 0)) || wrong "$*" all "$sent packets left to who is denied"
	audit_mark
	monitor_doors "$@"
	(($(wire_packets $other) > 0)) || wrong "$*" all "the sniffer sees nothing"
	audit_wait -m AVC -c door >/dev/null
	grep -q 'permissive=0' <<<"$found" && wrong "$*" all "a record says permissive=0"
	true
}
