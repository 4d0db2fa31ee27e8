# SPDX-License-Identifier: GPL-2.0-only
# bash completion of policyctl: commands from its own help, then what fits.

_policyctl_commands() {
	policyctl help 2>/dev/null | sed -n 's/^  \([a-z]*\) .*/\1/p'
}

_policyctl_options() {
	policyctl help "$1" 2>/dev/null | head -n 1 | grep -o -e '--[a-z]*'
}

_policyctl() {
	local current=${COMP_WORDS[COMP_CWORD]} command='' word words i
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		--socket) ((i++)) ;;
		-*) ;;
		*) command=$word; break ;;
		esac
	done
	case $command:${COMP_WORDS[COMP_CWORD - 1]} in
	connections:--source)
		mapfile -t COMPREPLY < <(compgen -W 'kernel proc' -- "$current")
		return ;;
	esac
	case $command:$current in
	:-*) words='--socket --help --version' ;;
	:*) words=$(_policyctl_commands) ;;
	help:*) words=$(_policyctl_commands) ;;
	mode:[^-]* | mode:) words='enforce monitor' ;;
	*:-*) words=$(_policyctl_options "$command") ;;
	load:* | check:* | diff:* | test:*)
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		compopt -o filenames 2>/dev/null
		return ;;
	*) return ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _policyctl policyctl
