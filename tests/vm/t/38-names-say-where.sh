#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 300
# Only a program of the host is shown with a path alone.  One that is deleted, in
# a container, elsewhere or only in memory is shown in a form that says so, which
# no user can make look like the host's or like another container's.
. /vm/lib.sh
history_up
mode enforce
root=/sys/fs/cgroup
mountpoint -q $root || mount -t cgroup2 none $root || skip "no cgroup2"
id=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
docker=$root/system.slice/docker-$id.scope
delegated=$root/system.slice/alice.service/docker-$id.scope
mkdir -p "$docker" "$delegated" $root/lxc.payload.web
jail=/tmp/jail
mkdir -p $jail/usr/bin
cp /vm/bin/dial $jail/usr/bin/curl
cp /vm/bin/dial /tmp/evil
chmod 755 /tmp/evil
# Elsewhere is the device and the path in its file system.
place=$(stat -c %Hd:%Ld /tmp) top=$(stat -c %m /tmp)
inside=${jail#"${top%/}"} evil=/tmp/evil
evil=${evil#"${top%/}"}

within() {
	local group=$1
	shift
	(echo $BASHPID >"$group/cgroup.procs" && exec "$@")
}

# gone ROOT PATH: executes a copy of dial that was deleted, below ROOT
gone() {
	rm -f "$1$2.gone"
	cp /tmp/evil "$1$2.gone" && mv "$1$2.gone" "$1$2"
	python3 - "$@" $web <<'P'
import os, sys
root, path, web = sys.argv[1:]
fd = os.open(root + path, os.O_RDONLY)
os.unlink(root + path)
if root:
    os.chroot(root)
os.execve(fd, ["dial", web, "80"], os.environ)
P
}

in_memory() {
	python3 - $web <<'P'
import os, sys
fd = os.memfd_create("usr/bin/curl")
os.write(fd, open("/tmp/evil", "rb").read())
os.execve(fd, ["dial", sys.argv[1], "80"], os.environ)
P
}

# shown EXE COMMAND...: it connects and is shown so
rows() { awk 'NR > 1 && $6 == "'$web':80" && $3 == "out"' $fs/connections | by_age; }
exes=()
shown() {
	local exe=$1 got
	shift
	expect_ok "$@"
	got=$(rows | awk 'END { print $NF }')
	[[ $got == "$exe" ]] || fail "shown as $got, not $exe"
	exes+=("$exe")
}

shown /tmp/evil /tmp/evil $web 80
shown "(deleted)/tmp/gone" gone "" /tmp/gone
shown "(deleted)/usr/bin/gone" gone "" /usr/bin/gone
shown "[memfd]usr/bin/curl" in_memory
shown "[$place]$inside/usr/bin/curl" chroot $jail /usr/bin/curl $web 80
shown "[$place](deleted)$inside/usr/bin/curl" gone $jail /usr/bin/curl
cp /tmp/evil $jail/usr/bin/curl

# A user's own mount namespace: never a path alone, deleted or not.
mine() { as alice unshare -U -r -m sh -c "mount -t tmpfs none /usr/sbin && cp /tmp/evil /usr/sbin/curl && $1"; }
expect_ok mine "exec /usr/sbin/curl $web 80"
[[ $(rows | awk 'END { print $NF }') =~ ^\[[0-9]+:[0-9]+\]/curl$ ]] || fail "$(rows | tail -n 1)"
expect_ok mine "exec 3</usr/sbin/curl; rm /usr/sbin/curl; exec /proc/self/fd/3 $web 80"
[[ $(rows | awk 'END { print $NF }') =~ ^\[[0-9]+:[0-9]+\]\(deleted\)/curl$ ]] || fail "$(rows | tail -n 1)"

# In a container: its name and the path in there, also of a bind mount.
c=docker:${id:0:12}
shown "[$c]/usr/bin/curl" within "$docker" unshare -m chroot $jail /usr/bin/curl $web 80
touch $jail/usr/bin/mounted
shown "[$c]/usr/bin/mounted" within "$docker" unshare -m sh -c \
	"mount --bind /tmp/evil $jail/usr/bin/mounted && exec chroot $jail /usr/bin/mounted $web 80"
shown "[$c](deleted)/usr/bin/gone" within "$docker" bash -c "$(declare -f gone); web=$web gone $jail /usr/bin/gone"
shown "[$c,memfd]usr/bin/curl" within "$docker" unshare -m bash -c "$(declare -f in_memory); web=$web in_memory"
shown "[lxc:web]/usr/bin/curl" within $root/lxc.payload.web chroot $jail /usr/bin/curl $web 80
# The host's own program there is the host's.
shown /tmp/evil within "$docker" /tmp/evil $web 80
# Not what a user makes in there, nor in a control group of his own.
expect_ok within "$docker" su alice -c "exec unshare -U -r -m sh -c 'mount --bind /tmp/evil /usr/bin/curl && exec /usr/bin/curl $web 80'"
[[ $(rows | awk 'END { print $NF }') == "[$c,$place]$evil" ]] || fail "$(rows | tail -n 1)"
shown "[$place]$inside/usr/bin/curl" within "$delegated" chroot $jail /usr/bin/curl $web 80

# History and who have the same names.
in_history() {
	local exe
	policyctl history --json >"$scratch/history"
	for exe in "${exes[@]}"; do
		grep -qF "\"exe\":\"$exe\"" "$scratch/history" || return
	done
}
wait_for 30 in_history || fail "not all in history"
policyctl who $web:80 --json | grep -qF "\"exe\":\"[$c]/usr/bin/curl\"" || fail "who does not show it"

# ausearch finds each form as it is shown.
policy "default deny"
for exe in "(deleted)/tmp/gone" "[$c]/usr/bin/curl" "[memfd]usr/bin/curl"; do
	case $exe in
	*gone)	expect_eperm gone "" /tmp/gone ;;
	*memfd*) expect_eperm in_memory ;;
	*)	expect_eperm within "$docker" chroot $jail /usr/bin/curl $web 80 ;;
	esac
	found() { ausearch --input-logs -m AVC -su "connwarden:$exe" 2>/dev/null | grep -q tclass; }
	wait_for 10 found || fail "ausearch does not find $exe"
done
policy "default allow"

# Those of before the module have the same names.
cp "$(command -v bash)" $jail/usr/bin/bash
for library in $(ldd /usr/bin/bash | grep -o '/[^ ]*'); do
	mkdir -p "$jail${library%/*}" && cp "$library" "$jail$library"
done
history_down
mkdir -p $jail/tmp
within "$docker" unshare -m chroot $jail /usr/bin/bash -c \
	"until [[ -e /tmp/go ]]; do :; done; exec 3<>/dev/tcp/$web/80" &
pid=$!
isin() { [[ $(readlink "/proc/$(<"$docker/cgroup.procs")/exe") == *jail/usr/bin/bash ]]; }
wait_for 10 isin || fail "not in the container"
module_load
touch $jail/tmp/go
wait $pid || fail "no connection"
got=$(rows | awk 'END { print $NF }')
[[ $got == "[$c]"*/usr/bin/bash ]] || fail "shown as $got"
