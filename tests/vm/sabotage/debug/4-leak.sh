#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# expect: ^fail .* no-memory-leaked .*unreferenced object
insmod /vm/connwarden.ko what=leak
rmmod broken
