#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Traffic of kinds that take a few lines only in a language like this:

    traffic.py ROLE KIND ADDRESS PORT

Prints what an entry of it must look like, in the words of card.py: who it was
and how much went each way.  Roles are the functions at the end.
"""
import os
import select
import socket
import struct
import sys
import threading

IPV6_FREEBIND = 78
REQUEST = b"GET / HTTP/1.0\r\n\r\n"
# The /proc that knows process ids as the host does.
PROC = os.environ.get("HOST_PROC", "/proc")


def me():
    script = None if sys.flags.interactive else os.path.abspath(sys.argv[0])
    return {"tgid": os.readlink(PROC + "/self"),
            "exe": os.readlink("/proc/self/exe"), "script": script}


def words(facts):
    return " ".join(f"{key}={'null' if value is None else value}"
                    for key, value in facts.items())


def say(kind, match, **want):
    print(f"{kind} {words(match)} -- {words(want)}", flush=True)


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def to(address, port, **more):
    return {"dir": "out", "remote": address, "remote_port": port, **more}


def connected(address, port):
    s = socket.socket(family_of(address), socket.SOCK_STREAM)
    s.settimeout(20)
    s.connect((address, port))
    return s


def converse(s):
    """How much came back until the other end closed."""
    s.sendall(REQUEST)
    received = 0
    while True:
        data = s.recv(65536)
        if not data:
            return received
        received += len(data)


def in_child(act):
    """Returns when it is over; its process id."""
    pid = os.fork()
    if not pid:
        act()
        os._exit(0)
    if os.waitpid(pid, 0)[1]:
        sys.exit("the child failed")
    return pid


# ---- roles ----------------------------------------------------------------------

def tcp(kind, address, port):
    s = connected(address, port)
    local = s.getsockname()
    received = converse(s)
    say(kind, to(address, port), **me(), local=local[0], local_port=local[1],
        sent=len(REQUEST), received=received, attribution="exact")


def udp(kind, address, port):
    """Three datagrams to a server that answers, and what its entry says."""
    s = socket.socket(family_of(address), socket.SOCK_DGRAM)
    s.settimeout(20)
    for turn in range(3):
        s.sendto(b"x" * 100, (address, port))
        s.recv(1000)
    local_port = s.getsockname()[1]
    say(kind, to(address, port, proto="udp"), **me(), sent=300, received=600,
        local_port=local_port, attribution="exact")
    say(kind.replace("out", "in"),
        {"proto": "udp", "local_port": port, "remote_port": local_port},
        tgid=open("/run/echo").read().strip(), attribution="exact", sent=600,
        received=300)


def udp_connected(kind, address, port):
    s = socket.socket(family_of(address), socket.SOCK_DGRAM)
    s.settimeout(20)
    s.connect((address, port))
    for turn in range(3):
        s.send(b"x" * 100)
        s.recv(1000)
    local = s.getsockname()
    say(kind, to(address, port, proto="udp"), **me(), sent=300, received=600,
        local=local[0], local_port=local[1], attribution="exact")


def child(kind, address, port):
    """The child of a process that does nothing itself."""
    in_child(lambda: tcp(kind, address, port))


def child_sends(kind, address, port):
    """The parent connects, the child sends: the same program, which is not told apart."""
    s = connected(address, port)
    parent = me()
    in_child(lambda: converse(s))
    say(kind, to(address, port), **parent, attribution="exact", sent=len(REQUEST))


def thread(kind, address, port):
    def act():
        tcp(kind, address, port)
        say(kind + "-id", to(address, port), pid=threading.get_native_id())

    one = threading.Thread(target=act)
    one.start()
    one.join()


def loopback(kind, address, port):
    """Both ends, a process each."""
    server = socket.create_server((address, port), family=family_of(address))
    pid = os.fork()
    if not pid:
        s, peer = server.accept()
        s.sendall(b"y" * 50)
        while s.recv(1000):
            pass
        say(kind + "-in", {"dir": "in", "local": address, "local_port": port},
            **me(), sent=50, received=7, attribution="exact",
            remote=peer[0], remote_port=peer[1])
        os._exit(0)
    server.close()
    s = connected(address, port)
    s.sendall(b"z" * 7)
    s.recv(1000)
    s.close()
    os.waitpid(pid, 0)
    say(kind, to(address, port), **me(), sent=7, received=50,
        attribution="exact",
        netns=os.readlink("/proc/self/ns/net")[5:-1])


def activate(kind, address, port):
    """As systemd does: listens, and starts who accepts when somebody comes."""
    server = socket.create_server((address, port))
    print("# listens", flush=True)
    select.select([server], [], [], 20)
    os.dup2(server.fileno(), 3)
    os.set_inheritable(3, True)
    os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
    service = os.environ["SERVICE"]
    in_child(lambda: os.execv(service, [service, "accept", kind, address,
                                        str(port)]))


def accept(kind, address, port):
    """Who is started by activate()."""
    s, _ = socket.socket(fileno=3).accept()
    s.sendall(b"y" * 50)
    while s.recv(1000):
        pass
    say(kind, {"dir": "in", "local": address, "local_port": port}, **me(),
        sent=50, received=6, attribution="exact")


def inetd(kind, address, port):
    """Accepts, and starts who answers."""
    server = socket.create_server((address, port))
    print("# listens", flush=True)
    s, _ = server.accept()

    def act():
        os.dup2(s.fileno(), 0)
        os.dup2(s.fileno(), 1)
        os.execv("/usr/bin/cat", ["cat"])

    pid = in_child(act)
    say(kind, {"dir": "in", "local": address, "local_port": port}, **me(),
        attribution="inherited", sent=6, received=6,
        **{"user.tgid": pid, "user.exe": "/usr/bin/cat"})


def answer(query, address):
    """Of a name server that gives every name this address."""
    end = query.index(b"\0", 12) + 5
    wanted = struct.unpack_from("!H", query, end - 4)[0]
    record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + address
    found = wanted == 1
    return (query[:2] + b"\x81\x80\0\x01" + struct.pack("!HHH", found, 0, 0) +
            query[12:end] + (record if found else b""))


def serve(_, address, port):
    """Echoes datagrams twice as long, and answers for names on port 53."""
    def bound(number):
        s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
        s.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
        s.bind(("::", number))
        return s

    echo_socket, names = bound(port), bound(53)
    with open("/run/echo", "w") as file:
        file.write(str(os.getpid()))
    while True:
        for s in select.select([echo_socket, names], [], [])[0]:
            data, arrived_at, _, peer = s.recvmsg(2000, 100)
            reply = data * 2 if s is echo_socket else \
                answer(data, socket.inet_aton(address))
            # From the address that was asked, which is one of many.
            s.sendmsg([reply], arrived_at, 0, peer)


def echo(_, address, port):
    """The same on one address."""
    s = socket.socket(family_of(address), socket.SOCK_DGRAM)
    s.bind((address, port))
    with open("/run/echo", "w") as file:
        file.write(str(os.getpid()))
    while True:
        data, peer = s.recvfrom(2000)
        s.sendto(data * 2, peer)


if __name__ == "__main__":
    globals()[sys.argv[1]](sys.argv[2], sys.argv[3], int(sys.argv[4]))
