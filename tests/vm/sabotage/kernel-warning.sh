#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# expect: ^fail .* kernel-warning  \(kernel: .*WARNING: CPU: 0 on purpose\)
echo "WARNING: CPU: 0 on purpose" >/dev/kmsg
