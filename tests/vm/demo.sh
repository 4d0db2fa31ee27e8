#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The main job, shown on a real kernel with real tools.  Every command is run
# as printed; the demo fails when one does not do what the text says.
. /vm/lib.sh

# Lines that the host is to show begin with "| ".
tell() { printf '| %s\n' "$@"; }
show() { sed 's/^/| /'; }

heading() { tell "" "== $*"; }

# run WANTED-STATUS COMMAND...
run() {
	local want=$1 output status
	shift
	tell "# $*"
	output=$("$@" 2>&1)
	status=$?
	printf '%s\n' "$output" | show
	if [[ $want == fails ]]; then
		((status != 0)) || give_up "should have failed: $*"
	else
		((status == 0)) || give_up "failed: $*"
	fi
	last=$output
}

give_up() {
	tell "DEMO FAILED: $*"
	exit 1
}

expect() { grep -Eq -- "$1" <<<"$last" || give_up "no \"$1\" in the output"; }

cat >/etc/connwarden/rules.conf <<'R'
default deny
log deny
set @web = 80, 443
allow any to @loopback
allow /usr/bin/curl to 203.0.113.7 port @web proto tcp as "the mirror"
R

tell "connwarden on Linux $(uname -r), Debian $(cat /etc/debian_version)"
heading "1. Load the module, start the daemon, load rules"
run ok insmod /vm/connwarden.ko
auditctl -R /vm/audit.rules >/dev/null
policyd_start --history /var/lib/connwarden/history.db
run ok cat /etc/connwarden/rules.conf
run ok policyctl load /etc/connwarden/rules.conf

heading "2. Monitor mode: everything passes, what would be denied is recorded"
run ok policyctl mode monitor
run ok curl -sS --max-time 10 http://203.0.113.8/
audit_mark
run ok curl -sS --max-time 10 http://203.0.113.8:443/
wait_for 10 audit_has -m AVC -c curl
run ok sh -c "ausearch --input-logs -m AVC -c curl --raw | grep -o 'avc:.*' | tail -n 1"
expect 'permissive=1'

heading "3. Enforce: the listed destination passes, another is refused at once"
run ok policyctl mode enforce
run ok curl -sS --max-time 10 http://203.0.113.7/
run fails curl -sSv --max-time 10 http://203.0.113.8/
expect 'Operation not permitted'

heading "4. The same program under another path is another program"
run ok cp /usr/bin/curl /tmp/curl
run fails /tmp/curl -sSv --max-time 10 http://203.0.113.7/
expect 'Operation not permitted'

heading "5. The audit tools find it"
wait_for 10 audit_has -m AVC -su connwarden:/tmp/curl
run ok ausearch --input-logs -m AVC -ts recent -su connwarden:/tmp/curl -i
expect 'exe=/tmp/curl'
expect 'daddr=203.0.113.7'
run ok aureport --input-logs --avc
expect 'connwarden:/tmp/curl .* connwarden:203.0.113.7:80'

heading "6. Who made that connection?  It is over, and still known"
run ok policyctl connections
expect 'closed +198.51.100.1:[0-9]+ +203.0.113.7:80 .*/usr/bin/curl'
expect 'refused .* 203.0.113.7:80 .*/tmp/curl'
run ok policyctl status
expect 'mode: enforce'

heading "7. And next month?  History knows"
stored() { policyctl history --to 203.0.113.7 --exe /tmp/curl | grep -q deny; }
wait_for 10 stored || give_up "not in history"
run ok policyctl history --to 203.0.113.7
expect 'curl'
run ok policyctl who 203.0.113.7:80
expect '/usr/bin/curl'
expect '/tmp/curl'
run ok policyctl flows --out
expect 'nginx'
heading "DEMO OK"
