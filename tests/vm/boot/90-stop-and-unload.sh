#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# policyd is stopped and the module unloaded; started again, both are as after a
# boot.
. /vm/lib.sh
expect_ok systemctl stop policyd
expect_is mode enforce status mode
expect_ok rmmod connwarden
expect_ok dial $other 80
expect_ok systemctl start policyd
expect_is mode enforce status mode
expect_eperm dial $other 80
expect_ok dial $web 80
expect_ok systemctl stop policyd
