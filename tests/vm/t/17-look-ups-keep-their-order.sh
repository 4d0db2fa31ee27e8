#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 400
# Programs of all kinds: curl, python3, perl, ruby, node, java, ping, traceroute, dig,
# chronyd, ssh with a ProxyCommand, apt.
#
# libc connects a UDP socket to each address of a name to sort them.  That sends
# nothing: hosts that have IPv4, IPv6, a unique local address or both see the same
# order and the same results in enforce mode as in monitor mode, under rules for TCP
# alone, and no look-up makes a record.
. /vm/lib.sh
module_unload
up
cp /etc/hosts "$scratch/hosts"
printf '%s both.example\n' $web $web6 >>/etc/hosts
restore() {
	cp "$scratch/hosts" /etc/hosts
	for host in v4 v6 ula dual; do ip netns del look-$host 2>/dev/null; done
}
trap restore EXIT
# host NAME ADDRESS...: a network namespace with these addresses, behind srv
host() {
	local name=look-$1 address family
	shift
	ip netns add "$name"
	ip link add look0 netns "$name" type veth peer name "$name" netns srv
	ip -n "$name" link set lo up
	ip -n "$name" link set look0 up
	ip -n srv link set "$name" up
	for address; do
		family=-4
		[[ $address != *:* ]] || family=-6
		if [[ $family == -4 ]]; then
			ip -n "$name" addr add "$address/24" dev look0
			ip -n srv addr add "${address%.*}.1/24" dev "$name"
			ip -n "$name" route add default via "${address%.*}.1"
		else
			ip -n "$name" addr add "$address/64" dev look0 nodad
			ip -n srv addr add "${address%::*}::1/64" dev "$name" nodad
			ip -n "$name" -6 route add default via "${address%::*}::1"
		fi
	done
}
host v4 198.18.4.2
host v6 2001:db8:6::2
host ula fd00:7::2
host dual 198.18.8.2 2001:db8:8::2

cat >"$scratch/order.py" <<'P'
import socket
print(*(info[4][0] for info in socket.getaddrinfo("both.example", 80, type=socket.SOCK_STREAM)))
print(socket.create_connection(("both.example", 80), 10).getpeername()[0])
P
cat >"$scratch/order.pl" <<'P'
use Socket qw(getaddrinfo getnameinfo NI_NUMERICHOST NIx_NOSERV SOCK_STREAM);
my ($error, @found) = getaddrinfo("both.example", "80", { socktype => SOCK_STREAM });
print join(" ", map { (getnameinfo($_->{addr}, NI_NUMERICHOST, NIx_NOSERV))[1] } @found), "\n";
P
cat >"$scratch/order.js" <<'P'
require("dns").lookup("both.example", { all: true, verbatim: true }, (error, found) => {
	console.log(error ? error.code : found.map(f => f.address).join(" "));
	const s = require("net").connect(80, "both.example", () => { console.log(s.remoteAddress); s.destroy(); });
	s.on("error", e => console.log(e.code));
});
P
cat >"$scratch/order.rb" <<'P'
require "socket"
puts Addrinfo.getaddrinfo("both.example", 80, nil, :STREAM).map(&:ip_address).join(" ")
Socket.tcp("both.example", 80) { |s| puts s.remote_address.ip_address }
P
cat >"$scratch/sources.list" <<'P'
deb [trusted=yes] http://both.example/ suite main
P
echo "makestep 1 -1" >"$scratch/chrony.conf"
echo "server both.example iburst maxsamples 1" >>"$scratch/chrony.conf"

# in_host NAME: what programs find and reach, without times and numbers of processes
in_host() {
	ip netns exec "look-$1" bash -c '
		cd '"$scratch"'
		python3 order.py
		getent ahosts both.example | sed "s/ .*//" | uniq
		((VM_SLOW == 1)) || exit 0	# the rest takes too long on a debug kernel
		perl order.pl
		ruby order.rb
		node order.js
		curl -sS --max-time 20 -o /dev/null -w "%{remote_ip}\n" http://both.example/
		ping -c 1 -W 9 -n both.example | sed -n "s/^PING [^(]*(\([^)]*\)).*/\1/p"
		traceroute -n -m 1 -q 1 -w 9 both.example 80 | sed -n 1p
		dig +time=2 +tries=1 @both.example some.example | grep -o "communications error to [^:#]*"
		keytool -printcert -sslserver both.example:80 2>&1 | head -n 1
		ssh -o BatchMode=yes -o ProxyCommand="nc -w 3 both.example 80" user@far.example true 2>&1 | sed "s/port [0-9]*//"
		apt-get -o Dir::Etc::SourceList=$PWD/sources.list -o Dir::Etc::SourceParts=/dev/null \
			-o Dir::State::Lists=$PWD/lists -o Acquire::Retries=0 update 2>&1 | grep -oE "IP: [^ ]*|not have a Release file"
		LD_LIBRARY_PATH=/opt/chrony/usr/lib/x86_64-linux-gnu /opt/chrony/usr/sbin/chronyd -Q -t 5 -f chrony.conf 2>&1 |
			grep -oE "No suitable source|Could not|Fatal.*"
		' 2>&1 | sed -E 's/(.*)(tmp\.)[A-Za-z0-9]+/\1\2/'
}
policy "default deny" \
	"allow /usr/bin/python3.* to $web, $web6 port 80 proto tcp" \
	"allow /usr/bin/curl to $web, $web6 port 80 proto tcp" \
	"allow /usr/bin/ruby* to $web, $web6 port 80 proto tcp" \
	"allow /usr/bin/node to $web, $web6 port 80 proto tcp" \
	"allow /usr/lib/jvm/**/keytool to $web, $web6 port 80 proto tcp" \
	"allow /usr/bin/nc* to $web, $web6 port 80 proto tcp" \
	"allow /usr/lib/apt/methods/http to $web, $web6 port 80 proto tcp" \
	"allow /usr/bin/dig to $web, $web6 port 53" \
	"allow /usr/bin/traceroute* to $web, $web6 proto udp" \
	"allow /opt/chrony/usr/sbin/chronyd to $web, $web6 port 123 proto udp" \
	"allow /usr/bin/ping to any proto icmp, raw"
for host in v4 v6 ula dual; do
	mode monitor
	before=$(status would_deny)
	free=$(in_host $host)
	say "$host: $free"
	expect_is "would-be denials of $host" "$before" status would_deny
	mode enforce
	before=$(status denied)
	expect_is "what $host finds" "$free" in_host $host
	expect_is "denials of $host" "$before" status denied
	[[ $free == *"$web"* || $free == *"$web6"* ]] || fail "$host reaches nothing"
done
