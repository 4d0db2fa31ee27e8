#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# expect: ^vm: the guest did not report success
# expect: Kernel panic
echo c >/proc/sysrq-trigger
sleep 60
