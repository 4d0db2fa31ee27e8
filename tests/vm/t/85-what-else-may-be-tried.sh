#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 150
# The rest of the bypass register: what cannot be refused, with what is
# recorded of it; and the surroundings: loopback, network namespaces, tunnels,
# the time before the module and after the daemon.
. /vm/lib.sh
. /vm/bypass.sh
home=/home/alice

# refused_row NAME FAMILY COMMAND...: EPERM in enforce mode, passes and is
# counted in monitor mode
refused_row() {
	local name=$1 family=$2 said before
	shift 2
	mode enforce >/dev/null
	said=$("$@" 2>&1)
	mode monitor >/dev/null
	before=$(status would_deny)
	printf '%s: %s; in monitor mode: %s\n' "$name" "$said" "$("$@" 2>&1)"
	if [[ $said != *'Operation not permitted'* || $said == *connected* ]]; then
		wrong "$name" $family "GOT THROUGH: $said"
	elif (($(status would_deny) == before)); then
		wrong "$name" $family "not counted in monitor mode"
	else
		row "$name" $family refused
	fi
	mode enforce >/dev/null
}

# through NAME FAMILY NUMBER WORDS EXE|- COMMAND...: passes though it should
# not; the connection is recorded as that of EXE, or not at all
through() {
	local name=$1 family=$2 number=$3 words=$4 exe=$5 said line
	shift 5
	said=$("$@" 2>&1)
	line=$(last_out)
	printf '%s: %s\n%s\n' "$name" "$said" "$line"
	if [[ $said != *connected* ]]; then
		row "$name" $family "refused"
		[[ $said == *'Operation not permitted'* ]] ||
			wrong "$name" $family "does not work: $said"
	elif [[ $exe == - ]]; then
		known "$name" $family documented "$number" "$words"
	elif [[ $line == *" allow "*" "$exe ]]; then
		known "$name" $family recorded "$number" "$words"
	else
		wrong "$name" $family "not recorded as $exe: $line"
	fi
}

# ---- before there is a module ------------------------------------------------------

older_connection() {
	local line
	printf 'GET / HTTP/1.0\r\n\r\n' >&3
	read -t 9 -r line <&3
	[[ $line == HTTP* ]] && echo connected
}

module_unload
exec 3<>/dev/tcp/$web/80
bypass_up
policy "default deny"
mode enforce
through older-connection v4 B16 "before the module was loaded" - older_connection
exec 3>&-

# ---- right executable, other code ----------------------------------------------------

policy "default deny" "allow /usr/bin/curl to $web"
expect_ok as alice curl -sS --max-time 9 http://$web/
through LD_PRELOAD v4 B8 LD_PRELOAD /usr/bin/curl as alice \
	env LD_PRELOAD=/vm/bin/preload.so PRELOAD_ADDRESS=$web curl
through ptrace v4 B8 ptrace /usr/bin/curl as alice inject ptrace $web 80 /usr/bin/curl
through proc-pid-mem v4 B8 /proc/PID/mem /usr/bin/curl \
	as alice inject mem $web 80 /usr/bin/curl
through allowed-tool v4 B8 "transfer tool" /usr/bin/curl \
	as alice bash -c "curl -sS --max-time 9 http://$web/ && echo connected"
# ... but only where curl may go.
for what in "env LD_PRELOAD=/vm/bin/preload.so PRELOAD_ADDRESS=$other curl" \
		"inject ptrace $other 80 /usr/bin/curl"; do
	expect_eperm as alice $what
done
policy "default deny" "allow /usr/bin/python3.* to $web"
echo "import socket; socket.create_connection(('$web', 80), 9); print('connected')" \
	>$home/any.py
through allowed-interpreter v4 B9 interpreter '/usr/bin/python3*' \
	as alice python3 $home/any.py

# ---- identity, by root -----------------------------------------------------------------

cp /vm/bin/impostor /opt/evil
policy "default deny" "allow /opt/allowed to $web"
refused_row PR_SET_MM_EXE_FILE v4 spoof file /opt/evil $web 80
through rename-running-to-allowed v4 B11 "replaced" /opt/allowed \
	/opt/evil rename $web 80 /opt/allowed
policy "default deny" "allow /vm/bin/impostor user root to $web"
mode enforce
expect_ok impostor plain $web 80
refused_row setuid v4 impostor setuid $web 80

# ---- addresses ---------------------------------------------------------------------------

policy "default deny" "allow any to $web"
refused_row loopback v4 dial -u 127.0.0.1 80
refused_row loopback v6 dial -u ::1 80
refused_row loopback mapped dial -u ::ffff:127.0.0.1 80
refused_row any-address v4 dial -u 0.0.0.0 80
refused_row any-address v6 dial -u :: 80
refused_row own-address v4 dial -u 198.51.100.1 80
refused_row nat64-default-deny v6 dial -u 64:ff9b::203.0.113.8 80
refused_row 6to4-default-deny v6 dial -u 2002:cb00:7108::1 80
refused_row compatible-default-deny v6 dial -u ::203.0.113.8 80
policy "default allow" "deny any to $other"
mode enforce
through nat64-default-allow v6 B20 NAT64 '*' dial -u 64:ff9b::203.0.113.8 80
through 6to4-default-allow v6 B20 6to4 '*' dial -u 2002:cb00:7108::1 80

# ---- not a connection out, not the Internet --------------------------------------------------

modprobe vsock_loopback 2>/dev/null
policy "default deny" "allow /vm/bin/dial to 198.51.100.1"
through unix-socket - B21 "not governed" - as alice impostor unix - 0
if [[ $(impostor vsock - 0 2>&1) == *'not supported'* ]]; then
	row vsock - absent
else
	through vsock - B21 "vsock" - as alice impostor vsock - 0
fi
accepted() {
	as alice impostor accept - 9999 &
	wait_for 5 grep -q ':270F 0' /proc/net/tcp
	ip netns exec srv dial 198.51.100.1 9999 >/dev/null
	wait $!
}
if [[ $(accepted) != connected ]]; then
	wrong accepted-as-channel v4 "does not work"
elif grep -q ' in .*:9999 .*/vm/bin/impostor$' $fs/connections; then
	known accepted-as-channel v4 recorded B26 "connected to from outside"
else
	wrong accepted-as-channel v4 "not recorded"
fi

# ---- namespaces and the kernel -----------------------------------------------------------------

ip netns add box
ip -n box link set lo up
policy "default deny" "allow any to $web"
refused_row network-namespace v4 ip netns exec box dial -u 127.0.0.1 80
refused_row network-namespace v6 unshare -n sh -c "ip link set lo up; dial -u ::1 80"
ip netns del box

tunnel() {
	ip link add cw0 type vxlan id 5 remote $other dstport 4789 || return
	ip addr add 10.99.0.1/24 dev cw0
	ip link set cw0 up
	wire_watch
	ip neigh add 10.99.0.2 lladdr 02:00:00:00:00:99 dev cw0
	dial -u -n 10.99.0.2 80
	python3 -c 'import socket
socket.socket(2, 2).sendto(b"x", ("10.99.0.2", 80))'
	(($(wire_packets $other) == 0)) || echo connected
	ip link del cw0
}
if modprobe vxlan 2>/dev/null; then
	policy "default deny" "allow any to 10.99.0.2"
	through vxlan v4 B17 VXLAN - tunnel
else
	row vxlan v4 absent
fi

# ---- after the daemon, after the module ------------------------------------------------------------

policy "default deny"
kill -9 $policyd_pid
wait $policyd_pid
said=$(dial $web 80)
case $said in
*'not permitted'*)	row daemon-killed v4 refused ;;
*)			wrong daemon-killed v4 "GOT THROUGH: $said" ;;
esac
module_unload
[[ $(dial $web 80) == connected ]] || wrong module-unloaded v4 "does not work"
known module-unloaded v4 documented B23 "unload the module"
module_load	# the suite unloads it in the end
finish
