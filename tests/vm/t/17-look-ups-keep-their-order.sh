#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 150
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
# in_host NAME: what programs find and reach
in_host() {
	ip netns exec "look-$1" bash -c '
		python3 '"$scratch"'/order.py
		perl '"$scratch"'/order.pl
		getent ahosts both.example | sed "s/ .*//" | uniq
		curl -sS --max-time 20 -o /dev/null -w "%{remote_ip}\n" http://both.example/
		ping -c 1 -W 9 -n both.example | sed -n "s/^PING [^(]*(\([^)]*\)).*/\1/p"' 2>&1
}
policy "default deny" \
	"allow /usr/bin/python3.* to $web, $web6 port 80 proto tcp" \
	"allow /usr/bin/curl to $web, $web6 port 80 proto tcp" \
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
