#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# expect: ^fail .* 5-overflow .*KASAN: slab-out-of-bounds
insmod /vm/connwarden.ko what=overflow
rmmod broken
