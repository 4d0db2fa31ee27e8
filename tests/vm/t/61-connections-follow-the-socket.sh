#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# opening, open, closed; one entry however often connect() is called.
. /vm/lib.sh
up
entries() { grep -c " $1:80 .*/vm/bin/dial\$" $fs/connections; }
is_open() { grep -q " open .* $web:80 .* - /vm/bin/dial\$" $fs/connections; }
is_closed() { ! is_open; }
before=$(entries $web)
dial -n -t -w 4 $web 80 &
wait_for 8 is_open || fail "not open"
expect_is "entries" $((before + 1)) entries $web
wait $! || fail "dial"
wait_for 8 is_closed || fail "not closed"
expect_is "entries" $((before + 1)) entries $web
dial -u -w 4 $other 80 &
udp_open() { grep -q " udp out open .* $other:80 .* - /vm/bin/dial\$" $fs/connections; }
udp_closed() { ! udp_open; }
wait_for 8 udp_open || fail "UDP not open"
wait $!
wait_for 8 udp_closed || fail "UDP not closed"
