#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 300
# A daemon runs, an upgrade replaces its file, the module comes (again): the
# daemon keeps its path when root alone could replace it.  When others could,
# or the file never had that path, no path rule matches.
. /vm/lib.sh
module_unload
python=$(readlink -f /usr/bin/python3)
open=/opt/open
mkdir -p /opt/own/bin $open/bin /opt/group /opt/sticky /opt/acl /opt/moved
chmod 777 $open
chmod 775 /opt/group
chgrp staff /opt/group
chmod 1777 /opt/sticky
setfacl -m u:alice:rwx /opt/acl 2>/dev/null || chmod 775 /opt/acl

# daemon NAME COMMAND...: waits in the background, then connects to $web and
# says how that went in $scratch/NAME
code='import os, socket, sys, time
web, go, out = sys.argv[1:4]
open(out + ".up", "w").close()
while not os.path.exists(go): time.sleep(0.1)
try:
    socket.create_connection((web, 80), 5)
    said = "connected"
except OSError as error:
    said = error.strerror
open(out + ".tmp", "w").write(said)
os.rename(out + ".tmp", out)'
chmod 777 "$scratch"
daemon() {
	local name=$1
	shift
	"$@" -c "$code" $web "$scratch/go" "$scratch/$name" &
	wait_for 20 test -e "$scratch/$name.up" || fail "$name does not start"
}
installed() { cp "$python" "$1" && chmod 755 "$1"; }
# replace PATH: as dpkg does
replace() { installed "$1.new" && mv "$1.new" "$1"; }

for path in /opt/own/bin/{replaced,deleted} $open/bin/x /opt/group/x /opt/sticky/x \
		/opt/acl/x /opt/moved/x; do
	installed $path
	daemon "${path//\//-}" $path
	case $path in
	*/deleted)	rm $path ;;
	*)		replace $path ;;
	esac
done
# A directory that is another one now.
rm -r /opt/moved && mkdir /opt/moved && installed /opt/moved/x
# A service in a sandbox of root's.
installed /opt/own/bin/service
daemon service unshare -m /opt/own/bin/service
replace /opt/own/bin/service
# A user's own file, in his mount namespace, by that path; and deleted there.
installed /opt/own/bin/allowed
daemon mine as alice unshare -U -r -m sh -c 'mount -t tmpfs none /opt/own/bin &&
	cp "$0" /opt/own/bin/allowed && exec 3</opt/own/bin/allowed &&
	rm /opt/own/bin/allowed && exec /proc/self/fd/3 "$@"' "$python"
# Deleted from memory, and in a chroot.
daemon memfd "$python" -c 'import os, sys
fd = os.memfd_create("opt/own/bin/allowed")
os.write(fd, open(sys.executable, "rb").read())
os.execve(fd, sys.argv, os.environ)'

up
mode enforce
# Known before: doctor names them, and a load warns of those that have no path.
policyctl load 2>"$scratch/load" || fail "no load"
grep -q 'programs run a file that was replaced or deleted' "$scratch/load" || fail "load: $(<"$scratch/load")"
policyctl doctor >"$scratch/doctor"
grep -q $'^replaced warning\t.*/opt/open/bin/x (.*keep their paths .*\t' "$scratch/doctor" ||
	fail "doctor: $(grep '^replaced' "$scratch/doctor")"
policyctl doctor --json >"$scratch/doctor"
python3 - "$scratch/doctor" <<'P' || fail "doctor: $(grep replaced "$scratch/doctor")"
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
what = [row["what"] for row in rows if row["check"] == "replaced"][0]
lost, kept = what.split("keep their paths ")
for path in "open/bin", "group", "sticky", "acl":
    assert "/opt/%s/x (" % path in lost, path
for path in "replaced", "deleted", "service":
    assert "/opt/own/bin/%s (" % path in kept, path
assert "allowed" not in what
P
policy "default deny" "allow /opt/** to $web"
touch "$scratch/go"
said() {
	wait_for 20 test -e "$scratch/$1" || fail "$1 says nothing"
	[[ $(<"$scratch/$1") == "$2" ]] || fail "$1: $(<"$scratch/$1")"
}
for name in replaced deleted; do
	said "-opt-own-bin-$name" connected
done
said service connected
refused='Operation not permitted'
for name in -opt-open-bin-x -opt-group-x -opt-sticky-x -opt-acl-x -opt-moved-x mine memfd; do
	said "$name" "$refused"
done
grep -q ' (deleted)/opt/open/bin/x$' $fs/connections || fail "not shown as deleted"
grep -q ' exact - /opt/own/bin/deleted$' $fs/connections || fail "not shown by its path"
in_log 'process [0-9]* runs \(deleted\)/opt/open/bin/x: no path rule'
# Who executes a deleted file now is not its program, wherever it was.
installed /opt/own/bin/later
expect_eperm "$python" - $web <<'P'
import os, sys
fd = os.open("/opt/own/bin/later", os.O_RDONLY)
os.unlink("/opt/own/bin/later")
os.execve(fd, ["python3", "-c", "import socket, sys; socket.create_connection((sys.argv[1], 80), 5)", sys.argv[1]], os.environ)
P
installed /opt/own/bin/later
expect_ok /opt/own/bin/later -c "import socket, sys; socket.create_connection((sys.argv[1], 80), 5)" $web
