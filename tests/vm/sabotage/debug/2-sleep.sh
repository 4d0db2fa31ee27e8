#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# expect: ^fail .* 2-sleep .*BUG: sleeping function called from invalid context
insmod /vm/connwarden.ko what=sleep
rmmod broken
