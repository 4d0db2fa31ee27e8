#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Without connwarden every server of net.sh answers; an unknown address is
# silent.
. /vm/lib.sh
module_unload
for address in $web $other 192.0.2.10 "[$web6]" "[$other6]"; do
	expect_is "answer of $address" "$address 80" curl -sS --max-time 10 "http://$address/"
done
for port in 443 4444 8080; do
	expect_is "answer of port $port" "$web $port" curl -sS --max-time 10 "http://$web:$port/"
done
expect_fails 28 "timed out" curl -sS --max-time 1 http://203.0.113.99/
