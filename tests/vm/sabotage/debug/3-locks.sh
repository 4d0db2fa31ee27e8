#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# expect: ^fail .* 3-locks .*possible circular locking dependency
insmod /vm/connwarden.ko what=locks
rmmod broken
