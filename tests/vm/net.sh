#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The test network, all inside the guest:
#
#   guest                        namespace srv
#   net0 198.51.100.1/24 ------- net0 198.51.100.2/24
#        2001:db8:f::1/64             2001:db8:f::2/64
#                                lo   203.0.113.7 203.0.113.8 192.0.2.10
#                                     2001:db8::1 2001:db8::2
#
# Everything is routed to srv.  nginx listens there on the ports of nginx.conf
# and answers "ADDRESS PORT"; an address that is not listed never answers.
set -e
srv() { ip netns exec srv "$@"; }

ip netns add srv
ip link add net0 type veth peer name net0 netns srv
ip addr add 198.51.100.1/24 dev net0
ip addr add 2001:db8:f::1/64 dev net0 nodad
srv ip addr add 198.51.100.2/24 dev net0
srv ip addr add 2001:db8:f::2/64 dev net0 nodad
for address in 203.0.113.7 203.0.113.8 192.0.2.10; do
	srv ip addr add $address/32 dev lo
done
for address in 2001:db8::1 2001:db8::2; do
	srv ip addr add $address/128 dev lo nodad
done
ip link set net0 up
srv ip link set net0 up
srv ip link set lo up
ip route add default via 198.51.100.2
ip -6 route add default via 2001:db8:f::2
srv nginx -c /vm/nginx.conf
