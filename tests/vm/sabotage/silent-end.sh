#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# expect: ^vm: the guest did not report success
echo b >/proc/sysrq-trigger
sleep 60
