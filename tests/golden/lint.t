# Lint of the text alone.
allow /x to 10.0.0.1 ; lint none ; =
allow /x to 10.0.0.1\nallow /x to 10.0.0.1 ; lint 2:1: the rule adds nothing: line 1 says the same and more [redundant] ; =
allow /x to 10.0.0.1\ndeny /x to 10.0.0.1 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to 10.0.0.0/8\ndeny /x to 10.1.0.0/16 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to 10.1.0.0/16\ndeny /x to 10.0.0.0/8 ; lint none ; =
allow /x to 10.1.0.0/16\nallow /x to 10.0.0.0/8 ; lint 1:1: the rule adds nothing: line 2 says the same and more [redundant] ; =
allow /x to 10.1.0.0/16\ndeny /x to 10.1.2.0/24\nallow /x to 10.0.0.0/8 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to 10.1.0.0/16\ndeny /y to 10.1.2.0/24\nallow /x to 10.0.0.0/8 ; lint none ; =
allow /x to 10.1.0.0/16 as "label"\nallow /x to 10.0.0.0/8 ; lint none ; =
allow /x to 10.1.0.0/16\nallow /x to 10.0.0.0/8 log ; lint none ; =
allow /x to 10.0.0.1\nallow /x to 10.0.0.2 ; lint none ; =
allow /x to 10.0.0.1\nallow /y to 10.0.0.1 ; lint none ; =
allow any to 10.0.0.1\ndeny /y to 10.0.0.1 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow any to 10.0.0.1\ndeny kernel to 10.0.0.1 ; lint 2:1: the rule does not hold for packets of tunnels (WireGuard, VXLAN, ...) [unseen] ; =
allow kernel to 10.0.0.0/8\ndeny kernel to 10.0.0.1 ; lint 2:1: the rule does not hold for packets of tunnels (WireGuard, VXLAN, ...) [unseen] | lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /usr/bin/* to 10.0.0.1\ndeny /usr/bin/x to 10.0.0.1 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /usr/bin/* to 10.0.0.1\ndeny /usr/bin/x/y to 10.0.0.1 ; lint none ; =
allow /usr/** to 10.0.0.1\ndeny /usr/bin/x* to 10.0.0.1 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /usr/bin/*x to 10.0.0.1\ndeny /usr/bin/?x to 10.0.0.1 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /usr/bin/?x to 10.0.0.1\ndeny /usr/bin/*x to 10.0.0.1 ; lint none ; =
allow /usr/*/x to 10.0.0.1\ndeny /usr/**/x to 10.0.0.1 ; lint none ; =
allow /usr/**/x to 10.0.0.1\ndeny /usr/*/x to 10.0.0.1 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to 10.0.0.1 port 80\ndeny /x to 10.0.0.1 port 80 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to 10.0.0.1 port 80-90\ndeny /x to 10.0.0.1 port 85 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to 10.0.0.1 port 80-90\ndeny /x to 10.0.0.1 port 85-91 ; lint none ; =
allow /x to 10.0.0.1 port 80-90, 91-99\ndeny /x to 10.0.0.1 port 85-95 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to 10.0.0.1 port 80\ndeny /x to 10.0.0.1 ; lint none ; =
allow /x to 10.0.0.1\ndeny /x to 10.0.0.1 port 80 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to 10.0.0.1 proto tcp\ndeny /x to 10.0.0.1 port 80 ; lint none ; =
allow /x to 10.0.0.1 proto tcp\ndeny /x to 10.0.0.1 port 80 proto tcp ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to 10.0.0.1 proto tcp, udp\ndeny /x to 10.0.0.1 proto udp ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to 10.0.0.1 port 0-65535\ndeny /x to 10.0.0.1 proto icmp ; lint 1:27: this is every port; leave out 'port' (and name protocols by 'proto') to say so [ports] ; =
allow /x to 10.0.0.0/25, 10.0.0.128/25\ndeny /x to 10.0.0.0/24 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to 10.0.0.1, 10.0.0.2\ndeny /x to 10.0.0.2 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to 10.0.0.1, 10.0.0.2\ndeny /x to 10.0.0.2, 10.0.0.3 ; lint none ; =
allow /x to 10.0.0.1-10.0.0.9\ndeny /x to 10.0.0.2-10.0.0.8 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to any\ndeny /x to 2001:db8::1 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to 0.0.0.0/0\ndeny /x to 2001:db8::1 ; lint none ; =
allow /x to 0.0.0.0/0, ::/0\ndeny /x to any ; lint none ; =
allow /x to @private\ndeny /x to 192.168.1.0/24 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
set @s = 10.0.0.0/8, 2001:db8::/32\nallow /x to @s\ndeny /x to 10.1.0.0/16, 2001:db8::5 ; lint 3:1: the rule never decides: shadowed by line 2 [shadowed] ; =
set @s = 10.0.0.0/8\nset @t = @s, 11.0.0.0/8\nset @p = 80, 443\nallow /x to @t port @p\ndeny /x to @s port @p ; lint 5:1: the rule never decides: shadowed by line 4 [shadowed] ; =
allow /x to host a.example\ndeny /x to host a.example port 80 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to host a.example\ndeny /x to host b.example ; lint none ; =
allow /x to any\ndeny /x to host b.example ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to host a.example, host b.example\ndeny /x to host b.example ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x user 1 to any\ndeny /x user 1 to 10.0.0.1 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x user 1 to any\ndeny /x user 2 to 10.0.0.1 ; lint none ; =
allow /x user 1 to any\ndeny /x to 10.0.0.1 ; lint none ; =
allow /x to any\ndeny /x user 1 to 10.0.0.1 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x group 1 to any\ndeny /x user 1 group 1 to 10.0.0.1 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
deny /x script /s/* to any\ndeny /x script /s/a to 10.0.0.1 nolog ; lint file: no rule allows anything and the default is to deny: every connection is denied [empty] | lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x script /s/a clean-env to any\ndeny /x script /s/* to 10.0.0.1 ; lint none ; =
allow /x ancestor /p to any\ndeny /x parent /p to 10.0.0.1 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x parent /p to any\ndeny /x ancestor /p to 10.0.0.1 ; lint none ; =
allow /x ancestor /p ancestor /q to any\ndeny /x ancestor /p ancestor /q ancestor /r to 10.0.0.1 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x ancestor /p* to any\ndeny /x parent /pp to 10.0.0.1 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x cgroup /a to any\ndeny /x cgroup /a/b/c to 10.0.0.1 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x cgroup /a/b to any\ndeny /x cgroup /a to 10.0.0.1 ; lint none ; =
allow /x unit a*.service to any\ndeny /x unit ab.service to 10.0.0.1 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x container c to any\ndeny /x container c to 10.0.0.1 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef to any\ndeny /x sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef to 10.0.0.1 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] | lint 2:9: a changed copy has another digest, so that the rule no longer denies it; deny the path [evaded] ; =
allow /x sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef to any\ndeny /x sha256 1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef to 10.0.0.1 ; lint 2:9: a changed copy has another digest, so that the rule no longer denies it; deny the path [evaded] ; =
allow /x to any until 2030-01-01\ndeny /x to 10.0.0.1 ; lint none ; allow /x to any until 2030-01-01T00:00:00Z\ndeny /x to 10.0.0.1
allow /x to any until 2030-01-01\ndeny /x to 10.0.0.1 until 2029-01-01 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; allow /x to any until 2030-01-01T00:00:00Z\ndeny /x to 10.0.0.1 until 2029-01-01T00:00:00Z
allow /x to any until 2030-01-01\ndeny /x to 10.0.0.1 until 2031-01-01 ; lint none ; allow /x to any until 2030-01-01T00:00:00Z\ndeny /x to 10.0.0.1 until 2031-01-01T00:00:00Z
allow /x to any monitor\ndeny /x to 10.0.0.1 ; lint 1:1: 'monitor' changes nothing: what the rule allows is not denied anyway [monitor] | lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow any to any ; lint 1:1: every program may reach everything; 'default allow' says so more plainly [everything] ; =
allow any to any\ndeny /x to any\nallow /y to any ; lint 1:1: every program may reach everything; 'default allow' says so more plainly [everything] | lint 2:1: the rule never decides: shadowed by line 1 [shadowed] | lint 3:1: the rule adds nothing: line 1 says the same and more [redundant] ; =
deny any to any ; lint file: no rule allows anything and the default is to deny: every connection is denied [empty] ; =
deny any to any\nallow /x to any ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow any to any proto tcp ; lint 1:1: every program may reach most addresses and ports [everything] ; =
allow /usr/bin/curl to any ; lint 1:1: the rule is for curl, which does what anyone tells it, and for most addresses and ports; name destinations, ports, a script, a user or an ancestor [wide] ; =
allow /usr/bin/curl to @internet ; lint 1:1: the rule is for curl, which does what anyone tells it, and for most addresses and ports; name destinations, ports, a script, a user or an ancestor [wide] ; =
allow /usr/bin/curl to 10.0.0.1, 0.0.0.0/0 ; lint 1:1: the rule is for curl, which does what anyone tells it, and for most addresses and ports; name destinations, ports, a script, a user or an ancestor [wide] | lint 1:24: another element of the list has this already [repeated] ; =
allow /usr/bin/curl to ::/0 ; lint 1:1: the rule is for curl, which does what anyone tells it, and for most addresses and ports; name destinations, ports, a script, a user or an ancestor [wide] ; =
allow /usr/bin/curl to any port 443 ; lint none ; =
allow /usr/bin/curl to 10.0.0.0/8 ; lint none ; =
allow /usr/bin/curl user 5 to any ; lint none ; =
deny /usr/bin/curl to any ; lint file: no rule allows anything and the default is to deny: every connection is denied [empty] ; =
allow /usr/bin/python3.11 to any ; lint 1:1: the rule is for python3.11, which does what anyone tells it, and for most addresses and ports; name destinations, ports, a script, a user or an ancestor [wide] ; =
allow /usr/bin/python3 script /opt/a.py clean-env to any ; lint none ; =
allow /usr/bin/perl5.36-x86_64-linux-gnu to any ; lint none ; =
allow /usr/bin/nc.openbsd to any ; lint 1:1: the rule is for nc.openbsd, which does what anyone tells it, and for most addresses and ports; name destinations, ports, a script, a user or an ancestor [wide] ; =
allow /usr/bin/bash to any ; lint 1:1: the rule is for bash, which does what anyone tells it, and for most addresses and ports; name destinations, ports, a script, a user or an ancestor [wide] ; =
allow /opt/thing/bin/java to any ; lint 1:1: the rule is for java, which does what anyone tells it, and for most addresses and ports; name destinations, ports, a script, a user or an ancestor [wide] ; =
allow /usr/bin/python* to any ; lint 1:1: the rule is for python, which does what anyone tells it, and for most addresses and ports; name destinations, ports, a script, a user or an ancestor [wide] ; =
allow /usr/bin/* to any ; lint 1:1: the pattern is for curl and 49 other programs that do what anyone tells them, and for most addresses and ports; name destinations, ports, a script, a user or an ancestor [wide] ; =
allow /** to any ; lint 1:1: the pattern is for every program of the host, and for most addresses and ports; name destinations, ports, a script, a user or an ancestor [wide] | lint 1:7: users may write where /tmp/x lies: who puts a program there has what the rule allows [writable] ; =
allow /opt/app/* to any ; lint none ; =
allow /usr/bin/curlew to any ; lint none ; =
allow /usr/bin/ssh-keyscan-of-the-very-long-kind-of-name to any ; lint none ; =
allow /usr/bin/7z to any ; lint none ; =
allow /usr/bin/7 to any ; lint none ; =
allow /x to 10.0.0.0/8, 10.0.0.1 ; lint 1:25: another element of the list has this already [repeated] ; =
allow /x to 10.0.0.1, 10.0.0.1 ; lint 1:23: another element of the list has this already [repeated] ; =
allow /x to 10.0.0.1, 10.0.0.0/8, 10.0.0.0/7, 2001:db8::/32, 2001:db8::1 ; lint 1:13: another element of the list has this already [repeated] | lint 1:23: another element of the list has this already [repeated] | lint 1:62: another element of the list has this already [repeated] ; =
allow /x to any, 10.0.0.1 ; lint 1:13: 'any' makes the rest of the list pointless [repeated] ; =
allow /x to 10.0.0.1 port 80, 80-90, 85 ; lint 1:27: another element of the list has this already [repeated] | lint 1:38: another element of the list has this already [repeated] ; =
allow /x to 10.0.0.1 port 80, 81, 82 ; lint none ; =
set @a = 10.0.0.1 ; lint file: no rule allows anything and the default is to deny: every connection is denied [empty] | lint 1:5: set @a is not used [unused] ; =
set @a = 10.0.0.1\nset @b = @a ; lint file: no rule allows anything and the default is to deny: every connection is denied [empty] | lint 1:5: set @a is not used [unused] | lint 2:5: set @b is not used [unused] ; =
set @a = 10.0.0.1\nset @b = @a\nallow /x to @b ; lint none ; =
set @a = 80, 80\nallow /x to any port @a ; lint 1:14: another element of the list has this already [repeated] ; =
set @a = 10.0.0.0/8, 10.1.0.0/16\nallow /x to @a ; lint 1:22: another element of the list has this already [repeated] ; =
allow /x to any proto packet ; lint none ; =
allow /x to 10.0.0.1 proto packet ; lint 1:1: packet sockets send to no IP address; only 'to any' matches them [packet] ; =
allow /x to 10.0.0.1 proto tcp, packet ; lint 1:1: packet sockets send to no IP address; only 'to any' matches them [packet] ; =
allow /a to 10.0.0.1\nallow /b to 10.0.0.1\nallow /c to 10.0.0.1\nallow any to 10.0.0.1 ; lint 1:1: the rule adds nothing: line 4 says the same and more [redundant] | lint 2:1: the rule adds nothing: line 4 says the same and more [redundant] | lint 3:1: the rule adds nothing: line 4 says the same and more [redundant] ; =
allow /a to 10.0.0.1\nallow /b to 10.0.0.1\nallow /c to 10.0.0.1\ndeny any to 10.0.0.1 ; lint none ; =
allow /x to 0.0.0.0/0, ::/0 proto tcp\ndeny /x to any proto tcp ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to any\ndeny /x to 0.0.0.0/0, ::/0 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to any proto packet\ndeny /x to any proto packet ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to 0.0.0.0/0, ::/0\ndeny /x to host a.example ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to 0.0.0.0/0\ndeny /x to host a.example ; lint none ; =
allow /x to 10.0.0.0/8 monitor\nallow /x to 10.0.0.1 ; lint 1:1: 'monitor' changes nothing: what the rule allows is not denied anyway [monitor] | lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to 10.0.0.1 monitor\nallow /x to 10.0.0.0/8 ; lint 1:1: 'monitor' changes nothing: what the rule allows is not denied anyway [monitor] ; =
# Local ports.
allow /x to any from port 53\ndeny /x to 10.0.0.1 from port 53 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to any\ndeny /x to 10.0.0.1 from port 53 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to any from port 53\ndeny /x to 10.0.0.1 ; lint none ; =
allow /x to any from port 50-60\ndeny /x to 10.0.0.1 from port 53, 60 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to any from port 50-60\ndeny /x to 10.0.0.1 from port 53, 61 ; lint none ; =
allow /x to any from port 53\ndeny /x to 10.0.0.1 from port 54 ; lint none ; =
allow /x to 10.0.0.1 from port 53\nallow /x to 10.0.0.1 ; lint 1:1: the rule adds nothing: line 2 says the same and more [redundant] ; =
allow /x to any from port 53, 50-60 ; lint 1:27: another element of the list has this already [repeated] ; =
set @p = 53\nallow /x to any from port @p ; lint none ; =
allow any to any from port 53 ; lint none ; =
allow any to any from port 5353 ; lint 1:28: any user may send from port 5353 by any program; name the program of the server, or its user or unit [bindable] ; =
allow any to any from port 53, 1000-2000 ; lint 1:28: any user may send from port 1024 by any program; name the program of the server, or its user or unit [bindable] ; =
set @p = 5060, 53\nallow any to 10.0.0.1 from port @p ; lint 2:33: any user may send from port 5060 by any program; name the program of the server, or its user or unit [bindable] ; =
allow /usr/bin/python3.11 to any from port 8000 ; lint 1:44: any user may send from port 8000 by python3.11; name the program of the server, or its user or unit [bindable] ; =
allow /usr/bin/python3.11 user 5 to any from port 8000 ; lint none ; =
allow /usr/bin/python3.11 to any from port 800 ; lint none ; =
allow /usr/sbin/avahi-daemon to any from port 5353 ; lint none ; =
deny any to any from port 5353 ; lint file: no rule allows anything and the default is to deny: every connection is denied [empty] ; =
# The environment.
allow /usr/bin/python3 script /opt/a.py to any ; lint 1:24: whoever starts the script can make its interpreter run something else (BASH_ENV, PYTHONPATH, ...); add 'clean-env' [environment] ; =
allow any script /opt/*.sh user 5 to 10.0.0.1 monitor ; lint 1:1: 'monitor' changes nothing: what the rule allows is not denied anyway [monitor] | lint 1:11: whoever starts the script can make its interpreter run something else (BASH_ENV, PYTHONPATH, ...); add 'clean-env' [environment] ; =
deny /usr/bin/python3 script /opt/a.py to any ; lint file: no rule allows anything and the default is to deny: every connection is denied [empty] ; =
deny /x clean-env to any ; lint file: no rule allows anything and the default is to deny: every connection is denied [empty] | lint 1:9: whoever starts the program can avoid this rule by setting a variable; 'clean-env' is for rules that allow [environment] ; =
# A clean environment does not make a tool narrow, a local port does.
allow /usr/bin/curl clean-env to any ; lint 1:1: the rule is for curl, which does what anyone tells it, and for most addresses and ports; name destinations, ports, a script, a user or an ancestor [wide] ; =
allow /usr/bin/curl to any from port 53 ; lint none ; =
allow any to any from port 1-1023 ; lint none ; =
deny kernel to any from port 51820\nallow /x to 10.0.0.1 ; lint 1:1: of UDP the rule does not hold for tunnels (WireGuard, VXLAN, ...), which the kernel sends without a socket's send; name 'proto tcp', and use a packet filter for tunnels [unseen] ; =
allow /x clean-env to any ; lint none ; =
allow /x clean-env to any\nallow /x to 10.0.0.1 ; lint none ; =
allow /x to any\ndeny /x script /s to 10.0.0.1\nallow /x clean-env to 10.0.0.1 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] | lint 3:1: the rule adds nothing: line 1 says the same and more [redundant] ; =
allow /x clean-env to any\nallow /x script /s clean-env to 10.0.0.1 ; lint 2:1: the rule adds nothing: line 1 says the same and more [redundant] ; =
# Zones.
allow /x to fe80::/10\ndeny /x to fe80::1%eth0 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to fe80::/10%eth0\ndeny /x to fe80::1%eth0 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to fe80::/10%eth0\ndeny /x to fe80::1%eth1 ; lint none ; =
allow /x to fe80::/10%eth0\ndeny /x to fe80::1 ; lint none ; =
allow /x to any\ndeny /x to fe80::1%eth0 ; lint 2:1: the rule never decides: shadowed by line 1 [shadowed] ; =
allow /x to fe80::1%eth0, fe80::/10%eth0 ; lint 1:13: another element of the list has this already [repeated] ; =
allow /x to fe80::1%eth0, fe80::1%eth1 ; lint none ; =
# An element that a set of the list has.
allow /x to @private, 10.0.0.1 ; lint 1:23: another element of the list has this already [repeated] ; =
allow /x to 10.0.0.1, @private ; lint 1:13: another element of the list has this already [repeated] ; =
allow /x to @private, @private ; lint 1:23: another element of the list has this already [repeated] ; =
allow /x to @private, 8.8.8.8 ; lint none ; =
allow /x to 10.0.0.0/7, @private ; lint none ; =
set @a = 10.0.0.1, 10.0.0.2\nset @b = @a, 10.0.0.2\nallow /x to @b ; lint 2:14: another element of the list has this already [repeated] ; =
# Nothing, or nothing but one thing.
 ; lint file: no rule allows anything and the default is to deny: every connection is denied [empty]
# only a comment\n ; lint x
default deny ; lint file: no rule allows anything and the default is to deny: every connection is denied [empty]
default allow ; lint file: no rule denies anything and the default is to allow: every connection is allowed [empty] ; =
default allow\ndeny /x to any ; lint none ; =
deny /x to any\ndeny /y to any ; lint file: no rule allows anything and the default is to deny: every connection is denied [empty] ; =
deny any to any monitor ; lint none ; =
# What is wide.
allow /usr/bin/curl to any port 1-65535 ; lint 1:1: the rule is for curl, which does what anyone tells it, and for most addresses and ports; name destinations, ports, a script, a user or an ancestor [wide] | lint 1:33: this is every port; leave out 'port' (and name protocols by 'proto') to say so [ports] ; =
allow /usr/bin/curl to any port 1024-65535 ; lint 1:1: the rule is for curl, which does what anyone tells it, and for most addresses and ports; name destinations, ports, a script, a user or an ancestor [wide] ; =
allow /usr/bin/curl to any port 1-1023 ; lint none ; =
set @p = 1-40000\nallow /usr/bin/curl to any port @p ; lint 2:1: the rule is for curl, which does what anyone tells it, and for most addresses and ports; name destinations, ports, a script, a user or an ancestor [wide] ; =
allow /usr/bin/curl to 0.0.0.0/1, 128.0.0.0/1 ; lint 1:1: the rule is for curl, which does what anyone tells it, and for most addresses and ports; name destinations, ports, a script, a user or an ancestor [wide] ; =
allow /usr/bin/curl to 2000::/3 ; lint 1:1: the rule is for curl, which does what anyone tells it, and for most addresses and ports; name destinations, ports, a script, a user or an ancestor [wide] | lint 1:24: addresses of 2002::/16 (6to4) carry IPv4 addresses, which rules for IPv4 addresses do not stop; deny what is not meant before this rule [carrier] ; =
allow /usr/bin/curl to 1.0.0.0-223.255.255.255 ; lint 1:1: the rule is for curl, which does what anyone tells it, and for most addresses and ports; name destinations, ports, a script, a user or an ancestor [wide] ; =
set @world = 0.0.0.0/1, 128.0.0.0/1\nallow /usr/bin/curl to @world ; lint 2:1: the rule is for curl, which does what anyone tells it, and for most addresses and ports; name destinations, ports, a script, a user or an ancestor [wide] ; =
allow /usr/bin/curl cgroup / to any ; lint 1:1: the rule is for curl, which does what anyone tells it, and for most addresses and ports; name destinations, ports, a script, a user or an ancestor [wide] | lint 1:21: the condition holds for nearly every process [always] ; =
allow /usr/bin/curl ancestor /** to any ; lint 1:1: the rule is for curl, which does what anyone tells it, and for most addresses and ports; name destinations, ports, a script, a user or an ancestor [wide] | lint 1:21: the condition holds for nearly every process [always] ; =
allow /usr/bin/curl ancestor /usr/lib/systemd/systemd to any ; lint 1:1: the rule is for curl, which does what anyone tells it, and for most addresses and ports; name destinations, ports, a script, a user or an ancestor [wide] | lint 1:21: the condition holds for nearly every process [always] ; =
allow /usr/bin/curl unit a.service to any ; lint none ; =
allow /usr/bin/*sh to any ; lint 1:1: the pattern is for bash and 11 other programs that do what anyone tells them, and for most addresses and ports; name destinations, ports, a script, a user or an ancestor [wide] ; =
allow /usr/** to any ; lint 1:1: the pattern is for curl and 49 other programs that do what anyone tells them, and for most addresses and ports; name destinations, ports, a script, a user or an ancestor [wide] ; =
allow /** to @internet port 443 ; lint 1:7: users may write where /tmp/x lies: who puts a program there has what the rule allows [writable] ; =
allow any to @internet ; lint 1:1: every program may reach most addresses and ports [everything] ; =
allow any to 0.0.0.0/0 port 1-65535 ; lint 1:1: every program may reach most addresses and ports [everything] | lint 1:29: this is every port; leave out 'port' (and name protocols by 'proto') to say so [ports] ; =
allow any to any proto icmp ; lint none ; =
allow any user 0 to any ; lint none ; =
# What can never be asked for, or is not what it looks like.
allow /x to 0.0.0.0 ; lint 1:13: 0.0.0.0 never matches: the kernel takes it to mean this host, write @loopback, or 0.0.0.0/0 for every IPv4 address [never] ; =
allow /x to 0.0.0.0/32, 10.0.0.1 ; lint 1:13: 0.0.0.0 never matches: the kernel takes it to mean this host, write @loopback, or 0.0.0.0/0 for every IPv4 address [never] ; allow /x to 0.0.0.0, 10.0.0.1
allow /x to :: ; lint 1:13: :: never matches: the kernel takes it to mean this host, write @loopback, or ::/0 for every IPv6 address [never] ; =
allow /x to ::ffff:0.0.0.0 ; lint 1:13: 0.0.0.0 never matches: the kernel takes it to mean this host, write @loopback, or 0.0.0.0/0 for every IPv4 address [never] ; allow /x to 0.0.0.0
allow /x to 0.0.0.0/8 ; lint none ; =
allow /x to 10.0.0.1 port 0 ; lint 1:27: port 0 is no port that programs talk to; for every port leave out 'port' [never] ; =
allow /x to 10.0.0.1 port 0, 80 ; lint 1:27: port 0 is no port that programs talk to; for every port leave out 'port' [never] ; =
allow /x to 10.0.0.1 port 0-65535 ; lint 1:27: this is every port; leave out 'port' (and name protocols by 'proto') to say so [ports] ; =
allow /x to @multicast proto tcp ; lint 1:1: the rule never matches: TCP and SCTP do not connect to multicast or broadcast addresses [never] ; =
allow /x to 255.255.255.255 proto tcp, sctp ; lint 1:1: the rule never matches: TCP and SCTP do not connect to multicast or broadcast addresses [never] ; =
allow /x to @multicast port 5353 ; lint none ; =
allow /x to @multicast port 5353 proto udp ; lint none ; =
allow /x to @multicast, 10.0.0.1 proto tcp ; lint none ; =
allow /x to 10.0.0.0 ; lint 1:13: this is one address; for a network write its length, as in /24 [network] ; =
allow /x to 2001:db8:: ; lint 1:13: this is one address; for a network write its length, as in /64 [network] ; =
allow /x to 2001:db8::/64, 10.0.0.0/24 ; lint none ; =
deny /x to 10.0.0.0\nallow /x to any ; lint 1:12: this is one address; for a network write its length, as in /24 [network] ; =
allow "/usr/bin/python3.[0-9]" to 10.0.0.1 ; lint 1:7: brackets, braces, '|', '^' and '$' stand for themselves; wildcards are *, ** and ? [literal] ; allow /usr/bin/python3.[0-9] to 10.0.0.1
allow "/usr/bin/{curl,wget}" to 10.0.0.1 ; lint 1:7: brackets, braces, '|', '^' and '$' stand for themselves; wildcards are *, ** and ? [literal] ; =
allow /usr/bin/.* to 10.0.0.1 ; lint 1:7: '.*' is a dot and any text, so it matches hidden files only [literal] ; =
allow "/usr/bin/x (deleted)" to 10.0.0.1 ; lint 1:7: never matches: '(deleted)' is not part of the path, and a deleted program matches no path [never] ; =
allow /proc/self/exe to 10.0.0.1 ; lint 1:7: no program lies in /proc/ [never] ; =
allow /x ancestor "/usr/bin/[ab]" to 10.0.0.1 ; lint 1:10: brackets, braces, '|', '^' and '$' stand for themselves; wildcards are *, ** and ? [literal] ; allow /x ancestor /usr/bin/[ab] to 10.0.0.1
allow /x to 10.0.0.1 monitor ; lint 1:1: 'monitor' changes nothing: what the rule allows is not denied anyway [monitor] ; =
# IPv6 that carries IPv4.
allow /x to 64:ff9b::/96 ; lint 1:13: addresses of 64:ff9b::/96 (NAT64) carry IPv4 addresses, which rules for IPv4 addresses do not stop; deny what is not meant before this rule [carrier] ; =
allow /x to 64:ff9b::a00:0/104 ; lint 1:13: addresses of 64:ff9b::/96 (NAT64) carry IPv4 addresses, which rules for IPv4 addresses do not stop; deny what is not meant before this rule [carrier] ; =
allow /x to 2002::/16 ; lint 1:13: addresses of 2002::/16 (6to4) carry IPv4 addresses, which rules for IPv4 addresses do not stop; deny what is not meant before this rule [carrier] ; =
allow /x to 2000::/3 ; lint 1:13: addresses of 2002::/16 (6to4) carry IPv4 addresses, which rules for IPv4 addresses do not stop; deny what is not meant before this rule [carrier] ; =
allow /x to 2001:0:5ef5::/48 ; lint 1:13: addresses of 2001::/32 (Teredo) carry IPv4 addresses, which rules for IPv4 addresses do not stop; deny what is not meant before this rule [carrier] ; =
allow /x to ::/96 ; lint 1:13: addresses of ::/96 (IPv4-compatible) carry IPv4 addresses, which rules for IPv4 addresses do not stop; deny what is not meant before this rule [carrier] ; =
allow /x to ::1 ; lint none ; =
allow /x to ::/0 ; lint none ; =
allow /x to 2001:db8:64::/96 ; lint 1:13: if this is the NAT64 prefix of the site, it is every IPv4 address, which rules for IPv4 addresses do not stop; deny what is not meant before this rule [carrier] ; =
set @nat = 2001:db8:64::/96\nallow /x to @nat ; lint 1:12: if this is the NAT64 prefix of the site, it is every IPv4 address, which rules for IPv4 addresses do not stop; deny what is not meant before this rule [carrier] ; =
deny /x to 2002::/16\nallow /y to 10.0.0.1 ; lint none ; =
# What the kernel sends without a socket's send.
deny kernel to 10.0.0.1 port 51820 ; lint file: no rule allows anything and the default is to deny: every connection is denied [empty] | lint 1:1: of UDP the rule does not hold for tunnels (WireGuard, VXLAN, ...), which the kernel sends without a socket's send; name 'proto tcp', and use a packet filter for tunnels [unseen] ; =
deny kernel to 10.0.0.1 proto udp ; lint file: no rule allows anything and the default is to deny: every connection is denied [empty] | lint 1:1: the rule does not hold for tunnels (WireGuard, VXLAN, ...) nor for ICMP, IGMP and neighbour discovery: the kernel sends these without a socket's send; use a packet filter [unseen] ; =
deny kernel to any port 4789 proto udp ; lint file: no rule allows anything and the default is to deny: every connection is denied [empty] | lint 1:1: the rule does not hold for tunnels (WireGuard, VXLAN, ...) nor for ICMP, IGMP and neighbour discovery: the kernel sends these without a socket's send; use a packet filter [unseen] ; =
deny kernel to any proto icmp ; lint file: no rule allows anything and the default is to deny: every connection is denied [empty] | lint 1:1: the rule does not hold for tunnels (WireGuard, VXLAN, ...) nor for ICMP, IGMP and neighbour discovery: the kernel sends these without a socket's send; use a packet filter [unseen] ; =
deny kernel to any port 2049 proto tcp ; lint file: no rule allows anything and the default is to deny: every connection is denied [empty] ; =
allow kernel to any ; lint none ; =
deny any to 64:ff9b::a00:0/104\nallow /x to 64:ff9b::/96 ; lint none ; =
set @nat = 64:ff9b::/96\ndeny any to @nat\nallow /x to 10.0.0.1 ; lint none ; =
allow kernel to 10.0.0.1\ndeny kernel to any port 2049 proto tcp\nallow /x to any ; lint none ; =
# Where users write.
allow /tmp/** to 10.0.0.1 ; lint 1:7: users may write where /tmp/** lies: who puts a program there has what the rule allows [writable] ; =
allow /tmp/x to 10.0.0.1 ; lint 1:7: users may write where /tmp/x lies: who puts a program there has what the rule allows [writable] ; =
allow /home/*/.cargo/bin/* to 10.0.0.1 ; lint 1:7: users may write where /home/*/.cargo/bin/* lies: who puts a program there has what the rule allows [writable] ; =
allow /var/tmp/a/b to 10.0.0.1 ; lint 1:7: users may write where /var/tmp/a/b lies: who puts a program there has what the rule allows [writable] ; =
allow /dev/shm/x to 10.0.0.1 ; lint 1:7: users may write where /dev/shm/x lies: who puts a program there has what the rule allows [writable] ; =
allow /run/user/1000/x to 10.0.0.1 ; lint 1:7: users may write where /run/user/1000/x lies: who puts a program there has what the rule allows [writable] ; =
allow /**/curl to 10.0.0.1 ; lint 1:7: users may write where /tmp/curl lies: who puts a program there has what the rule allows [writable] ; =
allow /*/x to 10.0.0.1 ; lint 1:7: users may write where /tmp/x lies: who puts a program there has what the rule allows [writable] ; =
allow /** to 10.0.0.1 ; lint 1:7: users may write where /tmp/x lies: who puts a program there has what the rule allows [writable] ; =
allow /usr/**/curl to 10.0.0.1 ; lint none ; =
allow /tmpfiles/x to 10.0.0.1 ; lint none ; =
allow /x script /tmp/a.py to 10.0.0.1 ; lint 1:10: whoever starts the script can make its interpreter run something else (BASH_ENV, PYTHONPATH, ...); add 'clean-env' [environment] | lint 1:10: users may write where /tmp/a.py lies: who puts a program there has what the rule allows [writable] ; =
deny /tmp/** to any\nallow /x to 10.0.0.1 ; lint none ; =
# What several earlier rules take together.
deny any to 10.0.0.0/9\ndeny any to 10.128.0.0/9\nallow /x to 10.0.0.0/8 ; lint 3:1: the rule never decides: earlier rules together take all that it says [shadowed] ; =
allow any to 10.0.0.0/9\nallow any to 10.128.0.0/9\nallow /x to 10.0.0.0/8 ; lint 3:1: the rule adds nothing: earlier rules together say all of it [redundant] ; =
deny any to 10.0.0.0/9\nallow any to 10.128.0.0/10\nallow /x to 10.0.0.0/8 ; lint none ; =
deny /x to 10.0.0.0/8 proto tcp\ndeny any to any proto udp, sctp\nallow /x to 10.0.0.1 port 80 ; lint 3:1: the rule never decides: earlier rules together take all that it says [shadowed] ; =
deny /x to 10.0.0.0/8 proto tcp\ndeny any to any proto udp\nallow /x to 10.0.0.1 port 80 ; lint none ; =
deny /x to 10.0.0.0/8 port 80\nallow /x to 10.0.0.1 port 80-81 ; lint none ; =
deny /y to 10.0.0.0/9\ndeny any to 10.128.0.0/9\nallow /x to 10.0.0.0/8 ; lint none ; =
deny any to 0.0.0.0/0\ndeny any to ::/0\nallow /x to any ; lint none ; =
deny any to 0.0.0.0/0\ndeny any to ::/0\nallow /x to any proto tcp ; lint 3:1: the rule never decides: earlier rules together take all that it says [shadowed] ; =
deny any to 10.0.0.0/9 until 2030-01-01\ndeny any to 10.128.0.0/9\nallow /x to 10.0.0.0/8 ; lint none ; deny any to 10.0.0.0/9 until 2030-01-01T00:00:00Z\ndeny any to 10.128.0.0/9\nallow /x to 10.0.0.0/8
