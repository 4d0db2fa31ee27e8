#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# expect: ^fail .* failing-command  \(should be refused: true\)
. /vm/lib.sh
expect_eperm true
