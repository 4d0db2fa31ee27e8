#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 600
# expect: QEMU: status 124, limit 30 s
sleep 600
