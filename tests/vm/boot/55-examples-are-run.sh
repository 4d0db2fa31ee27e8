#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 1200
# Each rule of each shipped example decides about a connection of the program
# that it is made for, and decides as it says: started as a host starts it, by
# its unit, by cron, by another program.  A rule that nobody has run fails the
# test, as does a file that no example includes.  All examples load without a
# warning where their programs are installed.
. /vm/lib.sh

# Hosts of the examples; nothing listens there, so that a connect() ends at once.
for address in 9.9.9.9 10.0.0.25 10.0.0.53 10.0.1.7 10.0.2.10 10.0.2.11 10.0.2.12 \
	10.0.9.5 10.20.3.4 10.20.5.5 10.20.5.6 192.0.2.53 192.0.2.54 192.0.2.80 \
	192.0.2.123; do
	ip -n srv addr add $address/32 dev lo || fail "no address $address"
done
printf 'nameserver %s\noptions timeout:1 attempts:1\n' 10.0.0.53 192.0.2.53 >/etc/resolv.conf
cp -r /vm/examples /etc/connwarden/
examples=()

# ---- rules --------------------------------------------------------------

# example NAME [RULE]: is in force, with all that can be chosen, and a last rule
example() {
	local file=/etc/connwarden/examples/$1.conf output
	printf '%s\n' "${@:2}" >>"$file"
	sed -i -E 's/^#(set|include) /\1 /' "$file"
	examples+=("$file")
	output=$(policyctl load "$file" 2>&1) || fail "$1: $output"
	has_line ', 0 warnings' "$output" || fail "$1 warns: $output"
	generation=$(status generation)
	mapfile -t rules < <(policyctl show | sed -e ':a' -e '/\\$/N; s/\\\n[[:blank:]]*//; ta' |
		grep -E '^(allow|deny) ')
	used=()
	echo "== $1: ${#rules[@]} rules"
}

# verdict_of RULE: what the kernel says of a connection about which it decides
verdict_of() {
	case $1 in
	*" monitor"*)	echo would-deny ;;
	allow*)		echo allow ;;
	deny*)		echo deny ;;
	esac
}

# rule_has_decided NUMBER: as it says, in a connection of the policy in force
rule_has_decided() {
	awk -v rule="$1" -v generation="$generation" -v verdict="$(verdict_of "${rules[$1]}")" '
	NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	$at["rule"] == rule && $at["gen"] == generation && $at["verdict"] == verdict { found = 1 }
	END { exit !found }' $fs/connections
}

# expect_rule PATTERN COMMAND...: the rule that PATTERN matches decides about
# a connection of the command, whether or not the peer answers
expect_rule() {
	local pattern=$1 number
	shift
	for number in "${!rules[@]}"; do
		[[ ! ${rules[number]} =~ $pattern ]] || break
	done
	[[ ${rules[number]} =~ $pattern ]] || fail "no rule has \"$pattern\""
	say "$@"
	"$@" >"$scratch/output" 2>&1
	wait_for 60 rule_has_decided "$number" || {
		cat "$scratch/output"
		tail -n 5 $fs/connections
		fail "rule $number has not decided: ${rules[number]}"
	}
	used[number]=yes
}

# Every rule of the example has been run.
expect_no_other() {
	local number
	for number in "${!rules[@]}"; do
		[[ ${used[number]-} ]] || fail "not run: ${rules[number]}"
	done
}

# Every example, and every file of a program, by an example that includes it.
expect_no_other_file() {
	local file
	for file in /etc/connwarden/examples/*.conf; do
		has_line " $file " " ${examples[*]} " || fail "not run: $file"
	done
	for file in /etc/connwarden/examples/programs/*.conf; do
		grep -qF "include \"programs/${file##*/}\"" "${examples[@]}" ||
			fail "no example includes $file"
	done
}

# ---- programs -----------------------------------------------------------

with_site() {
	expect_rule 'any to @loopback' curl -sS --max-time 5 http://127.0.0.1:9/
	expect_rule 'any to (@dns|any) port 53' getent ahosts name.example
}

metadata() {
	expect_rule '"cloud metadata"' curl -sS --max-time 5 http://169.254.169.254/
}

# apt ADDRESS
apt() {
	echo "deb [trusted=yes] http://$1/debian stable main" >/etc/apt/sources.list
	expect_rule '"package updates"' apt-get -q update -o Acquire::Retries=0 \
		-o Dir::Etc::sourceparts=/dev/null
}

timesyncd() {
	mkdir -p /etc/systemd/timesyncd.conf.d
	printf '[Time]\nNTP=9.9.9.9\n' >/etc/systemd/timesyncd.conf.d/test.conf
	expect_rule 'systemd-timesyncd' systemctl restart systemd-timesyncd
	systemctl stop systemd-timesyncd
}

dhclient() {
	local client=(/usr/sbin/dhclient -sf /bin/true -pf "$scratch/pid" -lf "$scratch/leases" dhc0)
	ip link add dhc0 type veth peer name dhc1
	ip link set dhc0 up
	ip link set dhc1 up
	touch "$scratch/leases"
	expect_rule 'dhclient to any proto packet' timeout 10 "${client[@]}" -d
	cat >"$scratch/leases" <<-END
	lease {
	  interface "dhc0";
	  fixed-address 198.51.100.1;
	  option subnet-mask 255.255.255.0;
	  option dhcp-server-identifier 9.9.9.9;
	  renew 3 2037/01/07 00:00:00;
	  rebind 3 2037/01/07 00:00:00;
	  expire 3 2037/01/07 00:00:00;
	}
	END
	expect_rule 'dhclient to any port' timeout 20 "${client[@]}" -r
}

# Without udev networkd waits for it, but where /sys is read-only.
networkd() {
	mkdir -p /etc/systemd/network /etc/systemd/system/systemd-networkd.service.d
	printf '[Service]\nReadOnlyPaths=/sys\n' \
		>/etc/systemd/system/systemd-networkd.service.d/test.conf
	systemctl daemon-reload
	cat >/etc/systemd/network/50-test.network <<-END
	[Match]
	Name=nwd0
	[Network]
	DHCP=yes
	IPv6AcceptRA=yes
	[DHCPv6]
	WithoutRA=solicit
	END
	ip link add nwd0 type veth peer name nwd1
	ip link set nwd1 up
	expect_rule 'systemd-networkd to any proto' systemctl restart systemd-networkd
	expect_rule 'systemd-networkd to any port' true
	systemctl stop systemd-networkd.socket systemd-networkd
}

# /sys is read-only for the same reason as for networkd.
network_manager() {
	mkdir -p /etc/systemd/system/NetworkManager.service.d
	cp /etc/systemd/system/{systemd-networkd,NetworkManager}.service.d/test.conf
	systemctl daemon-reload
	cat >/etc/NetworkManager/NetworkManager.conf <<-END
	[main]
	plugins=keyfile
	dns=none
	[keyfile]
	unmanaged-devices=*,except:interface-name:nmg0
	END
	install -m 600 /dev/stdin /etc/NetworkManager/system-connections/test.nmconnection <<-END
	[connection]
	id=test
	type=ethernet
	interface-name=nmg0
	[ipv4]
	method=auto
	[ipv6]
	method=dhcp
	END
	ip link add nmg0 type veth peer name nmg1
	ip link set nmg1 up
	expect_rule 'NetworkManager to any proto' systemctl restart NetworkManager
	expect_rule 'NetworkManager to any port' true
	systemctl stop NetworkManager
	ip link del nmg0
}

# Over TCP a thread of the kernel connects to the server of a mount.
kernel_connects() {
	expect_rule 'deny kernel' timeout -s KILL 10 mount -i -t nfs \
		-o vers=3,nolock,proto=tcp,addr=9.9.9.9,mountaddr=9.9.9.9,mountproto=tcp,mountport=9112 \
		9.9.9.9:/ /mnt
}

# The clients of servers are on other hosts, but here their kernel is the same.
clients='allow any to 198.51.100.1'

bind9() {
	cat >/etc/bind/named.conf <<-END
	options {
		directory "/var/cache/bind";
		listen-on { any; };
		recursion yes;
		allow-recursion { any; };
		dnssec-validation no;
	};
	zone "example.test" {
		type primary;
		file "/etc/bind/example.test";
		notify explicit;
		also-notify { 192.0.2.54; };
	};
	END
	cat >/etc/bind/example.test <<-'END'
	$TTL 60
	@ SOA ns hostmaster 1 60 60 60 60
	@ NS ns
	ns A 198.51.100.1
	END
	expect_rule '"notifies"' systemctl start named
	expect_rule "$clients" ip netns exec srv \
		dig -b 10.0.0.25 +tries=5 @198.51.100.1 ns.example.test
	expect_rule '"answers to clients"' true
	expect_rule 'named .* to @internet' ip netns exec srv \
		dig -b 10.0.0.25 +tries=1 +time=1 @198.51.100.1 name.example
	systemctl stop named
}

# ask_chrony: as a client of the site's network, until there is an answer
ask_chrony() {
	ip netns exec srv python3 - <<-'END'
	import socket
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.bind(("10.0.0.25", 0))
	s.settimeout(1)
	for turn in range(20):
	    s.sendto(b"\x23" + bytes(47), ("198.51.100.1", 123))
	    try:
	        s.recv(48)
	        break
	    except TimeoutError:
	        pass
	END
}

# chrony and systemd-timesyncd exclude each other as packages.
install_chrony() {
	tar -C /opt/chrony -c . | tar -C / -x --keep-directory-symlink
	useradd --system -d /var/lib/chrony _chrony
	install -d -o _chrony -g _chrony -m 750 /var/lib/chrony /var/log/chrony
	printf '%s\n' 'server 192.0.2.123 iburst' 'allow 10.0.0.0/8' 'local stratum 10' \
		'user _chrony' >/etc/chrony/chrony.conf
	systemctl daemon-reload
}

chrony() {
	expect_rule 'chronyd .* to @clocks' systemctl start chrony
	expect_rule 'chronyd .* to @clients' ask_chrony
	systemctl stop chrony
}

nginx() {
	rm -f /etc/systemd/system/nginx.service
	cat >/etc/nginx/nginx.conf <<-'END'
	user www-data;
	pid /run/nginx.pid;
	events { }
	http {
		server {
			listen 127.0.0.1:8100;
			location /app { proxy_pass http://10.0.1.7:8080; }
			location /ocsp { proxy_pass http://9.9.9.9:80; }
			location /other { proxy_pass http://9.9.9.9:444; }
			location ~ \.php$ {
				fastcgi_pass unix:/run/php/php8.2-fpm.sock;
				fastcgi_param SCRIPT_FILENAME /srv$fastcgi_script_name;
				fastcgi_param REQUEST_METHOD GET;
			}
		}
	}
	END
	systemctl daemon-reload
	expect_ok systemctl start nginx
	expect_rule 'nginx .* to @app' curl -sS http://127.0.0.1:8100/app
	expect_rule '"OCSP"' curl -sS http://127.0.0.1:8100/ocsp
	expect_rule '"program started by nginx"' curl -sS http://127.0.0.1:8100/other
}

php() {
	echo '<?php fsockopen("10.0.2.10", 3306, $number, $text, 3);' >/srv/database.php
	echo '<?php fsockopen("10.0.0.25", 25, $number, $text, 3);' >/srv/mail.php
	echo '<?php echo shell_exec("curl -sS --max-time 5 http://9.9.9.9/ 2>&1");' >/srv/tool.php
	expect_ok systemctl start php8.2-fpm
	expect_rule 'php-fpm.* to @database' curl -sS http://127.0.0.1:8100/database.php
	expect_rule 'php-fpm.* to @mail' curl -sS http://127.0.0.1:8100/mail.php
	expect_rule '"program started by PHP"' curl -sS http://127.0.0.1:8100/tool.php
	systemctl stop php8.2-fpm nginx
}

certbot() {
	expect_rule '"certificates"' timeout 200 /usr/bin/certbot register -n --agree-tos \
		-m a@example.org --server http://9.9.9.9/directory \
		--config-dir "$scratch/config" --work-dir "$scratch/work" --logs-dir "$scratch/logs"
}

# sql STATEMENT
sql() { setpriv --reuid postgres --regid postgres --init-groups psql -X -c "$1"; }

postgresql() {
	expect_ok systemctl start postgresql@15-main
	expect_ok sql "create extension dblink"
	expect_rule 'to @peers' sql "select dblink_connect('host=10.0.2.11 dbname=x connect_timeout=5')"
	expect_rule '"database connects out"' \
		sql "select dblink_connect('host=10.0.2.12 dbname=x connect_timeout=5')"
	systemctl stop postgresql@15-main
}

backup() {
	echo '* * * * * backup rsync -e ssh /etc/hostname 10.0.9.5:/' >/etc/cron.d/backup
	expect_ok systemctl start cron
	wait_for 60 rule_has_decided 5
	expect_rule '"backup"' true
	rm /etc/cron.d/backup
	systemctl stop cron
	expect_rule '"ssh from this host"' ssh -o BatchMode=yes 10.0.9.5 true
}

# in_container NAME COMMAND...: in a control group like that of a container
in_container() {
	local name=$1
	shift
	systemd-run --quiet --scope --unit="docker-$name" "$@"
}

# avahi answers one host only that asks from another port than its own.
ask_avahi() {
	python3 - <<-'END'
	import socket, struct, time
	name = socket.gethostname().split(".")[0].encode()
	query = (struct.pack(">6H", 1, 0, 1, 0, 0, 0) + bytes([len(name)]) + name +
	    b"\5local\0" + struct.pack(">2H", 1, 1))
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.bind(("10.9.9.1", 0))
	s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
	    socket.inet_aton("10.9.9.1"))
	for turn in range(20):
	    s.sendto(query, ("224.0.0.251", 5353))
	    time.sleep(0.5)
	END
}

avahi() {
	ip link add avahi0 type veth peer name avahi1
	ip addr add 10.9.9.1/24 dev avahi0
	ip link set avahi0 up
	ip link set avahi1 up
	expect_rule 'avahi-daemon to @multicast' systemctl start avahi-daemon
	expect_rule 'avahi-daemon to @private' ask_avahi
	systemctl stop avahi-daemon.socket avahi-daemon
	ip link del avahi0
}

workstation() {
	expect_rule 'container \* to 10' in_container 0123456789ab \
		curl -sS --max-time 5 https://10.20.5.5/
	expect_rule '"container to the local net"' in_container 123456789abc \
		curl -sS --max-time 5 http://10.20.5.6/
	expect_rule 'git-remote-http' git ls-remote https://9.9.9.9/x
	expect_rule 'parent /usr/bin/git' git ls-remote ssh://9.9.9.9/x
	expect_rule '/usr/bin/ping' ping -c 1 -W 1 9.9.9.9
	expect_rule 'script /usr/bin/npm' timeout 100 npm view x --fetch-retries=0 \
		--registry=https://9.9.9.9/
	avahi
	network_manager
	expect_rule '/usr/bin/curl' curl -sS --max-time 5 http://9.9.9.9:8000/
	expect_rule '/usr/bin/wget' wget -q -T 5 -t 1 -O /dev/null http://9.9.9.9:8000/
	expect_rule 'to @office' ssh -o BatchMode=yes 10.20.3.4 true
	expect_rule '"no rule yet"' nc -z -w 2 9.9.9.9 25
}

# ---- the examples -------------------------------------------------------

mode enforce
example updates-only
with_site
apt 192.0.2.80
timesyncd
dhclient
networkd
network_manager
kernel_connects
expect_no_other

example web-server
with_site
metadata
nginx
php
certbot
apt 9.9.9.9
timesyncd
expect_no_other

example database
with_site
metadata
postgresql
backup
apt 9.9.9.9
timesyncd
expect_no_other

example workstation
with_site
metadata
workstation
apt 9.9.9.9
timesyncd
expect_no_other

install_chrony
example name-server "$clients"
expect_rule 'any to @loopback' curl -sS --max-time 5 http://127.0.0.1:9/
metadata
bind9
chrony
apt 9.9.9.9
expect_no_other

expect_no_other_file

# As the host was, for the tests that follow.
expect_ok policyctl load /etc/connwarden/rules.conf
