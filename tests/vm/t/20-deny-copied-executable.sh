#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The same program under another path is another executable.
. /vm/lib.sh
up
cp /usr/bin/curl /tmp/curl
policy "default deny" "allow /usr/bin/curl to $web port 80"
mode enforce
expect_ok fetch http://$web/
expect_eperm env PATH=/tmp:"$PATH" curl -v --max-time 5 http://$web/
expect_eperm /tmp/curl -v --max-time 5 http://$web/
expect_eperm bash -c 'exec -a /usr/bin/curl /tmp/curl -v --max-time 5 "$0"' http://$web/
