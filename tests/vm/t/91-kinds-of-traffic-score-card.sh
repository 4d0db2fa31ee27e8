#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 240
# Each kind of traffic is one entry of the history, that of the process which
# says that it was it.  Each has an address of its own to be found by; card.py
# compares and prints.
. /vm/lib.sh
wanted=$scratch/wanted hand=$scratch/hand
modprobe -a sctp nfs 2>/dev/null
ip -n srv route add local 203.0.113.128/25 dev lo 2>/dev/null
ip -n srv route add local 2001:db8:7::/64 dev lo 2>/dev/null
history_up

# next, next6: $to is an address that no other kind uses
number=128
next() { to=203.0.113.$((++number)); }
next6() { to=2001:db8:7::$((++number)); }
# wants KIND MATCH... -- WANT...
wants() { echo "$*" >>"$wanted"; }
# traffic ROLE KIND PORT: by python, which says itself what it wants
traffic() { /vm/traffic.py "$1" "$2" "$to" "$3" >>"$wanted" || fail "$2"; }
# plain KIND PID EXE [WANT...]: somebody connected to $to
plain() {
	wants "$1" dir=out remote=$to -- tgid=$2 "exe=$3" attribution=exact \
		verdict=allow "${@:4}"
}

# ---- both ends, both protocols ---------------------------------------------------

rm -f /run/echo
ip netns exec srv /vm/traffic.py serve - $web 9000 &
server=$!
serves() { [[ -s /run/echo ]]; }
wait_for 20 serves || fail "no server"
nginx=$(pgrep -P "$(cat /run/nginx.pid)")
for version in 4 6; do
	if ((version == 4)); then next; else next6; fi
	traffic tcp tcp$version-out 80
	received=$(sed -n 's/.* received=\([0-9]*\).*/\1/p' "$wanted" | tail -n 1)
	wants tcp$version-in dir=in local=$to -- tgid=$nginx exe=/usr/sbin/nginx \
		attribution=exact local_port=80 sent=$received received=18
	if ((version == 4)); then next; else next6; fi
	traffic udp udp$version-out 9000
done
to=$web
traffic udp_connected udp-connected 9000

# ---- kinds of sockets and calls --------------------------------------------------

# doors KIND=DOOR[=WANT,...]...: an address, a process and one entry each
doors() {
	local kind door want pid answer
	while IFS='=' read -r kind door want; do
		case $kind in
		# SCTP tells its addresses: they must be those of a device.
		sctp)	to=$other ;;
		sctp-6)	to=$other6 ;;
		*-6)	next6 ;;
		*)	next ;;
		esac
		read -r _ pid answer < <(door $to 80 $door)
		[[ $answer == 0 ]] || fail "$kind: door $door answers $answer"
		# shellcheck disable=SC2086 # words
		plain $kind $pid /vm/bin/door ${want//,/ }
	done < <(printf '%s\n' "$@")
}

ip netns exec srv python3 -c '
import signal, socket
s = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, 132)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("::", 80))
s.listen(500)
signal.pause()' &
listens() { ip netns exec srv grep -q ' 80 ' /proc/net/sctp/eps; }
wait_for 20 listens || fail "no SCTP listener"
sysctl -q net.ipv4.ping_group_range="0 2147483647"
doors non-blocking=connect-nonblocking=proto=tcp,sent=0 \
	udp-connected-once=udp-connect=proto=udp,sent=8 \
	udp-not-connected=udp-sendto=proto=udp,sent=8 \
	ping-socket=ping-sendto=proto=icmp,sent=8 \
	ping-socket-6=ping-sendto=proto=icmp,sent=8 \
	raw-ip=raw-sendto=proto=raw,sent=8 raw-ip-6=raw-sendto=proto=raw,sent=8 \
	sctp=sctp-connect=proto=sctp,sent=0,received=0 \
	sctp-6=sctp-connect=proto=sctp,sent=0,received=0 \
	io_uring=uring-connect=proto=tcp,sent=0 \
	io_uring-sqpoll=uring-connect-sqpoll=proto=tcp,sent=0 \
	fast-open=fastopen-sendto=proto=tcp,sent=1
# Debian's 5.10 has none.
[[ $(uname -r) == 5.10.* ]] || doors mptcp=connect-mptcp=proto=tcp,sent=0
read -r _ pid answer < <(door $to 80 packet-raw)
wants af-packet proto=packet tgid=$pid -- dir=out remote=null \
	exe=/vm/bin/door attribution=exact sent=60 received=0

next
short 1 "$scratch/short" $to 80 & pid=$!
wait $pid || fail "short"
plain short-lived $pid /vm/bin/short sent=18 proto=tcp

# ping uses a ping socket where it may, else a raw one.
for range in "0 2147483647" "1 0"; do
	next
	sysctl -q net.ipv4.ping_group_range="$range"
	ping -c 1 -W 9 $to >"$scratch/ping" & pid=$!
	wait $pid || fail "ping: $(cat "$scratch/ping")"
	proto=icmp received=64
	# A raw socket gets the header of IP as well.
	[[ $range != "1 0" ]] || proto=raw received=84
	wants ping-by-$proto dir=out remote=$to proto=$proto -- tgid=$pid \
		exe=/usr/bin/ping attribution=exact sent=64 received=$received
done

next
cp /etc/resolv.conf "$scratch/resolv.conf" 2>/dev/null
echo "nameserver $to" >/etc/resolv.conf
getent ahostsv4 some.example >"$scratch/dns" & pid=$!
wait $pid || fail "getent: $(cat "$scratch/dns")"
cp "$scratch/resolv.conf" /etc/resolv.conf 2>/dev/null || rm /etc/resolv.conf
plain dns-by-glibc $pid /usr/bin/getent remote_port=53 proto=udp sent=30 received=46

# ---- who it is --------------------------------------------------------------------

next
traffic child forked-child 80
next
traffic child_sends forked-child-sends 80
next
traffic thread thread 80

# PROGRAM of handover says who it is before it takes the socket.
heir=$scratch/heir
cp /vm/bin/handover "$heir"
cat >"$hand" <<S
#!/bin/bash
echo \$\$ >$scratch/user
exec $heir "\$@"
S
chmod 755 "$hand"
# hand KIND WAY USE: leaves the maker's number in $pid, the user's in $user
hand() {
	next
	handover "$2" "$3" $to 80 "$hand" >"$scratch/used" & pid=$!
	wait $pid || fail "$1: $(cat "$scratch/used")"
	user=$(cat "$scratch/user")
}
hand exec-after-socket exec connect
plain exec-after-socket $user "$heir" sent=0
hand passed-fd scm connect
plain passed-fd $user "$heir" sent=0
for way in exec scm pidfd; do
	hand used-by-heir $way write
	wants used-after-$way dir=out remote=$to -- tgid=$pid \
		exe=/vm/bin/handover attribution=inherited user.tgid=$user \
		"user.exe=$heir" sent=1
done

# activated KIND ROLE PORT: somebody connects from srv to what ROLE serves
activated() {
	: >"$scratch/activated"
	to=198.51.100.1
	SERVICE=$scratch/service traffic "$2" "$1" "$3" &
	says_listens() { ss -ltn | grep -q ":$1 "; }
	wait_for 20 says_listens "$3" || fail "$1: nobody listens"
	echo hello | ip netns exec srv nc -N -w 9 $to "$3" >/dev/null
	wait $! || fail "$1"
}
cp /vm/traffic.py "$scratch/service"
activated socket-activation activate 7010
activated socket-activation-of-each inetd 7011

install -m 4755 /vm/bin/dial /opt/dial-setuid
next
pid=$(as alice bash -c 'echo $$; exec /opt/dial-setuid "$@"' - $to 80 | head -n 1)
plain setuid-program $pid /opt/dial-setuid uid=1000 sent=0

cat >"$scratch/dial.sh" <<'S'
#!/bin/bash
exec 3<>"/dev/tcp/$1/80"
S
chmod 755 "$scratch/dial.sh"
next
"$scratch/dial.sh" $to & pid=$!
wait $pid || fail "script"
plain script $pid /usr/bin/bash "script=$scratch/dial.sh" sent=0

# ---- where it is -------------------------------------------------------------------

to=127.0.0.77
traffic loopback loopback 7077
to=::1
traffic loopback loopback-6 7077
ip netns add box
ip -n box link set lo up
to=127.0.0.78
ip netns exec box /vm/traffic.py loopback network-namespace $to 7078 >>"$wanted" ||
	fail "network namespace"
ip netns del box
to=127.0.0.79
HOST_PROC=$scratch/proc
mkdir "$HOST_PROC"
mount --bind /proc "$HOST_PROC"
export HOST_PROC
unshare -pfmnui --mount-proc sh -c "hostname box; ip link set lo up
	/vm/traffic.py loopback container $to 7079" >>"$wanted" || fail "container"
umount "$HOST_PROC"

# NFS asks a mount daemon, which nobody is, for the way: by a socket of the kernel,
# but mount(2) does it, so mount is who asks.  Debian's kernel has NFS.
if grep -qw nfs /proc/filesystems; then
	next
	options=vers=3,nolock,proto=tcp,addr=$to
	options+=,mountaddr=$to,mountproto=udp,mountport=9111
	timeout -s KILL $((3 * VM_SLOW)) mount -i -t nfs -o $options $to:/ /mnt \
		>"$scratch/nfs" 2>&1
	cat "$scratch/nfs"
	wants socket-of-the-kernel dir=out remote=$to remote_port=9111 -- \
		proto=udp attribution=exact exe=/usr/bin/mount
	# Over TCP a thread of the kernel connects; nobody is there to answer.
	to=198.51.100.78
	ip neigh replace $to lladdr 02:00:00:00:00:78 dev net0
	options=vers=3,nolock,proto=tcp,addr=$to
	options+=,mountaddr=$to,mountproto=tcp,mountport=9112
	timeout -s KILL $((3 * VM_SLOW)) mount -i -t nfs -o $options $to:/ /mnt \
		>"$scratch/nfs" 2>&1
	cat "$scratch/nfs"
	wants kernel dir=out remote=$to remote_port=9112 -- proto=tcp \
		attribution=kernel "exe=[kernel]"
	ip neigh del $to dev net0
else
	echo "no NFS in this kernel: no kernel socket"
fi

# ---- the card -------------------------------------------------------------------------

# What is sent is told at the end.
kill $server
card() { PYTHONPATH=/vm python3 /vm/card.py "$wanted" "$@"; }
right() { card >"$scratch/card"; }
wait_for 15 right || true
card /run/log/card || fail "not all are right"
history_down
