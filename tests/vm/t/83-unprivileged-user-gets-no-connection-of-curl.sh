#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 150
# The policy gives an address to /usr/bin/curl.  A user without privileges
# tries to be taken for it: user namespace, bind mount, overlay, chroot,
# PR_SET_MM_MAP, rename, hard link, copy, symlink, script with a false argv[0],
# memfd and more.  Each attack must fail with EPERM in enforce mode, and in
# monitor mode succeed, which proves that it works, and be recorded.
. /vm/lib.sh
. /vm/bypass.sh
home=/home/alice net=203.0.113.128/25

# ---- the attacks: as alice, each with an address of its own, $web -----------------

attack_argv0() { bash -c "exec -a /usr/bin/curl $home/evil $web 80"; }
attack_comm() { impostor comm $web 80; }
attack_argv-in-memory() { impostor argv $web 80; }
attack_proc-self-mem() { impostor own-memory $web 80; }
attack_copy() { $home/copy/curl -sSv --max-time 9 http://$web/; }
attack_hard-link() { $home/hard -sSv --max-time 9 http://$web/; }
attack_hard-link-of-evil() { $home/link/curl $web 80; }
attack_symlink() { PATH=$home/symlink:$PATH curl $web 80; }
attack_rename-before() { PATH=$home/renamed:$PATH curl $web 80; }
attack_rename-running() {
	cp /vm/bin/impostor $home/renamed/it
	$home/renamed/it rename $web 80 $home/renamed/curl2
}
attack_rename-to-curl() {
	cp /vm/bin/impostor $home/renamed/it
	$home/renamed/it rename $web 80 /usr/bin/curl
}
attack_script() { bash -c "exec -a /usr/bin/curl $home/script/curl $web"; }
attack_memfd() { impostor memfd $web 80 $home/evil; }
attack_fexecve() { impostor descriptor $web 80 $home/evil; }
attack_deleted() { impostor deleted $web 80 $home/evil; }
attack_ld.so() { /lib64/ld-linux-x86-64.so.2 /usr/bin/curl -sSv --max-time 9 http://$web/; }
attack_user-namespace() { unshare -U -r $home/evil $web 80; }
attack_bind-mount() {
	unshare -U -r -m sh -c "mount --bind $home/evil /usr/bin/curl &&
		exec /usr/bin/curl $web 80"
}
attack_overlay() {
	unshare -U -r -m sh -c "mount -t overlay -o lowerdir=$home/link:/usr/bin \
		overlay /usr/bin && exec /usr/bin/curl $web 80"
}
attack_chroot() { unshare -U -r chroot $home/jail /usr/bin/curl $web 80; }
attack_detached-mount() { impostor detached-mount $web 80 $home/jail; }
attack_proc-pid-root() { "/proc/$holder/root/usr/bin/curl" $web 80; }
attack_PR_SET_MM_MAP() { spoof map /usr/bin/curl $web 80; }
attack_fork() { impostor fork $web 80; }
attack_thread() { impostor thread $web 80; }
attack_orphan-thread() { impostor orphan-thread $web 80; }
attack_shared-memory() { impostor shared-memory $web 80; }

attacks() { compgen -A function attack_ | sed 's/^attack_//'; }

# What some kernels answer to attacks by themselves: 5.10 lets no user mount an
# overlay, and since Debian's 7 sets CONFIG_PROC_MEM_FORCE_PTRACE nobody changes
# his own text.
declare -A kernel_refuses=()
case $(uname -r) in
5.10.*)	kernel_refuses[overlay]='mount: /usr/bin: permission denied' ;;
7.*)	kernel_refuses[proc-self-mem]='/proc/self/mem: Input/output error' ;;
esac

# ---- what they need ---------------------------------------------------------------

prepare_files() {
	# The host may forbid hard links to the files of others; not here.
	sysctl -q fs.protected_hardlinks=0
	as alice bash -c "cd $home && mkdir copy link symlink renamed script \
		jail jail/usr jail/usr/bin && cp /vm/bin/dial evil &&
		cp /usr/bin/curl copy/curl && ln /usr/bin/curl hard &&
		ln evil link/curl && ln -s ../evil symlink/curl &&
		cp evil renamed/evil && mv renamed/evil renamed/curl &&
		cp evil jail/usr/bin/curl" || fail "preparation"
	cat >$home/script/curl <<'P'
#!/bin/bash
exec 3<>/dev/tcp/$1/80 && echo connected
P
	chmod 755 $home/script/curl
}

# Somebody holds a mount namespace in which /usr/bin/curl is another file.
hold_namespace() {
	as alice unshare -U -r -m sh -c \
		"mount --bind $home/evil /usr/bin/curl && exec sleep 300" &
	wait_for 10 holds || fail "no other namespace"
}

holds() {
	holder=$(pgrep -u alice -x sleep | tail -n 1)
	[[ $holder ]] && as alice cmp -s "/proc/$holder/root/usr/bin/curl" $home/evil
}

# The prctl works when nobody stops it, or the attack would prove nothing.
prctl_works() {
	module_unload
	as alice spoof map /usr/bin/curl $web 80 >"$scratch/spoof"
	cat "$scratch/spoof"
	grep -qx 'exe: /usr/bin/curl' "$scratch/spoof" || fail "no such attack"
}

# ---- trying ------------------------------------------------------------------------

# try_all: one shell of alice tries them all; fills said
declare -A said
try_all() {
	local line name=''
	said=()
	# shellcheck disable=SC2016 # for the shell of alice
	while IFS= read -r line; do
		printf '%s\n' "$line"
		case $line in
		'== '*)	name=${line#== } ;;
		*)	said[$name]+=$line ;;
		esac
	done < <(as alice bash -c 'number=128
		for attack in "$@"; do
			web=203.0.113.$((++number))
			echo "== $attack"
			attack_$attack </dev/null 2>&1
		done' try_all "${attacks[@]}")
}

# entry NUMBER: the verdict and the executable recorded for attack NUMBER
entry() {
	awk -v to="203.0.113.$((129 + $1)):80" '
		NR > 1 && $6 == to && $11 != "deny" { print $11, $NF }' $fs/connections
}

judge_attack() {
	local name=$1 entry=$2 answer=${kernel_refuses[$1]-}
	if [[ $answer && ${refused[$name]} == "$answer"* &&
			${said[$name]} == "$answer"* && ! $entry ]]; then
		row "$name" v4 absent
	elif [[ ${refused[$name]} != *'Operation not permitted'* ||
			${refused[$name]} == *onnected* ]]; then
		wrong "$name" v4 "GOT THROUGH: ${refused[$name]}"
	elif [[ ${said[$name]} != *onnected* ]]; then
		wrong "$name" v4 "does not work in monitor mode: ${said[$name]}"
	elif [[ $entry != 'would-deny '* ]]; then
		wrong "$name" v4 "recorded as $entry"
	elif [[ $entry != *' /usr/bin/curl' ]]; then
		row "$name" v4 refused
	else
		wrong "$name" v4 "refused, but shown as curl"
	fi
}

judge_attacks() {
	local number
	for number in "${!attacks[@]}"; do
		judge_attack "${attacks[number]}" "$(entry $number)"
	done
}

mapfile -t attacks < <(compgen -A function attack_ | sed 's/^attack_//')
export home holder
for attack in "${attacks[@]}"; do
	export -f "attack_$attack"
done

prctl_works
bypass_up
prepare_files
hold_namespace
ip -n srv route add local $net dev lo
policy "default deny" "allow /usr/bin/curl to $net"
mode enforce
try_all
declare -A refused
for attack in "${attacks[@]}"; do
	refused[$attack]=${said[$attack]-}
done
# The twins: curl, and curl by other ways to the same file.
url=http://203.0.113.255/
expect_ok as alice curl -sS --max-time 9 $url
ln -s /usr/bin/curl $home/symlink/real
expect_ok as alice $home/symlink/real -sS --max-time 9 $url
expect_ok as alice unshare -U -r curl -sS --max-time 9 $url
expect_ok as alice bash -c "exec -a evil /usr/bin/curl -sS --max-time 9 $url"
mode monitor
audit_mark
try_all
judge_attacks
audit_wait -m AVC -c evil >/dev/null
in_log 'tried to replace its executable'
finish
