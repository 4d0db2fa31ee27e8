#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# expect: ^fail .* failing-test  \(on purpose\)
. /vm/lib.sh
fail "on purpose"
