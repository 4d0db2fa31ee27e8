#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The test program itself: without connwarden it connects, and names the errno
# when nobody listens.
. /vm/lib.sh
module_unload
for address in $web $web6 ::ffff:$web; do
	expect_fails 0 "^connected" dial "$address" 80
	expect_fails 0 "^connected" dial -n "$address" 80
	expect_fails 1 "Connection refused|ECONNREFUSED" dial "$address" 81
	expect_fails 1 "Connection refused|ECONNREFUSED" dial -n "$address" 81
done
expect_fails 0 "^allowed [1-9][0-9]* denied 0 other 0" hammer 2 2 $web 80 443
