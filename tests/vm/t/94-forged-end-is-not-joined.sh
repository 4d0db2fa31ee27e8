#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A user in a network namespace of her own injects by a tun device the handshake
# of root's connection, before root makes it.  Her program is not shown as root's
# server; the real one, in a namespace that root made, is.
. /vm/lib.sh
history_up
# Where it is no module it is there.
[[ -d /sys/class/misc/tun ]] || modprobe tun || fail "no tun"
chmod 666 /dev/net/tun
cat >"$scratch/forge.py" <<'P'
import fcntl, os, socket, struct, subprocess, sys
CLIENT, SERVER, SPORT, DPORT = "198.51.100.1", "203.0.113.7", 40000, 80
tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, 0x400454ca, struct.pack("16sH22x", b"t0", 0x1001))
for words in ("link set lo up", "link set t0 up", f"addr add {SERVER}/32 dev lo",
              f"route add {CLIENT}/32 dev t0"):
    subprocess.run(["ip", *words.split()], check=True)
listener = socket.create_server((SERVER, DPORT))

def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff

def packet(flags, seq, ack):
    src, dst = socket.inet_aton(CLIENT), socket.inet_aton(SERVER)
    head = [SPORT, DPORT, seq, ack, 5 << 12 | flags, 65535, 0, 0]
    pseudo = src + dst + struct.pack("!BBH", 0, 6, 20)
    head[6] = checksum(pseudo + struct.pack("!HHIIHHHH", *head))
    ip = [0x45, 0, 40, 1, 0, 64, 6, 0]
    ip[7] = checksum(struct.pack("!BBHHHBBH", *ip) + src + dst)
    return (struct.pack("!BBHHHBBH", *ip) + src + dst +
            struct.pack("!HHIIHHHH", *head))

os.write(tun, packet(2, 1000, 0))                       # SYN
while True:
    reply = os.read(tun, 2000)
    if reply[0] >> 4 == 4 and reply[9] == 6 and reply[33] == 0x12:
        break
os.write(tun, packet(16, 1001, struct.unpack("!I", reply[24:28])[0] + 1))
connection, peer = listener.accept()
assert peer == (CLIENT, SPORT), peer
print(os.stat("/proc/self/ns/net").st_ino, flush=True)
sys.stdin.read()
P
chmod 755 "$scratch"
mkfifo "$scratch/end"
as alice unshare -Urn python3 "$scratch/forge.py" <"$scratch/end" >"$scratch/netns" 2>"$scratch/forge.err" &
exec {end}>"$scratch/end"
forged() { [[ -s $scratch/netns ]]; }
wait_for 20 forged || fail "nothing forged: $(<"$scratch/forge.err")"
netns=$(<"$scratch/netns")
expect_ok fetch --local-port 40000 "http://$web/"
stored() {
	policyctl history >"$scratch/rows"
	[[ $(grep -c ':40000 ' "$scratch/rows") == 3 ]]
}
wait_for 20 stored || fail "not all stored: $(<"$scratch/rows")"
exec {end}>&-

policyctl flows --json >"$scratch/flows" || fail "no flows"
cat >"$scratch/check.py" <<'P'
import json, sys
flows = [json.loads(line) for line in open(sys.argv[1])]
curl = [f for f in flows if f["client_exe"] == "/usr/bin/curl"]
forger = [f for f in flows if "python" in (f["server_exe"] or "")]
assert [f["server_exe"] for f in curl] == ["/usr/sbin/nginx"], curl
assert len(forger) == 1 and forger[0]["client_exe"] is None, forger
assert forger[0]["server_netns"] == int(sys.argv[2]), forger
assert curl[0]["server_netns"] is None, curl
P
expect_ok python3 "$scratch/check.py" "$scratch/flows" "$netns"
policyctl export | grep -q '"netns_owner":"user"' || fail "export does not say whose namespace"

# who shows where the forger is.
policyctl who "$web:80" >"$scratch/who" || fail "who finds nobody"
grep -q " $netns\$" "$scratch/who" || fail "who: $(<"$scratch/who")"

# --across-netns does what it says.
policyctl flows --across-netns --json >"$scratch/flows" || fail "no flows"
python3 "$scratch/check.py" "$scratch/flows" "$netns" 2>/dev/null && fail "not joined across"
history_down
