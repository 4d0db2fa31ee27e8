#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Prints the tables of a run.  On standard input come, maybe none, lines of what
# the bypass tests found and of the card of the kinds of traffic:
#	DOOR|FAMILY|RESULT
#	KIND|ENTRY|PROCESS|ATTRIBUTION|SENT/RECEIVED|VERDICT
bypass=() card=()
while IFS= read -r line; do
	case $line in
	*'|'*'|'*'|'*'|'*'|'*)	card+=("$line") ;;
	*)			bypass+=("$line") ;;
	esac
done

# table FORMAT LINE...: the first line is the heading
table() {
	local format=$1 line fields
	shift
	echo
	for line; do
		IFS='|' read -ra fields <<<"$line"
		# shellcheck disable=SC2059 # one format for all lines
		printf "$format" "${fields[@]}"
	done
	echo
}

((${#bypass[@]} == 0)) ||
	table '%-36s %-8s %s\n' 'door or bypass|family|result' \
		"${bypass[@]}"
((${#card[@]} == 0)) ||
	table '%-26s %-58s %-30s %-12s %-16s %s\n' \
		'kind of traffic|entry|process|attribution|sent/received|verdict' "${card[@]}"
