#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# expect: ^fail .* 1-rcu .*suspicious RCU usage
insmod /vm/connwarden.ko what=rcu
rmmod broken
