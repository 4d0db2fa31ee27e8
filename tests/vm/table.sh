#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Prints what the bypass tests found; lines "DOOR|FAMILY|PROVIDER|RESULT" come
# on standard input, maybe none.
line='%-36s %-8s %-10s %s\n'
first=1
while IFS='|' read -r name family provider result; do
	if ((first)); then
		echo
		# shellcheck disable=SC2059 # one format for all lines
		printf "$line" "door or bypass" family provider result
		first=0
	fi
	# shellcheck disable=SC2059
	printf "$line" "$name" "$family" "$provider" "$result"
done
((first)) || echo
