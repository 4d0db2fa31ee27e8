#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Prints connections as `policyctl export` does, for tests and pictures:
rows.py example   a small site of two hosts
rows.py many      ten hosts, hundreds of programs, names that mean harm"""
import json
import random
import sys

START = 1764036600 * 10**9  # 2025-11-25T02:10:00Z
ADDRESSES = {}
count = 0
clock = START


def time(ns):
    seconds, rest = divmod(ns, 10**9)
    days, seconds = divmod(seconds, 86400)
    assert days == START // 10**9 // 86400
    return "2025-11-25T%02d:%02d:%02d.%09dZ" % (
        seconds // 3600, seconds // 60 % 60, seconds % 60, rest)


def host(name, address):
    ADDRESSES[name] = address
    return name


def program(on, exe, script=None, unit=None):
    return {"host": on, "exe": exe, "script": script, "unit": unit}


def row(who, direction, ends, opened, closed, more):
    global count
    count += 1
    line = {
        "type": "connection", "host": who["host"], "id": count,
        "opened": time(opened), "closed": closed and time(closed),
        "proto": "tcp", "dir": direction,
        "local": ends[0][0], "local_port": ends[0][1],
        "remote": ends[1][0], "remote_port": ends[1][1],
        "netns": 4026531840, "verdict": None, "attribution": "exact",
        "tgid": 200 + count, "pid": 200 + count, "uid": 0,
        "start": time(START), "exe": who["exe"], "script": who["script"],
        "cgroup": None, "unit": who["unit"], "rule": None, "line": None,
        "label": None, "generation": 2, "sent": 76, "received": 221,
        "ancestors": [], "user": None}
    line.update(more)
    print(json.dumps(line))


def connect(client, server, port, times=1, **more):
    """Between two programs, or to or from an address."""
    global clock
    known = [isinstance(end, dict) for end in (client, server)]
    near = ADDRESSES[client["host"]] if known[0] else client
    far = ADDRESSES[server["host"]] if known[1] else server
    more.setdefault("verdict", "allow")
    refused = more["verdict"] == "deny"
    for i in range(times):
        clock += 173_000_000
        here, there = (near, 32768 + count % 28000), (far, port)
        closed = None if refused else clock + 41_000_000
        size = {"sent": 400 + 13 * i, "received": 9000 + 171 * i}
        if refused:
            size = {"sent": None, "received": None}
            here = (None, None)
        if known[0]:
            row(client, "out", (here, there), clock, closed, {**more, **size})
        if known[1] and not refused:
            row(server, "in", (there, here), clock + 300_000, closed,
                {"sent": size["received"], "received": size["sent"],
                 "proto": more.get("proto", "tcp")})


def hole(on, records):
    print(json.dumps({
        "type": "hole", "host": on, "since": time(START),
        "until": time(START + 10**9), "records": records,
        "reason": "kernel"}))


def example():
    web, db = host("web1", "10.0.0.11"), host("db1", "10.0.0.21")
    nginx = program(web, "/usr/sbin/nginx", unit="nginx.service")
    shop = program(web, "/usr/bin/python3.11", "/srv/shop/worker.py",
                   "shop.service")
    mailer = program(web, "/usr/bin/python3.11", "/srv/shop/mailer.py",
                     "shop-mail.service")
    sshd = program(web, "/usr/sbin/sshd", unit="ssh.service")
    names = program(web, "/lib/systemd/systemd-resolved",
                    unit="systemd-resolved.service")
    clock_ = program(web, "/usr/sbin/chronyd", unit="chrony.service")
    backup = program(web, "/usr/bin/rsync", "/etc/cron.daily/backup",
                     "cron.service")
    curl = program(web, "/usr/bin/curl")
    copy = program(web, "/tmp/curl")
    netcat = program(web, "/usr/bin/nc.openbsd")
    postgres = program(db, "/usr/lib/postgresql/15/bin/postgres",
                       unit="postgresql.service")
    redis = program(db, "/usr/bin/redis-server", unit="redis.service")
    sshd2 = program(db, "/usr/sbin/sshd", unit="ssh.service")
    dump = program(db, "/usr/bin/pg_dump", "/usr/local/bin/nightly.sh",
                   "cron.service")
    apt = program(db, "/usr/lib/apt/methods/http", unit="apt-daily.service")

    def rule(number, label=None):
        return {"rule": number, "line": number + 6, "label": label}

    for i in range(4):
        connect("198.51.100.%d" % (20 + i), nginx, 443, 12 + 30 * i)
    connect("198.51.100.77", sshd, 22, 3)
    connect(nginx, shop, 8000, 120, **rule(2, "web server to shop"))
    connect(shop, postgres, 5432, 64, **rule(3, "shop to database"))
    connect(shop, redis, 6379, 210, **rule(4, "shop to cache"))
    connect(mailer, postgres, 5432, 12, **rule(3, "shop to database"))
    connect(mailer, "192.0.2.25", 587, 9, **rule(5, "mail relay"))
    connect(dump, postgres, 5432, 1, **rule(0))
    connect(backup, sshd2, 22, 2, **rule(6, "nightly backup"))
    for one in (shop, mailer, curl):
        connect(one, names, 53, 17, proto="udp", **rule(0))
    connect(names, "192.0.2.53", 53, 31, proto="udp", **rule(7, "resolver"))
    connect(clock_, "192.0.2.123", 123, 8, proto="udp", **rule(8))
    connect(curl, "203.0.113.7", 80, 12, **rule(9, "the mirror"))
    connect(curl, "203.0.113.8", 443, 4, verdict="deny")
    connect(copy, "203.0.113.7", 80, 3, verdict="deny")
    connect(netcat, "203.0.113.66", 4444, 5, verdict="deny",
            **rule(10, "no shells to the outside"))
    connect(shop, "169.254.169.254", 80, 2, verdict="deny",
            **rule(1, "cloud metadata"))
    connect(shop, "203.0.113.99", 443, 7, verdict="would-deny", **rule(11))
    connect(apt, "203.0.113.7", 80, 6, verdict="would-deny")


HOSTILE = [
    "/tmp/</script><script>document.title='pwned'</script>",
    "/tmp/<img src=x onerror=document.title='pwned'>",
    "/tmp/\"'`${document.title='pwned'}\\\\012\u2028\u2029]]>-->",
    "/tmp/&lt;svg onload=document.title='pwned'&gt;",
    "/tmp/\u202e\ud83d\ude00\\377\x01\x7f" + "x" * 3000,
]


def many():
    pick = random.Random(1)
    hosts = [host("web%d" % i, "10.0.1.%d" % i) for i in range(1, 6)]
    hosts += [host("app%d" % i, "10.0.2.%d" % i) for i in range(1, 4)]
    hosts += [host("db%d" % i, "10.0.3.%d" % i) for i in range(1, 3)]
    servers = [(program(on, "/usr/sbin/" + name, unit=name + ".service"), port)
               for on in hosts for name, port in
               (("nginx", 443), ("sshd", 22), ("worker", 8000))]
    for on in hosts:
        for i in range(17):
            client = program(on, "/usr/bin/tool-%d" % i)
            server, port = pick.choice(servers)
            connect(client, server, port, pick.randint(1, 5),
                    verdict=pick.choice(["allow"] * 7 + ["deny",
                                                         "would-deny"]))
            connect(client, "203.0.%d.%d" % (pick.randint(0, 40),
                                             pick.randint(1, 250)), 443)
    for name in HOSTILE:
        client = program(hosts[0], name, unit=name[-30:])
        connect(client, servers[0][0], 443, 2, label=name, line=1, rule=0)
    connect(program(hosts[0], "/usr/bin/local"), "127.0.0.1", 8080,
            verdict="deny")
    hole("web1", 12)


if len(sys.argv) != 2 or sys.argv[1] not in ("example", "many"):
    sys.exit(__doc__)
globals()[sys.argv[1]]()
