#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Families without Internet addresses are not our business.
. /vm/lib.sh
up
policy "default deny"
mode enforce
expect_ok ip -brief addr
expect_ok python3 - <<'P'
import socket, tempfile, os
path = os.path.join(tempfile.mkdtemp(), "s")
server = socket.socket(socket.AF_UNIX)
server.bind(path)
server.listen()
socket.socket(socket.AF_UNIX).connect(path)
P
