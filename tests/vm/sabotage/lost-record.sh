#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# expect: ^fail .* no-audit-record-lost  \(lost: [1-9]
. /vm/lib.sh
auditctl -r 1
auditctl -a always,exit -S getpid -F arch=b64
python3 -c 'import os; [os.getpid() for i in range(500)]'
auditctl -D
auditctl -r 0
auditctl -s
