#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What root is asked to load: only regular files, and nothing of a file that is
# no rules is shown; what others may change is refused or warned about.
. /vm/lib.sh
rules=/etc/connwarden/rules.conf
up

# refused PATTERN FILE: at once, and the next load does not wait
refused() {
	expect_fails 1 "$1" timeout $((20 * VM_SLOW)) policyctl load "$2"
	policy "default allow"
}

mkfifo "$scratch/fifo"
ln -s "$scratch/fifo" "$scratch/link"
truncate -s 1T "$scratch/sparse"
for file in fifo link; do refused 'not a regular file' "$scratch/$file"; done
for file in /dev/zero /dev/null /dev/kmsg /proc/kmsg /proc/self/maps \
	/sys/kernel/security/connwarden/status; do
	refused 'not a regular file' $file
done
refused 'File too large' "$scratch/sparse"
refused 'Is a directory' "$scratch"
for file in fifo sparse; do
	echo "include \"$file\"" >"$scratch/outer.conf"
	refused "$file: " "$scratch/outer.conf"
done

# Nothing of these is in what comes back, nor in the log of the daemon.
printf '%s\n' "root:hunter2:1:0:99999:7:::" "daemon:*:1:0:99999:7:::" >"$scratch/passwords"
printf '%s\n' "-----BEGIN PRIVATE KEY-----" hunter2AAAA >"$scratch/key"
printf '%s\n' '{"password":"hunter2"}' >"$scratch/json"
printf '%s\n' "default deny" "allow any to @loopback" "hunter2 is here" >"$scratch/pasted"
for file in passwords key json pasted; do
	policyctl load "$scratch/$file" >"$scratch/out" 2>&1 && fail "$file is loaded"
	printf '%s\n' "default deny" "include \"$file\"" >"$scratch/outer.conf"
	policyctl load "$scratch/outer.conf" >>"$scratch/out" 2>&1 && fail "$file is included"
	grep hunter2 "$scratch/out" "$scratch/policyd.log" && fail "$file is shown"
done
policyctl load /etc/shadow >"$scratch/out" 2>&1 && fail "passwords are loaded"
cat "$scratch/out"
grep -E ':[0-9]+:[0-9]+:' "$scratch/out" && fail "passwords are shown"
echo "alow any to any" >"$scratch/typo"
expect_fails 1 '^alow any to any$' policyctl load "$scratch/typo"

# A file of the user who loads it on his own: it is said.
mkdir -m 777 "$scratch/open"
chown alice "$scratch/open"
echo "allow any to @loopback" >"$scratch/open/more.conf"
chmod 755 "$scratch"
echo "include \"$scratch/open/*.conf\"" >"$scratch/outer.conf"
expect_fails 0 'not-trusted' policyctl load "$scratch/outer.conf"
expect_fails 0 'belongs to uid 1000' policyctl load "$scratch/open/more.conf"
# What is loaded at every boot: not at all.
cp "$scratch/outer.conf" $rules
expect_fails 1 'not read: .*open belongs to uid 1000' policyctl load
chown root "$scratch/open"
expect_fails 1 'may be changed by everybody' policyctl load
chmod 755 "$scratch/open"
expect_ok policyctl load
chmod 666 $rules
expect_fails 1 'may be changed by everybody' policyctl load
chmod 644 $rules
expect_ok policyctl load
policyd_stop
