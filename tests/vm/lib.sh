# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Sourced by every test.  A test ends with status 0 (pass), by `fail REASON`
# or by `skip REASON`.
set -u
PATH=$PATH:/vm/bin
fs=/sys/kernel/security/connwarden
# shellcheck disable=SC2034 # used by tests
alice=1000 web=203.0.113.7 other=203.0.113.8 web6=2001:db8::1 other6=2001:db8::2
scratch=$(mktemp -d)

fail() { echo "FAIL: $*"; exit 1; }
skip() { echo "SKIP: $*"; exit 77; }

# wait_for SECONDS CONDITION...: true as soon as the condition is
wait_for() {
	local end=$((SECONDS + $1 * VM_SLOW))
	shift
	until "$@"; do
		((SECONDS < end)) || return 1
		nap 0.1
	done
}

# On the debug kernel it takes a fifth of a second to execute a program, so what
# is done in every test is done by bash itself, as far as it can.

# nap SECONDS: reads what nobody writes
exec {never}<> <(:)
nap() { read -rt "$1" -u "$never" || true; }

# has_line PATTERN TEXT: as grep -Eq
has_line() {
	local line
	while IFS= read -r line; do
		[[ ! $line =~ $1 ]] || return 0
	done <<<"$2"
	return 1
}

# by_age: lines of the file connections, the youngest last.  The file has them by
# their numbers, and each CPU gives numbers of its own.
by_age() { sort -s -k 14,14nr; }

# ---- the kernel's log ------------------------------------------------------

# Where in_log begins: the line that the suite writes before each test
log_from=${0##*/} log_from="vm: test ${log_from%.sh}"

# log_mark: in_log begins here from now on
log_mark() {
	log_from="vm: mark $$.$((++log_marks))"
	echo "$log_from" >/dev/kmsg
}
log_marks=0

# in_log PATTERN: the kernel said so since the last mark.  All lines since then
# are searched, because messages of others may follow.
in_log() {
	dmesg | sed "1,/$log_from\$/d" | grep -E "$1" ||
		fail "not in the kernel's log: $1"
}

# ---- the module and the daemon ------------------------------------------

# module_load [PARAMETER=VALUE...]
# shellcheck disable=SC2120 # the arguments are optional
module_load() {
	[[ -d /sys/module/connwarden ]] ||
		insmod /vm/connwarden.ko "$@" ||
		fail "module does not load"
}

module_unload() {
	[[ ! -d /sys/module/connwarden ]] || rmmod connwarden ||
		fail "module does not unload"
}

policyd_answers() { has_line '^daemon: running' "$(policyctl status 2>/dev/null)"; }
has_other_policy_than() { [[ $(status generation) != "$1" ]]; }

# policyd_start [OPTION...]: without history unless it is asked for, so that
# the module can be unloaded beside it
# shellcheck disable=SC2120 # the arguments are optional
policyd_start() {
	policyd --no-history "$@" >>"$scratch/policyd.log" 2>&1 &
	# shellcheck disable=SC2034 # used by tests
	policyd_pid=$!
	if ! wait_for 10 policyd_answers; then
		cat "$scratch/policyd.log"
		fail "policyd does not start"
	fi
}

policyd_stop() {
	kill "$policyd_pid"
	wait "$policyd_pid" || true
}

# up [PARAMETER=VALUE...]: module loaded, policyd running, monitor mode,
# everything allowed
up() {
	local generation
	module_load "$@"
	generation=$(status generation)
	echo "default allow" >/etc/connwarden/rules.conf
	policyd_start
	wait_for 10 has_other_policy_than "$generation" ||
		fail "policyd loads no policy"
	[[ $(status mode) == monitor ]] || mode monitor
}

# history_up [PARAMETER=VALUE...]: the same, all anew, with an empty history
history_up() {
	module_unload
	module_load "$@"
	history_start
	policy "default allow" "log none"
	mode monitor
}

# policyd with a history that is empty
history_start() {
	rm -f /var/lib/connwarden/history.db*
	echo "default allow" >/etc/connwarden/rules.conf
	policyd_start --history /var/lib/connwarden/history.db
}

# While policyd writes history it holds the module: it goes first.
history_down() {
	policyd_stop
	module_unload
}

# policy LINE...: these rules are in force from now on
policy() {
	printf '%s\n' "$@" >"$scratch/rules.conf"
	policyctl load "$scratch/rules.conf" || fail "rules refused: $*"
}

mode() { policyctl mode "$1" || fail "mode $1 refused"; }

# status KEY: a value of the module's status file
status() {
	local line lines
	mapfile -t lines <$fs/status
	for line in "${lines[@]}"; do
		[[ $line != "$1: "* ]] || echo "${line#*: }"
	done
}

# all_told: no decision waits to be told in a later audit record
all_told() { [[ $(status pending) == 0 ]]; }

# ---- expectations -------------------------------------------------------

say() { printf '+ %s\n' "$*"; }

expect_ok() {
	say "$@"
	"$@" || fail "should succeed: $*"
}

# Refused by us: the command fails and says EPERM, in words or by name.
expect_eperm() {
	local output
	say "$@"
	output=$("$@" 2>&1) && fail "should be refused: $*"
	printf '%s\n' "$output"
	has_line 'Operation not permitted|EPERM' "$output" ||
		fail "failed, but not with EPERM: $*"
}

# expect_fails STATUS PATTERN COMMAND...: exit status, and output matching
expect_fails() {
	local want=$1 pattern=$2 output got
	shift 2
	say "$@"
	output=$("$@" 2>&1)
	got=$?
	printf '%s\n' "$output"
	((got == want)) || fail "exit status $got, not $want: $*"
	has_line "$pattern" "$output" || fail "does not say \"$pattern\": $*"
}

# expect_is WHAT WANTED COMMAND...: the command prints exactly this
expect_is() {
	local what=$1 want=$2 got
	shift 2
	got=$("$@")
	[[ $got == "$want" ]] || fail "$what is \"$got\", not \"$want\""
}

# fetch URL...: curl that names the errno and gives up in time
fetch() { curl -sS -v --max-time $((5 * VM_SLOW)) "$@"; }

# as USER COMMAND...: with the user's ids and login id
as() {
	local user=$1 id
	id=$(id -u "$1")
	shift
	(
		echo "$id" >/proc/self/loginuid
		exec setpriv --reuid "$user" --regid "$user" --init-groups "$@"
	)
}

# keep FILE...: in build/pictures/ on the host when all tests have passed
keep() { cp "$@" /run/log/keep/ || fail "cannot keep $*"; }

# ---- booting anew ---------------------------------------------------------

# boots_before: how often this test has rebooted the guest
boots_before() { cat /var/lib/vm-test/boots 2>/dev/null || echo 0; }

# power_fails PATH...: the guest boots anew.  Only these are there again then, when
# the test begins from its start; only in tests of boot/.
power_fails() {
	local count
	count=$(boots_before)
	mkdir -p /var/lib/vm-test
	echo $((count + 1)) >/var/lib/vm-test/boots
	basename "$0" >/var/lib/vm-test/name
	tar -C / -cf /run/keep "${@#/}" var/lib/vm-test || fail "cannot keep"
	sync
	echo b >/proc/sysrq-trigger
	sleep 60
	fail "no reboot"
}

# ---- audit --------------------------------------------------------------

# audit_mark: later searches see only events from now on
audit_mark() {
	local now=$EPOCHSECONDS
	until ((EPOCHSECONDS > now)); do sleep 0.05; done
	audit_from=("$(date +%x)" "$(date +%X)")
}

# audit_find AUSEARCH-OPTION...: events since the mark
audit_find() { ausearch --input-logs "$@" -ts "${audit_from[@]}" 2>&1; }

audit_has() { found=$(audit_find "$@"); }

# audit_wait AUSEARCH-OPTION...: waits until there are some; leaves them in
# $found
audit_wait() {
	say ausearch "$@"
	wait_for 10 audit_has "$@" || fail "no such event: ausearch $*"
	printf '%s\n' "$found"
}
