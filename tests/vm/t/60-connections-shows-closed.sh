#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A connection that is over stays visible, with who made it and both ends.
. /vm/lib.sh
up
policy "default deny" "allow /usr/bin/curl to $web, $web6 port 80"
mode enforce
expect_ok fetch http://$web/
expect_ok fetch "http://[$web6]/"
expect_eperm fetch http://$other/
policyctl connections
line=$(grep " $web:80 .*/usr/bin/curl\$" $fs/connections | by_age | tail -n 1)
[[ $line =~ ^[0-9]+\ tcp\ out\ closed\ 198\.51\.100\.1:[1-9][0-9]*\ $web:80\ [0-9]+\ [0-9]+\ 0\ [0-9]+\ allow\ 0\ [0-9]+\ [0-9.]+\ [0-9.]+\ [0-9]+\ [0-9]+\ exact\ -\ /usr/bin/curl$ ]] ||
	fail "line is: $line"
line=$(grep -F " [$web6]:80 " $fs/connections | grep -F " out " | by_age | tail -n 1)
[[ $line == *' tcp out closed [2001:db8:f::1]:'*' allow 0 '* ]] || fail "line is: $line"
line=$(grep " $other:80 " $fs/connections | by_age | tail -n 1)
[[ $line == *' refused '*' deny - '* ]] || fail "line is: $line"
