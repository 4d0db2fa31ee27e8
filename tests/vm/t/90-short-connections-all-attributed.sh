#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 240
# A thousand connections that live some milliseconds, of fifty processes that
# are gone at once: all in the history, with process, script, ancestors, both
# ends and times.  What the clients say and what the history says is the same
# list.  Beside it, what a look into /proc each second finds.
. /vm/lib.sh
processes=50 each=20 port=8080
((VM_SLOW == 1)) || processes=10
total=$((processes * each))
history_up

# What `short` does, as a script: half of the clients.
cat >"$scratch/short.pl" <<'P'
#!/usr/bin/perl
use strict;
use Socket qw(:DEFAULT getnameinfo inet_pton NI_NUMERICHOST NI_NUMERICSERV IPPROTO_TCP);
use Time::HiRes qw(clock_gettime CLOCK_REALTIME);
sub now { return sprintf("%.0f", 1e9 * clock_gettime(CLOCK_REALTIME)) }
my ($count, $file, $address, $port) = @ARGV;
my $family = $address =~ /:/ ? AF_INET6 : AF_INET;
my $to = $family == AF_INET ? sockaddr_in($port, inet_pton(AF_INET, $address)) :
	Socket::pack_sockaddr_in6($port, inet_pton(AF_INET6, $address));
my $exe = readlink("/proc/self/exe");
my $request = "GET / HTTP/1.0\r\n\r\n";
my @done;
for (1 .. $count) {
	socket(my $s, $family, SOCK_STREAM, IPPROTO_TCP) or die "socket: $!";
	my $before = now();
	connect($s, $to) or die "connect: $!";
	my $connected = now();
	syswrite($s, $request);
	my $name = getsockname($s);
	close($s);
	push @done, [$name, $before, $connected, now()];
}
open(my $out, ">>", $file) or die "$file: $!";
for (@done) {
	my (undef, $local, $from) =
		getnameinfo($$_[0], NI_NUMERICHOST | NI_NUMERICSERV);
	syswrite($out, "{\"tgid\":$$,\"exe\":\"$exe\",\"script\":\"$0\"," .
		"\"local\":\"$local\",\"local_port\":$from," .
		"\"remote\":\"$address\",\"remote_port\":$port,\"sent\":18," .
		"\"before\":$$_[1],\"connected\":$$_[2],\"after\":$$_[3]}\n");
}
P

# Their parent: says first whose children they are.  Two at a time, or they
# would wait for each other longer than they live.
cat >"$scratch/storm.sh" <<'S'
#!/bin/bash
scratch=$1 processes=$2 each=$3 port=$4
addresses=("${@:5}")
PYTHONPATH=/vm python3 -c 'import rows, json, sys
print(json.dumps(rows.chain(int(sys.argv[1]))))' $$ >"$scratch/chain"
until [[ -e $scratch/go ]]; do sleep 0.1; done
for ((i = 0; i < processes; i++)); do
	program=/vm/bin/short
	((i & 2)) || program=$scratch/short.pl
	((i < 2)) || wait -n || exit 1
	"$program" $each "$scratch/done" "${addresses[i & 1]}" $port &
done
for i in 1 2; do wait -n || exit 1; done
S
chmod 755 "$scratch"/{short.pl,storm.sh}

poll() {
	local looks=0
	until [[ -e $scratch/over ]]; do
		policyctl connections --source proc --json >>"$scratch/polled"
		echo $((++looks)) >"$scratch/looks"
		: >"$scratch/go"
		sleep 1
	done
}

cat >"$scratch/check.py" <<'P'
import collections, json, statistics, sys
import rows

scratch, total, port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
done = rows.lines(scratch + "/done")
KEYS = "tgid", "exe", "script", "local", "local_port", "remote", "remote_port"

def key(row):
    return tuple(row[name] for name in KEYS)

if len(done) != total:
    rows.fail(f"the clients made {len(done)}")
found = [row for row in rows.history() if row["remote_port"] == port]
said = collections.Counter(map(key, done))
seen = collections.Counter(map(key, found))
print(f"history: {sum((said & seen).values())} of {total}")
if said != seen:
    print("missing:", *(said - seen), sep="\n  ")
    print("never made:", *(seen - said), sep="\n  ")
    rows.fail(f"{len(said - seen)} missing, {len(seen - said)} never made")

# Who has the same ends again later is told by when it began.
found.sort(key=lambda row: (key(row), row["opened"]))
done.sort(key=lambda one: (key(one), one["before"]))
chain = json.load(open(scratch + "/chain"))
SLACK = 10**8           # between the clocks of the kernel, ns
for one, row in zip(done, found):
    if row["closed"] is None:
        rows.fail("not closed", row)
    opened, closed = rows.nanoseconds(row["opened"]), rows.nanoseconds(row["closed"])
    if not one["before"] - SLACK <= opened <= one["connected"] + SLACK:
        rows.fail("opened at another time", one, row)
    if not opened <= closed or closed < one["connected"] - SLACK:
        rows.fail("closed at another time", one, row)
    if [[a["tgid"], a["exe"]] for a in row["ancestors"]] != chain:
        rows.fail(f"ancestors are not {chain}", row)
    if row["sent"] != one["sent"]:
        rows.fail("bytes sent", one, row)
    if (row["dir"], row["proto"], row["attribution"], row["verdict"]) != \
            ("out", "tcp", "exact", "allow"):
        rows.fail("not a connection that was allowed", row)
scripts = sum(row["script"] is not None for row in found)
print(f"by {len({row['tgid'] for row in found})} processes, {scripts} by scripts, "
      f"{sum(':' in row['remote'] for row in found)} IPv6")

taken = [(one["after"] - one["before"]) / 1e6 for one in done]
print(f"connect, send, close: median {statistics.median(taken):.1f} ms, "
      f"{sum(ms < 5 for ms in taken)} of {total} within 5 ms")
P
cat >"$scratch/share.py" <<'P'
# What the looks into /proc found of it: the process must be right.
import sys
import rows

scratch, total = sys.argv[1:]
KEYS = "local", "local_port", "remote", "remote_port", "tgid"
done = {tuple(one[key] for key in KEYS) for one in rows.lines(scratch + "/done")}
polled = rows.lines(scratch + "/polled")
found = {tuple(row.get(key) for key in KEYS) for row in polled} & done
print(f"proc poller: {len(found)} of {total}, {open(scratch + '/looks').read().strip()} looks")
P

poll & poller=$!
"$scratch/storm.sh" "$scratch" $processes $each $port $web $web6 || fail "a client"
: >"$scratch/over"
wait $poller
export PYTHONPATH=/vm
all_closed() {
	policyctl history --json | python3 -c "
import json, sys
rows = [row for row in map(json.loads, sys.stdin) if row.get('remote_port') == $port]
sys.exit(sum(row['closed'] is not None for row in rows) < $total)"
}
wait_for 20 all_closed || echo "not all are closed"
python3 "$scratch/check.py" "$scratch" $total $port >"$scratch/verdict" ||
	fail "history and clients differ: $(<"$scratch/verdict")"
python3 "$scratch/share.py" "$scratch" $total >"$scratch/share" || fail "poller"
cat "$scratch/verdict" "$scratch/share"
# For the card: what history has, what the looks had, how long they took.
line() { sed -n "s/^$1: //p" "$scratch/$2"; }
{
	echo "short by history|$(line history verdict)|$processes processes|exact|-|right"
	echo "short by looks into /proc|$(line 'proc poller' share)|-|proc|-|-"
	echo "time of a short one|$(line 'connect, send, close' verdict)|-|-|-|-"
} >>/run/log/card
history_down
