#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Whatever a program is called, ausearch finds it by its path, shows the path,
# and takes it for no other program.
. /vm/lib.sh
up
auditctl -D >/dev/null
auditctl -R /vm/audit.rules || fail "primer rule"
policy "default deny" "deny any to $other as \"cloud metadata: \\\"x=1\\\"\""
mode enforce
place=/opt/names
mkdir -p $place

# escape TEXT: as records have it in a context
escape() {
	python3 -c '
import os, sys
text = os.fsencode(sys.argv[1])
safe = set(range(0x21, 0x7f)) - set(b"\"=\\")
text = "".join(chr(c) if c in safe else "\\%03o" % c for c in text)
print(text.replace("connwarden:", "connwarden\\072"))' "$1"
}

# dialled FILE: runs a program of that name, which is refused
dialled() {
	mkdir -p "${1%/*}"
	cp /vm/bin/dial "$1" || fail "cannot make $1"
	expect_eperm as alice "$1" $web $port
}

# seen_as SUBJECT FILE: exactly the record of port $port is found by its subject,
# and it names the file
seen_as() {
	audit_wait -m AVC -su "connwarden:$1" -w >/dev/null
	[[ $(grep -c '^type=AVC' <<<"$found") == 1 ]] || fail "$1: not one record: $found"
	has_line " dest=$port " "$found" || fail "$1: another record: $found"
	audit_has -m AVC -su "connwarden:$1" -w -i || fail "$1: not found with -i"
	[[ $found == *" exe=${2//$'\n'/\\012} "* ]] || fail "$1: -i does not show $2: $found"
	[[ $found == *" scontext=connwarden:$1 "* ]] || fail "$1: -i does not show it: $found"
	aureport --input-logs --avc -ts "${audit_from[@]}" >"$scratch/report" 2>&1
	grep -aF " connwarden:$1 " "$scratch/report" | grep -aq ":$port denied" ||
		fail "$1: aureport does not show it: $(cat -v "$scratch/report")"
	say "found: connwarden:$1"
}

# ---- names, each with its own port
port=4500
names=(plain 'connwarden:/usr/bin/curl' 'my app' 'my\040app' 'q"uote' $'m\303\274ll' $'new\nline' $'raw\377byte'
	$'right\342\200\256left' 'a=b' 'scontext=connwarden:/usr/bin/curl'
	'tcontext=connwarden:9.9.9.9:9' 'tclass=x' 'pid=1' '{ x }' 'x (deleted)')
audit_mark
for name in "${names[@]}"; do
	((port++))
	dialled "$place/$name"
	seen_as "$(escape "$place/$name")" "$place/$name"
done
audit_has -m AVC -su connwarden:/usr/bin/curl && fail "taken for curl: $found"
audit_has -m AVC -o connwarden:9.9.9.9 && fail "taken for another destination: $found"
audit_has -m AVC -p 1 && fail "taken for another process: $found"
audit_has -m AVC -su "connwarden:$place/" || fail "not found by the directory"
((${#names[@]} == $(grep -c '^type=AVC' <<<"$found"))) || fail "not all in $place: $found"

# ---- what the parser leaves out at the end of a value
for last in ',' ':' ')' "'"; do
	((port++))
	dialled "$place/end$last"
	seen_as "$place/end$(printf '\\%03o' "'$last")" "$place/end$last"
done

# ---- a path that is cut says so
((port++))
deep=$place/$(printf 'd%.0s' {1..200})/$(printf 'e%.0s' {1..200})/$(printf 'f%.0s' {1..200})/x
dialled "$deep"
audit_wait -m AVC -su "connwarden:${deep:0:512}\\..." >/dev/null
has_line " dest=$port " "$found" || fail "a long path: another record"
has_line " exe_length=" "$found" && fail "exe= is not cut, but is said to be"
((port++))
for ((i = 0; i < 12; i++)); do deep=${deep%/x}/$(printf 'g%.0s' {1..200})/x; done
mkdir -p "${deep%/x}" 2>/dev/null || fail "cannot make the directory"
dialled "$deep"
audit_wait -m AVC -o "connwarden:$web:$port" >/dev/null
has_line "exe=\"${deep:0:2048}\" exe_length=${#deep} " "$found" || fail "exe= does not say that it is cut"

# ---- a process whose file is gone
((port++))
cp /vm/bin/dial $place/gone
expect_eperm python3 - $place/gone $web $port <<'P'
import os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
os.unlink(sys.argv[1])
os.execve(fd, ["dial"] + sys.argv[2:], os.environ)
P
seen_as "(deleted)$place/gone" "(deleted)$place/gone"

# ---- labels
expect_eperm as alice $place/plain $other 80
audit_wait -m AVC -o connwarden:$other >/dev/null
[[ $found == *' label="cloud\040metadata:\040\042x\0751\042" '* ]] || fail "label: $found"
audit_has -m AVC -su connwarden: -i
[[ $found == *' label="cloud\040metadata:\040\042x\0751\042" '* ]] || fail "label with -i: $found"

# ---- nothing of it is malformed
bad=$(audit_find --debug -m AVC -hn x -x y -c z -p 1 -ui 9 -ul 9 -su q -o w | grep -c Malformed)
((bad == 0)) || fail "$bad malformed records"
