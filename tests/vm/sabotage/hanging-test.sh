#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 2
# expect: ^fail .* hanging-test  \(timed out\)
sleep 60
