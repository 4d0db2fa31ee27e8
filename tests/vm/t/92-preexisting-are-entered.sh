#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 180
# Connections that are there before the module: entered once, with who has them
# open, direction and both ends; those that end get their end.  Others are made
# while it is being loaded: none of these is lost, none is there twice.
. /vm/lib.sh
module_unload
ulimit -n 8192
cat >"$scratch/hold.py" <<'P'
# hold.py ROLE SCRATCH: says what entries there must be, in the words of card.py,
# holds its connections until SCRATCH/end is there.
import os, socket, sys, threading, time

role, scratch = sys.argv[1:]
WEB, WEB6, PORT, QUEUE = "203.0.113.7", "2001:db8::1", 7100, 7101
kept = []

def wait_for(name):
    while not os.path.exists(f"{scratch}/{name}"):
        time.sleep(0.1)

def say(kind, s, direction, tgid=None, attribution="preexisting"):
    (local, local_port, *_), (remote, remote_port, *_) = s.getsockname(), s.getpeername()
    local, remote = (a.replace("::ffff:", "") for a in (local, remote))
    with open(f"{scratch}/wanted.{role}", "a") as file:
        file.write(f"{kind} dir={direction} local={local} local_port={local_port} "
                   f"remote={remote} remote_port={remote_port} -- "
                   f"tgid={tgid or os.getpid()} "
                   f"exe={os.readlink('/proc/self/exe')} attribution={attribution}\n")

def dial(address, port=PORT, type=socket.SOCK_STREAM):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    s = socket.socket(family, type)
    s.connect((address, port))
    kept.append(s)
    return s

def ready():
    open(f"{scratch}/{role}", "w").close()

def server():
    """Accepts whatever comes, in srv, and says so at the end."""
    listener = socket.create_server(("::", PORT), family=socket.AF_INET6,
                                    dualstack_ipv6=True, backlog=4096)
    ready()
    listener.settimeout(0.2)
    while not os.path.exists(f"{scratch}/end"):
        try:
            s, peer = listener.accept()
        except TimeoutError:
            continue
        kept.append(s)
        before = not os.path.exists(f"{scratch}/storming")
        say("tcp-in" if before else "in-while-loading", s, "in",
            attribution="preexisting" if before else "*")

def queued():
    """In srv: connects to who does not accept."""
    say("other-end-of-queue", dial("198.51.100.1", QUEUE), "out")
    ready()
    wait_for("end")

def client():
    say("tcp4-out", dial(WEB), "out")
    say("tcp6-out", dial(WEB6), "out")
    say("udp4-connected", dial(WEB, 9000, socket.SOCK_DGRAM), "out")
    say("udp6-connected", dial(WEB6, 9000, socket.SOCK_DGRAM), "out")
    say("tcp4-that-ends", dial(WEB), "out")
    ended = kept.pop()
    thread = threading.Thread(target=lambda: say("by-a-thread", dial(WEB), "out"))
    thread.start()
    thread.join()
    for number in range(3):
        threading.Thread(target=wait_for, args=("end",), daemon=True).start()
    say("held-by-parent-and-child", dial(WEB), "out")
    inherited = dial(WEB)
    pid = os.fork()
    if not pid:
        for s in [ended] + kept[:-2]:
            s.close()
        say("held-by-child", inherited, "out")
        wait_for("end")
        os._exit(0)
    kept.pop().close()
    listener = socket.create_server(("198.51.100.1", QUEUE))
    ready()
    wait_for("loaded")
    ended.close()
    s, _ = listener.accept()
    kept.append(s)
    say("from-queue", s, "in", attribution="exact")
    open(f"{scratch}/accepted", "w").close()
    wait_for("end")
    os.waitpid(pid, 0)

def storm():
    """Connects all the time while the module is loaded, and a while longer."""
    more = 0
    while more < 50 and len(kept) < 4000:
        say("while-loading", dial((WEB, WEB6)[len(kept) % 2]), "out", attribution="*")
        more += os.path.exists(f"{scratch}/loaded")
        if len(kept) == 20:
            ready()
    wait_for("end")

globals()[role]()
P
hold() { python3 "$scratch/hold.py" "$1" "$scratch" & pids+=($!); }
pids=()
there() { [[ -e $scratch/$1 ]]; }
ip netns exec srv python3 "$scratch/hold.py" server "$scratch" & pids+=($!)
wait_for 20 there server || fail "no server"
hold client
wait_for 20 there client || fail "no client"
ip netns exec srv python3 "$scratch/hold.py" queued "$scratch" & pids+=($!)
wait_for 20 there queued || fail "nobody in the queue"
accepted_all() { (($(wc -l <"$scratch/wanted.server") == 6)); }
wait_for 20 accepted_all || fail "server has not accepted all"
: >"$scratch/storming"
hold storm
wait_for 20 there storm || fail "no storm"
module_load
: >"$scratch/loaded"
history_start
policy "default allow" "log none"
wait_for 20 there accepted || fail "nobody accepts"
storm_over() {
	local before=$seen
	seen=$(wc -l <"$scratch/wanted.storm")
	((seen > 50 && seen == before)) &&
		((seen == $(grep -c while-loading "$scratch/wanted.server")))
}
seen=0
wait_for 60 storm_over || fail "the storm does not end"

# all_are CLOSED: every entry that was said, and whether it is over
all_are() {
	cat "$scratch"/wanted.* | sed "s/\$/ closed=$1/
		/^tcp4-that-ends /s/closed=.*/closed=*/" >"$scratch/wanted"
	PYTHONPATH=/vm python3 /vm/card.py "$scratch/wanted" >"$scratch/card"
}
show() {
	grep -v 'while-loading.*|right$' "$scratch/card"
	grep while-loading "$scratch/card" | cut -d '|' -f 1,4,6 | sort | uniq -c
}
wait_for 15 all_are null || { show; fail "not all are right"; }
show
: >"$scratch/end"
wait "${pids[@]}"
wait_for 15 all_are '*' || { show; fail "not all have ended"; }
history_down
