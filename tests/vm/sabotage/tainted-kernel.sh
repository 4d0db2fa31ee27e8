#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# expect: ^fail .* only-taint-O-and-E  \(tainted: 64\)
echo 64 >/proc/sys/kernel/tainted
