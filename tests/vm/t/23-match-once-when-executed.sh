#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 180
# A path is read when it is executed and when a policy is loaded, once for all
# globs, and never for a connection.  1,500 globs and paths of 4 KiB.
. /vm/lib.sh
up
top=/home/deep
mkdir -p $top

# rules COUNT FORMAT [LINE...]: "allow GLOB to $web" for each number, and lines
rules() {
	local count=$1 format=$2
	shift 2
	{
		echo "default deny"
		seq -f "allow $format to $web" 0 $((count - 1))
		printf '%s\n' "$@"
	} >"$scratch/rules.conf"
	policyctl load "$scratch/rules.conf" >"$scratch/loaded" ||
		fail "refused: $format"
}

# grew BY: how many paths have been read since the last time
seen=0
grew() {
	local now
	now=$(status matched)
	((now - seen == $1)) || fail "$((now - seen)) paths were read, not $1"
	seen=$now
}

rules 1500 '/home/**/bin%g/python*'
mode enforce
seen=$(status matched)
# once when it is executed: the copy in /vm/bin, then the long path
expect_ok deep $top a bin7/python3 connect $web 50
now=$(status matched)
((now - seen <= 2)) || fail "$((now - seen)) paths were read"
seen=$now
# what is known is not read again
expect_ok deep $top a bin7/python3 connect $web 50
grew 1
expect_eperm deep $top a bin1500/python3 connect $web 1
expect_eperm deep $top a bin7/pythox connect $web 1
expect_eperm deep $top a bin7/python3 connect $other 1

# Those that run when a policy is loaded are read then.
cat >"$scratch/waiter.py" <<'P'
import socket, sys
address = sys.argv[1]
for line in sys.stdin:
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.settimeout(50)
    try:
        s.connect((address, 80))
        print("ok", flush=True)
    except OSError as e:
        print(e.strerror, flush=True)
P
coproc waiter { exec python3 "$scratch/waiter.py" $web; }
ask() { echo go >&"${waiter[1]}"; read -ru "${waiter[0]}" answer; }
ask
expect_is "the answer under the first policy" "Operation not permitted" \
	echo "$answer"
rules 300 '/usr/**/%g/python*' "allow /usr/**/pyth?n3* to $web"
seen=$(status matched)
ask
expect_is "the answer under the second policy" ok echo "$answer"
grew 0
rules 300 '/usr/*/pytho%gn*'
seen=$(status matched)
ask
expect_is "the answer under the third policy" "Operation not permitted" \
	echo "$answer"
grew 0
kill "$waiter_PID"

# A path that keeps very many globs undecided is denied, and that is counted.
{
	echo "default allow"
	seq -f "deny /home/**/%g/**/x to any" 0 299
} >"$scratch/rules.conf"
policyctl load "$scratch/rules.conf" || fail "refused"
path=$top
for i in {0..299}; do path+=/$i; done
mkdir -p "$path"
cp /vm/bin/dial "$path/dial"
before=$(status undecided)
expect_eperm "$path/dial" $web 80
(($(status undecided) > before)) || fail "undecided is not counted"
cp /vm/bin/dial $top/dial
expect_ok $top/dial $web 80
has_line 'everything was denied' "$(policyctl doctor)" ||
	fail "doctor does not tell"
