# SPDX-License-Identifier: GPL-2.0-only
# bash completion of policyctl: commands from its own help, then what fits.

_policyctl_commands() {
	policyctl help 2>/dev/null | sed -n 's/^  \([a-z-]*\) .*/\1/p'
}

_policyctl_options() {
	policyctl help "$1" 2>/dev/null | grep -o -e '--[a-z-]*'
}

_policyctl() {
	local current=${COMP_WORDS[COMP_CWORD]} command='' word words i
	local before=${COMP_WORDS[COMP_CWORD - 1]}
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		--socket | --history) ((i++)) ;;
		-*) ;;
		*) command=$word; break ;;
		esac
	done
	case $before in
	--verdict) words='allow deny would-deny' ;;
	--proto) words='tcp udp sctp icmp raw packet' ;;
	--source) words='kernel proc' ;;
	--by) words='exe unit address host' ;;
	--format) words='dot svg html json' ;;
	--user) words=$(compgen -u) ;;
	--since | --until | --at) words='15m 1h 1d 7d now' ;;
	esac
	case $before in
	--verdict | --proto | --source | --by | --format | --user | --since | --until | --at)
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
		return ;;
	--exe | --history | --file)
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		compopt -o filenames 2>/dev/null
		return ;;
	--pid | --to | --port | --limit | --interval) return ;;
	esac
	case $command:$current in
	:-*) words='--socket --help --version' ;;
	:*) words=$(_policyctl_commands) ;;
	help:*) words=$(_policyctl_commands) ;;
	mode:[^-]* | mode:) words='enforce monitor' ;;
	*:-*) words=$(_policyctl_options "$command") ;;
	load:* | check:* | diff:* | test:* | flows:* | graph:* | backup:*)
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		compopt -o filenames 2>/dev/null
		return ;;
	*) return ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _policyctl policyctl
