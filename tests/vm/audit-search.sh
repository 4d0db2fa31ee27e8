# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Sourced by the tests 5x: denials by alice, then every search that an
# administrator would make for them, with the answer that is documented for a
# host with the companion records ("full") and without them ("bare").

# found_when WHEN AUSEARCH-OPTION...: WHEN is "always", or "full" for what
# only the companion records hold.
found_when() {
	local when=$1
	shift
	if [[ $when == always || $kind == full ]]; then
		audit_has -m AVC "$@" || fail "not found: ausearch -m AVC $*"
	else
		audit_has -m AVC "$@" && fail "found without companions: $*"
	fi
	say "ausearch -m AVC $* ($when)"
}

# report OPTION...: aureport over the events since the mark
report() { aureport --input-logs "$@" -ts "${audit_from[@]}" 2>&1; }

make_denials() {
	cp /vm/bin/dial "/opt/my app"
	policy "default deny" "allow any to $web port 443 proto tcp"
	mode enforce
	audit_mark
	expect_eperm as alice dial $web 4444
	expect_eperm as alice dial $web6 4444
	expect_eperm as alice "/opt/my app" $web 4444
	audit_wait -m AVC -c dial
	audit_wait -m AVC -o "connwarden:[$web6]:4444"
	audit_wait -m AVC -c "my app"
	pid=$(audit_find -m AVC -c dial --raw |
		sed -n 's/^type=AVC .* for  pid=\([0-9]*\) .*/\1/p' | head -n 1)
}

search_records() {
	found_when always                                       # row 1
	found_when always -i                                    # row 2
	grep -q "daddr=$web " <<<"$found" || fail "-i: no daddr"
	grep -q 'exe=/vm/bin/dial ' <<<"$found" || fail "-i: no exe"
	grep -q 'exe=/opt/my app ' <<<"$found" || fail "-i: exe not decoded"
	grep -q 'uid=alice' <<<"$found" || fail "-i: no uid"
	found_when always -c dial                               # row 3
	found_when always -p "$pid"
	found_when always -sv no
	found_when always -o connwarden:                        # row 4
	found_when always -o connwarden:$web
	found_when always -o "connwarden:[$web6]:4444"
	found_when always -su connwarden:/vm/bin/dial           # row 5
	found_when always -se connwarden:
	found_when full -x /vm/bin/dial                         # row 6
	found_when full -x "/opt/my app"
	found_when full -ui 1000                                # row 7
	found_when full -ul 1000
	found_when full -ua 1000
	found_when full -hn $web                                # row 8
	found_when full -hn $web6
	found_when full -e -EPERM                               # row 9
	found_when full -sc connect
}

search_reports() {
	local line want='dial connwarden:/vm/bin/dial [0-9]+ tcp_socket connect connwarden:203.0.113.7:4444 denied'
	line=$(report --avc)                                    # row 11
	grep -Eq "$want" <<<"$line" || fail "aureport --avc: $line"
	report --avc --summary | grep -Eq "[0-9]+ +connwarden:$web:4444" ||
		fail "aureport --avc --summary"                 # row 12
	report --avc --failed | grep -q "connwarden:$web:4444" ||
		fail "aureport --avc --failed"
	line=$(report -x --summary)                             # row 13
	if [[ $kind == full ]]; then
		grep -q /vm/bin/dial <<<"$line" || fail "aureport -x --summary: $line"
		report -h --summary | grep -q $web || fail "aureport -h --summary"
		report -x --failed | grep -q /vm/bin/dial || fail "aureport -x --failed"
	else
		grep -q /vm/bin/dial <<<"$line" && fail "aureport -x found: $line"
	fi
	true
}

# Row 14: no record of ours that the parser cannot read.  The kernel has some, of
# ESP packets that come after the test that sent them.
search_malformed() {
	local count
	count=$(audit_find --debug -m AVC -hn x -x y -c z -p 1 -ui 9 -ul 9 \
		-su q -o w | grep Malformed | grep -vc MAC_IPSEC_EVENT)
	((count == 0)) || fail "$count malformed records"
}

# search_all full|bare
search_all() {
	kind=$1
	make_denials
	search_records
	search_reports
	search_malformed
}
