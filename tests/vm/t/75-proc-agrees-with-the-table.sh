#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The module's table and the join of /proc name the same open connections, ends
# and processes, in all namespaces.  Where they do not, doctor says so.
# timeout: 120
. /vm/lib.sh
((VM_SLOW == 1)) || skip "the kernel has no part in it"
module_unload
up

# hold NAME COMMAND...: runs until the test ends
hold() {
	"${@:2}" >"$scratch/$1" 2>&1 &
	holders+=("$!")
}
holders=()
says_ready() { grep -q ready "$scratch/$1"; }
release() {
	kill "${holders[@]}"
	wait "${holders[@]}"
	holders=()
}

# Answers nobody, so that what is connected stays so.  _socket is what socket
# is made of; socket takes seconds to import in an emulated guest.
silent='
import _socket, select
def listen(family, address):
    s = _socket.socket(family)
    s.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEADDR, 1)
    s.bind((address, 7010))
    s.listen(100)
    return s
servers = [listen(_socket.AF_INET, "127.0.0.1"), listen(_socket.AF_INET6, "::1")]
print("ready", flush=True)
held = []
while True:
    held += [s._accept()[0] for s in select.select(servers, [], [])[0]]
'
# ADDRESS PORT...: connects to each
client='
import _socket, sys, time
held = []
def connect(address, port, type=_socket.SOCK_STREAM):
    family = _socket.AF_INET6 if ":" in address else _socket.AF_INET
    held.append(_socket.socket(family, type))
    held[-1].connect((address, int(port)))
ends = list(zip(sys.argv[1::2], sys.argv[2::2]))
for address, port in ends:
    connect(address, port)
    connect(address, 5300, _socket.SOCK_DGRAM)
connect("::ffff:" + ends[0][0], ends[0][1])
print("ready", flush=True)
time.sleep(600)
'

# open_tcp SOURCE: proto, direction, ends, process and namespace of each
open_tcp() {
	policyctl connections --source "$1" |
		awk '$2 == "tcp" && $4 == "open" { print $2, $3, $5, $6, $7, $10 }' |
		sort
}
views_agree() {
	open_tcp kernel >"$scratch/kernel"
	open_tcp proc >"$scratch/proc"
	cmp -s "$scratch/kernel" "$scratch/proc"
}
look() { policyctl doctor >"$scratch/doctor"; }
# finds CHECK RESULT [PATTERN]: in what doctor said last
finds() {
	local line
	line=$(grep "^$1 " "$scratch/doctor")
	say "$line"
	[[ $line == "$1 $2"$'\t'* ]] || fail "$1 is not $2: $line"
	[[ ${3-} == '' || $line =~ $3 ]] || fail "$1 does not say $3: $line"
}

hold silent python3 -SEc "$silent"
wait_for 20 says_ready silent || fail "no server"
hold client python3 -SEc "$client" 127.0.0.1 7010 ::1 7010 $web 80 $web6 80
hold curl curl -s --max-time 600 http://127.0.0.1:7010/
wait_for 20 says_ready client || fail "no client: $(cat "$scratch/client")"
wait_for 20 views_agree ||
	fail "they differ: $(diff "$scratch/kernel" "$scratch/proc")"
cat "$scratch/proc"
# 5 and curl, both sides of each
(($(wc -l <"$scratch/proc") == 12)) || fail "not 12 lines"
(($(cut -d ' ' -f 6 "$scratch/proc" | sort -u | wc -l) == 2)) ||
	fail "not two namespaces"
grep -q "^tcp out .* ${holders[2]} " "$scratch/proc" || fail "curl is missing"
policyctl connections --source proc >"$scratch/all" || fail "exits $?"
(($(grep -c ' udp out open .* proc - /' "$scratch/all") == 4)) ||
	fail "UDP is missing: $(cat "$scratch/all")"
look
finds seen-by-module ok
finds seen-by-proc ok
finds holders ok

# A namespace that has a name and no process.
ip netns add empty
ip -n empty link set lo up
expect_ok policyctl connections --source proc >"$scratch/out" 2>"$scratch/err"
[[ ! -s $scratch/err ]] || fail "it says: $(cat "$scratch/err")"
ip netns del empty

# Who opened it is gone; a child has it.
hold child python3 -SEc "
import _socket, os, time
s = _socket.socket()
s.connect(('127.0.0.1', 7010))
if os.fork(): os._exit(0)
print('ready', os.getpid(), flush=True)
time.sleep(600)"
wait_for 20 says_ready child || fail "no child"
look
finds holders warning 'tcp port [0-9]+ with 127.0.0.1:7010 of'
kill "$(cut -d ' ' -f 2 "$scratch/child")" || fail "no such process"
release

# A table that is too small for what is there.
policyd_stop
module_unload
module_load max_connections=4
policyd_start
hold silent python3 -SEc "$silent"
wait_for 20 says_ready silent || fail "no server"
hold client python3 -SEc "$client" 127.0.0.1 7010 ::1 7010
wait_for 20 says_ready client || fail "no client"
look && fail "doctor is content"
finds table problem 'not in the table'
finds seen-by-module problem \
	'tcp port [0-9]+ with .*:[0-9]+ of [0-9]+ /usr/bin/python3'
release
policyd_stop
module_unload
