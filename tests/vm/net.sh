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

ip -batch - <<'END'
netns add srv
link add net0 type veth peer name net0 netns srv
addr add 198.51.100.1/24 dev net0
addr add 2001:db8:f::1/64 dev net0 nodad
link set net0 up
END

ip -n srv -batch - <<'END'
addr add 198.51.100.2/24 dev net0
addr add 2001:db8:f::2/64 dev net0 nodad
addr add 203.0.113.7/32 dev lo
addr add 203.0.113.8/32 dev lo
addr add 192.0.2.10/32 dev lo
addr add 2001:db8::1/128 dev lo nodad
addr add 2001:db8::2/128 dev lo nodad
link set lo up
link set net0 up
END

ip route add default via 198.51.100.2
ip -6 route add default via 2001:db8:f::2
ip netns exec srv nginx -c /vm/nginx.conf
