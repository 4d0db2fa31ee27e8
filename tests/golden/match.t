# Requests: the first rule that matches decides.
# /a and /b are programs; -> VERDICT RULE, rules counted from 1.
 ; /a to 10.0.0.1 -> deny default log
default allow ; /a to 10.0.0.1 -> allow default | /a to 2001:db8::1 port 80 -> allow default ; =
default allow\nlog all ; /a to 10.0.0.1 -> allow default log ; =
log all ; /a to 10.0.0.1 -> deny default log ; =
log none ; /a to 10.0.0.1 -> deny default ; =
allow any to any ; /a to 10.0.0.1 -> allow 1 | - to 10.0.0.1 -> allow 1 | unknown to 10.0.0.1 -> deny default log | kernel to 10.0.0.1 -> allow default ; =
deny any to any ; kernel to 10.0.0.1 -> allow default ; =
deny kernel to any ; kernel to 10.0.0.1 -> deny 1 log | /a to 10.0.0.1 -> deny default log ; =
# An unknown process gains nothing by being unknown.
default allow\ndeny any to any ; unknown to 10.0.0.1 -> deny 1 log ; =
default allow ; unknown to 10.0.0.1 -> allow default ; =
default allow\ndeny any clean-env to any ; unknown to 10.0.0.1 -> deny 1 log | /a to 10.0.0.1 -> allow default | /a clean-env yes to 10.0.0.1 -> deny 1 log ; =
default allow\ndeny any user 5 to any\nallow any clean-env to any ; unknown to 10.0.0.1 -> allow default ; =
default allow\ndeny any user 0 to any ; unknown user 0 to 10.0.0.1 -> deny 1 log | unknown user 5 to 10.0.0.1 -> allow default ; =
default allow\ndeny any to 10.0.0.1 ; unknown to 10.0.0.1 -> deny 1 log | unknown to 10.0.0.2 -> allow default ; =
default allow\ndeny any unit a.service to any ; unknown cgroup /system.slice/a.service to 10.0.0.1 -> deny 1 log | unknown cgroup /b.service to 10.0.0.1 -> allow default ; =
default allow\ndeny any container * to any ; unknown cgroup /docker/x to 10.0.0.1 -> deny 1 log | unknown to 10.0.0.1 -> allow default ; =
default allow\ndeny /a to 10.0.0.1 ; unknown to 10.0.0.2 -> deny 1 log | /b to 10.0.0.1 -> allow default ; =
default allow\ndeny any ancestor /a to any ; unknown to 10.0.0.1 -> deny 1 log ; =
default allow\ndeny any script /a to any ; unknown to 10.0.0.1 -> deny 1 log ; =
default allow\nallow any to 10.0.0.1\ndeny /a* to any ; unknown to 10.0.0.1 -> allow 1 | unknown to 10.0.0.2 -> deny 2 log ; =
default allow\ndeny /a to any\nallow any to 10.0.0.1 ; unknown to 10.0.0.1 -> deny 1 log ; =
default allow\ndeny /a to any monitor ; unknown to 10.0.0.1 -> allow default ; =
default allow\ndeny any to any monitor ; unknown to 10.0.0.1 -> deny 1 monitor log ; =
default allow\ndeny any to any monitor\ndeny /a to any ; unknown to 10.0.0.1 -> deny 1 monitor log ; =
default allow\ndeny kernel to any ; unknown to 10.0.0.1 -> allow default ; =
default allow\nallow /a to any ; unknown to 10.0.0.1 -> allow default ; =
allow any to 10.0.0.1\ndeny any to any monitor ; unknown to 10.0.0.1 -> deny default log | unknown to 10.0.0.2 -> deny default log ; =
allow any user 0 to any ; unknown user 0 to 10.0.0.1 -> deny default log ; =
deny any to 10.0.0.1 ; unknown to 10.0.0.1 -> deny 1 log ; =
deny /a to any ; unknown to 10.0.0.1 -> deny default log ; =
# Neither does one of which not even the user is known.
default allow\ndeny any user 5 to any ; absent to 10.0.0.1 -> deny 1 log | absent user 5 to 10.0.0.1 -> deny 1 log ; =
default allow\ndeny any unit a.service to any ; absent to 10.0.0.1 -> deny 1 log ; =
default allow\ndeny any container * to any ; absent to 10.0.0.1 -> deny 1 log ; =
default allow\nallow any to 10.0.0.1\ndeny any group 5 to any ; absent to 10.0.0.1 -> allow 1 | absent to 10.0.0.2 -> deny 2 log ; =
default allow\nallow any user 1000 to any\ndeny any to any ; absent to 10.0.0.1 -> deny 2 log ; =
default allow\ndeny kernel to any\ndeny any to any monitor ; absent to 10.0.0.1 -> deny 2 monitor log ; =
allow any to any ; absent to 10.0.0.1 -> deny default log ; =
allow any to 10.0.0.1 ; /a to 10.0.0.1 -> allow 1 | /a to 10.0.0.2 -> deny default log | /a to ::1 -> deny default log ; =
allow any to 10.0.0.0/8 ; /a to 10.0.0.0 -> allow 1 | /a to 10.255.255.255 -> allow 1 | /a to 11.0.0.0 -> deny default log | /a to 9.255.255.255 -> deny default log ; =
allow any to 10.0.0.5-10.0.0.9 ; /a to 10.0.0.4 -> deny default log | /a to 10.0.0.5 -> allow 1 | /a to 10.0.0.9 -> allow 1 | /a to 10.0.0.10 -> deny default log ; =
allow any to 2001:db8::/32 ; /a to 2001:db8:: -> allow 1 | /a to 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff -> allow 1 | /a to 2001:db9:: -> deny default log | /a to 2001:db7:ffff:ffff:ffff:ffff:ffff:ffff -> deny default log ; =
allow any to 2001:db8::5-2001:db8::9 ; /a to 2001:db8::4 -> deny default log | /a to 2001:db8::5 -> allow 1 | /a to 2001:db8::9 -> allow 1 | /a to 2001:db8::a -> deny default log ; =
allow any to 0.0.0.0/0 ; /a to 0.0.0.0 -> allow 1 | /a to 255.255.255.255 -> allow 1 | /a to :: -> deny default log ; =
allow any to ::/0 ; /a to :: -> allow 1 | /a to 10.0.0.1 -> deny default log ; =
allow any to ::ffff:10.0.0.0/104 ; /a to 10.1.2.3 -> allow 1 | /a to ::10.1.2.3 -> deny default log ; allow any to 10.0.0.0/8
allow any to 10.0.0.1, 10.0.0.3, ::1 ; /a to 10.0.0.1 -> allow 1 | /a to 10.0.0.2 -> deny default log | /a to 10.0.0.3 -> allow 1 | /a to ::1 -> allow 1 ; =
deny any to 10.1.0.0/16\nallow any to 10.0.0.0/8 ; /a to 10.1.2.3 -> deny 1 log | /a to 10.2.2.3 -> allow 2 ; =
allow any to 10.0.0.0/8\ndeny any to 10.1.0.0/16 ; /a to 10.1.2.3 -> allow 1 ; =
deny any to 10.1.2.3\nallow any to 10.1.0.0/16\ndeny any to 10.0.0.0/8\nallow any to any ; /a to 10.1.2.3 -> deny 1 log | /a to 10.1.2.4 -> allow 2 | /a to 10.2.0.0 -> deny 3 log | /a to 11.0.0.0 -> allow 4 ; =
allow any to any port 80 ; /a to 10.0.0.1 port 80 -> allow 1 | /a to 10.0.0.1 port 81 -> deny default log | /a to 10.0.0.1 port 80 proto udp -> allow 1 | /a to 10.0.0.1 port 80 proto sctp -> allow 1 | /a to 10.0.0.1 proto icmp -> deny default log ; =
allow any to any port 80-90, 443 ; /a to 10.0.0.1 port 79 -> deny default log | /a to 10.0.0.1 port 80 -> allow 1 | /a to 10.0.0.1 port 90 -> allow 1 | /a to 10.0.0.1 port 91 -> deny default log | /a to 10.0.0.1 port 443 -> allow 1 ; =
allow any to any port 0-65535 ; /a to 10.0.0.1 port 0 -> allow 1 | /a to 10.0.0.1 port 65535 -> allow 1 | /a to 10.0.0.1 proto raw -> deny default log ; =
allow any to any port 0 ; /a to 10.0.0.1 port 0 proto udp -> allow 1 | /a to 10.0.0.1 port 0 proto icmp -> deny default log ; =
allow any to any proto tcp ; /a to 10.0.0.1 port 1 -> allow 1 | /a to 10.0.0.1 port 1 proto udp -> deny default log ; =
allow any to any proto udp, icmp ; /a to 10.0.0.1 port 1 -> deny default log | /a to 10.0.0.1 port 1 proto udp -> allow 1 | /a to 10.0.0.1 proto icmp -> allow 1 ; =
allow any to any proto icmp ; /a to 10.0.0.1 proto icmp -> allow 1 | /a to 10.0.0.1 proto raw -> deny default log | /a to 10.0.0.1 proto packet -> deny default log ; =
allow any to any proto packet, raw ; /a to 0.0.0.0 proto packet -> allow 1 | /a to 10.0.0.1 proto raw -> allow 1 ; allow any to any proto raw, packet
deny any to any port 22 proto tcp\nallow any to any port 1-1024 ; /a to 10.0.0.1 port 22 -> deny 1 log | /a to 10.0.0.1 port 22 proto udp -> allow 2 | /a to 10.0.0.1 port 23 -> allow 2 ; =
set @web = 80, 443, 8000-8080\nallow any to any port @web ; /a to 10.0.0.1 port 443 -> allow 1 | /a to 10.0.0.1 port 8040 -> allow 1 | /a to 10.0.0.1 port 8081 -> deny default log ; =
set @a = 10.0.0.1, 10.1.0.0/16\nset @b = @a, 10.2.0.0/16\nallow any to @b ; /a to 10.0.0.1 -> allow 1 | /a to 10.1.9.9 -> allow 1 | /a to 10.2.9.9 -> allow 1 | /a to 10.3.0.0 -> deny default log ; =
set @p = 80\nset @q = @p, 443\nallow any to any port @q, 22 ; /a to 10.0.0.1 port 80 -> allow 1 | /a to 10.0.0.1 port 443 -> allow 1 | /a to 10.0.0.1 port 22 -> allow 1 | /a to 10.0.0.1 port 23 -> deny default log ; =
allow /a to any ; /a to 10.0.0.1 -> allow 1 | /b to 10.0.0.1 -> deny default log | /aa to 10.0.0.1 -> deny default log | - to 10.0.0.1 -> deny default log | unknown to 10.0.0.1 -> deny default log ; =
deny /a to any\nallow any to any ; /a to 10.0.0.1 -> deny 1 log | /b to 10.0.0.1 -> allow 2 | - to 10.0.0.1 -> allow 2 ; =
allow any to any\ndeny /a to any ; /a to 10.0.0.1 -> allow 1 ; =
allow /usr/bin/* to any ; /usr/bin/curl to 10.0.0.1 -> allow 1 | /usr/bin/x/curl to 10.0.0.1 -> deny default log | /usr/bin to 10.0.0.1 -> deny default log | /usr/sbin/curl to 10.0.0.1 -> deny default log ; =
allow /usr/** to any ; /usr/bin/curl to 10.0.0.1 -> allow 1 | /usr/a/b/c to 10.0.0.1 -> allow 1 | /usr to 10.0.0.1 -> deny default log | /usrx/a to 10.0.0.1 -> deny default log ; =
allow /usr/**/curl to any ; /usr/bin/curl to 10.0.0.1 -> allow 1 | /usr/local/bin/curl to 10.0.0.1 -> allow 1 | /usr/curl to 10.0.0.1 -> deny default log ; =
allow /usr/bin/python3.?? to any ; /usr/bin/python3.11 to 10.0.0.1 -> allow 1 | /usr/bin/python3.9 to 10.0.0.1 -> deny default log | /usr/bin/python3./x to 10.0.0.1 -> deny default log ; =
allow /usr/bin/[ to any ; /usr/bin/[ to 10.0.0.1 -> allow 1 ; =
allow /** to any ; /a to 10.0.0.1 -> allow 1 | - to 10.0.0.1 -> deny default log ; =
allow any user 1000 to any ; /a user 1000 to 10.0.0.1 -> allow 1 | /a user 1001 to 10.0.0.1 -> deny default log | kernel user 1000 to 10.0.0.1 -> allow default ; =
allow any user root to any ; /a user 0 to 10.0.0.1 -> allow 1 | /a user 1 to 10.0.0.1 -> deny default log ; =
allow any group 33 to any ; /a group 33 to 10.0.0.1 -> allow 1 | /a group 34 to 10.0.0.1 -> deny default log ; =
allow any user 1 group 2 to any ; /a user 1 group 2 to 10.0.0.1 -> allow 1 | /a user 1 group 3 to 10.0.0.1 -> deny default log | /a user 2 group 2 to 10.0.0.1 -> deny default log ; =
allow any script /opt/a.py to any ; /usr/bin/python3 script /opt/a.py to 10.0.0.1 -> allow 1 | /usr/bin/python3 to 10.0.0.1 -> deny default log | /usr/bin/python3 script /opt/b.py to 10.0.0.1 -> deny default log ; =
allow any script /opt/*.py to any ; /usr/bin/python3 script /opt/b.py to 10.0.0.1 -> allow 1 | /usr/bin/python3 script /opt/x/b.py to 10.0.0.1 -> deny default log ; =
allow any parent /p to any ; /a parent /p to 10.0.0.1 -> allow 1 | /a parent /q parent /p to 10.0.0.1 -> deny default log | /a to 10.0.0.1 -> deny default log ; =
allow any ancestor /p to any ; /a parent /p to 10.0.0.1 -> allow 1 | /a parent /q parent /p to 10.0.0.1 -> allow 1 | /a parent /q to 10.0.0.1 -> deny default log ; =
allow any ancestor /p ancestor /q to any ; /a parent /p to 10.0.0.1 -> deny default log | /a parent /q parent /p to 10.0.0.1 -> allow 1 | /a parent /p parent /q to 10.0.0.1 -> allow 1 ; =
allow any cgroup /system.slice to any ; /a cgroup /system.slice to 10.0.0.1 -> allow 1 | /a cgroup /system.slice/x.service to 10.0.0.1 -> allow 1 | /a cgroup /system.slicer to 10.0.0.1 -> deny default log | /a to 10.0.0.1 -> deny default log ; =
allow any cgroup /user.slice/*/x to any ; /a cgroup /user.slice/u/x to 10.0.0.1 -> allow 1 | /a cgroup /user.slice/u/x/y to 10.0.0.1 -> allow 1 | /a cgroup /user.slice/u/v/x to 10.0.0.1 -> deny default log ; =
allow any cgroup / to any ; /a cgroup / to 10.0.0.1 -> allow 1 | /a cgroup /a to 10.0.0.1 -> deny default log ; =
allow any unit nginx.service to any ; /a cgroup /system.slice/nginx.service to 10.0.0.1 -> allow 1 | /a cgroup /system.slice/nginx.service/worker to 10.0.0.1 -> allow 1 | /a cgroup /system.slice/other.service/nginx.service to 10.0.0.1 -> deny default log | /a cgroup /nginx.service to 10.0.0.1 -> allow 1 | /a cgroup /user.slice/user-1.slice/nginx.service to 10.0.0.1 -> allow 1 ; =
allow any unit user@*.service to any ; /a cgroup /user.slice/user-1000.slice/user@1000.service/app.slice/a.service to 10.0.0.1 -> allow 1 ; =
allow any unit system.slice to any ; /a cgroup /system.slice/nginx.service to 10.0.0.1 -> allow 1 | /a cgroup /user.slice/system.slice/x.service to 10.0.0.1 -> allow 1 ; =
allow any container web to any ; /a cgroup /system.slice/docker-web.scope to 10.0.0.1 -> allow 1 | /a cgroup /docker/web to 10.0.0.1 -> allow 1 | /a cgroup /machine.slice/libpod-web.scope/container to 10.0.0.1 -> allow 1 | /a cgroup /system.slice/docker-webx.scope to 10.0.0.1 -> deny default log | /a cgroup /user.slice/docker-web.scope to 10.0.0.1 -> deny default log | /a cgroup /lxc.payload.web to 10.0.0.1 -> allow 1 | /a cgroup /system.slice/docker-.scope to 10.0.0.1 -> deny default log ; =
allow any container abc* to any ; /a cgroup /system.slice/docker-abcdef.scope to 10.0.0.1 -> allow 1 | /a cgroup /kubepods.slice/cri-containerd-abc.scope to 10.0.0.1 -> allow 1 | /a cgroup /kubepods.slice/crio-abx.scope to 10.0.0.1 -> deny default log ; =
# A system service is no container, whatever its name.
allow any container * to any ; /a cgroup /system.slice/nginx.service to 10.0.0.1 -> deny default log | /a cgroup /system.slice to 10.0.0.1 -> deny default log | /a cgroup / to 10.0.0.1 -> deny default log | /a cgroup /init.scope to 10.0.0.1 -> deny default log | /a cgroup /system.slice/docker.service to 10.0.0.1 -> deny default log | /a cgroup /system.slice/docker-web.service to 10.0.0.1 -> deny default log | /a cgroup /machine.slice to 10.0.0.1 -> deny default log | /a cgroup /docker to 10.0.0.1 -> deny default log | /a cgroup /lxc.monitor.web to 10.0.0.1 -> deny default log | /a cgroup /system.slice/system-getty.slice/getty@tty1.service to 10.0.0.1 -> deny default log | /a cgroup /dev-hugepages.mount to 10.0.0.1 -> deny default log | /a cgroup /kubepods.slice/kubelet.service to 10.0.0.1 -> deny default log ; =
allow any container nginx to any ; /a cgroup /system.slice/nginx.service to 10.0.0.1 -> deny default log | /a cgroup /nginx to 10.0.0.1 -> deny default log | /a cgroup /docker/nginx/x to 10.0.0.1 -> allow 1 ; =
# Nor is what a unit's own processes made below it.
allow any container web-1 to any ; /a cgroup /system.slice/alice.service/docker-web-1.scope to 10.0.0.1 -> deny default log | /a cgroup /system.slice/alice.service/x.slice/docker-web-1.scope to 10.0.0.1 -> deny default log | /a cgroup /system.slice/alice.service/docker/web-1 to 10.0.0.1 -> deny default log | /a cgroup /user.slice/user-1000.slice/user@1000.service/app.slice/docker-web-1.scope to 10.0.0.1 -> deny default log | /a cgroup /user.slice/user-1000.slice/docker-web-1.scope to 10.0.0.1 -> deny default log | /a cgroup /user/alice/lxc.payload.web-1 to 10.0.0.1 -> deny default log | /a cgroup /system.slice/run-1.scope/lxc.payload.web-1 to 10.0.0.1 -> deny default log | /a cgroup /system.slice/lxc.payload.web-1 to 10.0.0.1 -> deny default log | /a cgroup /x.slice/docker/web-1 to 10.0.0.1 -> deny default log | /a cgroup /system.slice/docker-other.scope/docker-web-1.scope to 10.0.0.1 -> deny default log | /a cgroup /system.slice/docker-web-1.scope/docker-other.scope to 10.0.0.1 -> allow 1 ; =
allow any container podman:* to any ; /a cgroup /machine.slice/libpod-web.scope to 10.0.0.1 -> allow 1 | /a cgroup /machine.slice/libpod-conmon-web.scope to 10.0.0.1 -> deny default log | /a cgroup /libpod_parent/libpod-web to 10.0.0.1 -> allow 1 | /a cgroup /libpod_parent/conmon to 10.0.0.1 -> deny default log | /a cgroup /system.slice/docker-web.scope to 10.0.0.1 -> deny default log | /a cgroup /machine.slice/machine-libpod_pod_1.slice/libpod-web.scope to 10.0.0.1 -> allow 1 ; =
allow any container nspawn:my-web to any ; /a cgroup /machine.slice/systemd-nspawn@my-web.service/payload to 10.0.0.1 -> allow 1 | /a cgroup /machine.slice/machine-my\x2dweb.scope/payload/system.slice/a.service to 10.0.0.1 -> allow 1 | /a cgroup /machine.slice/systemd-nspawn@my-web.service/supervisor to 10.0.0.1 -> deny default log | /a cgroup /machine.slice/machine-other.scope to 10.0.0.1 -> deny default log ; =
allow any container nspawn:* to any ; /a cgroup /machine.slice/machine-qemu\x2d1\x2dweb.scope/libvirt/emulator to 10.0.0.1 -> deny default log ; =
allow any container 0123456789ab to any ; /a cgroup /system.slice/docker-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope to 10.0.0.1 -> allow 1 | /a cgroup /kubepods/burstable/pod1-2/0123456789abcdef to 10.0.0.1 -> allow 1 | /a cgroup /docker/0123456789ac to 10.0.0.1 -> deny default log | /a cgroup /kubepods/pod1-2/crio-0123456789abcdef to 10.0.0.1 -> allow 1 | /a cgroup /kubepods/other/x/0123456789abcdef to 10.0.0.1 -> deny default log ; =
allow any container 0123456789a to any ; /a cgroup /docker/0123456789abcdef to 10.0.0.1 -> deny default log | /a cgroup /docker/0123456789a to 10.0.0.1 -> allow 1 ; =
allow any sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef to any ; /a sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef to 10.0.0.1 -> allow 1 | /a sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdee to 10.0.0.1 -> deny default log | /a to 10.0.0.1 -> deny default log ; =
allow /a user 5 script /s parent /p to 10.0.0.0/8 port 443 proto tcp ; /a user 5 script /s parent /p to 10.0.0.1 port 443 -> allow 1 | /a user 5 script /s parent /q to 10.0.0.1 port 443 -> deny default log | /a user 5 script /s parent /p to 11.0.0.1 port 443 -> deny default log | /a user 5 script /s parent /p to 10.0.0.1 port 443 proto udp -> deny default log ; allow /a script /s user 5 parent /p to 10.0.0.0/8 port 443 proto tcp
allow any to any until 2001-09-09T01:46:41Z ; /a to 10.0.0.1 -> allow 1 | /a now 1000000001 to 10.0.0.1 -> deny default log | /a now 1000000002 to 10.0.0.1 -> deny default log ; =
allow /a to any until 2001-09-09T01:46:40Z\ndeny /a to any as "after" ; /a now 999999999 to 10.0.0.1 -> allow 1 | /a to 10.0.0.1 -> deny 2 log ; =
deny any to any monitor ; /a to 10.0.0.1 -> deny 1 monitor log ; =
allow any to any monitor ; /a to 10.0.0.1 -> allow 1 monitor ; =
deny any to any nolog ; /a to 10.0.0.1 -> deny 1 ; =
allow any to any log ; /a to 10.0.0.1 -> allow 1 log ; =
log none\ndeny any to any log ; /a to 10.0.0.1 -> deny 1 log ; =
log none\ndeny any to any ; /a to 10.0.0.1 -> deny 1 ; =
log all\nallow any to any nolog ; /a to 10.0.0.1 -> allow 1 ; =
log all\nallow any to any ; /a to 10.0.0.1 -> allow 1 log ; =
allow any to @loopback ; /a to 127.0.0.1 -> allow 1 | /a to 127.255.255.255 -> allow 1 | /a to 128.0.0.0 -> deny default log | /a to ::1 -> allow 1 | /a to ::2 -> deny default log ; =
allow any to @private ; /a to 10.9.9.9 -> allow 1 | /a to 172.15.255.255 -> deny default log | /a to 172.16.0.0 -> allow 1 | /a to 172.31.255.255 -> allow 1 | /a to 172.32.0.0 -> deny default log | /a to 192.168.0.1 -> allow 1 | /a to fc00::1 -> allow 1 | /a to fdff::1 -> allow 1 | /a to fe00::1 -> deny default log | /a to 100.64.0.1 -> deny default log ; =
allow any to @linklocal ; /a to 169.254.169.254 -> allow 1 | /a to fe80::1 -> allow 1 | /a to febf::1 -> allow 1 | /a to fec0::1 -> deny default log | /a to 169.255.0.0 -> deny default log ; =
allow any to @multicast ; /a to 224.0.0.1 -> allow 1 | /a to 239.255.255.255 -> allow 1 | /a to 240.0.0.0 -> deny default log | /a to ff02::1 -> allow 1 | /a to 255.255.255.255 -> deny default log ; =
allow any to @internet ; /a to 1.1.1.1 -> allow 1 | /a to 8.8.8.8 -> allow 1 | /a to 0.0.0.1 -> deny default log | /a to 10.0.0.1 -> deny default log | /a to 100.63.255.255 -> allow 1 | /a to 100.64.0.0 -> deny default log | /a to 100.127.255.255 -> deny default log | /a to 100.128.0.0 -> allow 1 | /a to 126.255.255.255 -> allow 1 | /a to 127.0.0.1 -> deny default log | /a to 169.253.255.255 -> allow 1 | /a to 169.254.0.0 -> deny default log | /a to 172.15.255.255 -> allow 1 | /a to 172.16.0.0 -> deny default log | /a to 172.32.0.0 -> allow 1 | /a to 192.0.0.1 -> deny default log | /a to 192.0.1.1 -> allow 1 | /a to 192.0.2.1 -> deny default log | /a to 192.0.3.0 -> allow 1 | /a to 192.168.0.0 -> deny default log | /a to 192.169.0.0 -> allow 1 | /a to 198.17.255.255 -> allow 1 | /a to 198.18.0.0 -> deny default log | /a to 198.20.0.0 -> allow 1 | /a to 198.51.100.1 -> deny default log | /a to 198.51.101.0 -> allow 1 | /a to 203.0.112.255 -> allow 1 | /a to 203.0.113.1 -> deny default log | /a to 203.0.114.0 -> allow 1 | /a to 223.255.255.255 -> allow 1 | /a to 224.0.0.0 -> deny default log | /a to 255.255.255.255 -> deny default log ; =
allow any to @internet ; /a to 2606:4700::1 -> allow 1 | /a to 2000:: -> allow 1 | /a to 1fff::1 -> deny default log | /a to 2001:db7:ffff:: -> allow 1 | /a to 2001:db8::1 -> deny default log | /a to 2001:db9:: -> allow 1 | /a to 3ffe:: -> allow 1 | /a to 3fff::1 -> deny default log | /a to 3fff:fff:: -> deny default log | /a to 3fff:1000:: -> allow 1 | /a to 3fff:ffff:: -> allow 1 | /a to 4000:: -> deny default log | /a to 64:ff9b::808:808 -> allow 1 | /a to 64:ff9b:1::1 -> deny default log | /a to ::1 -> deny default log | /a to fe80::1 -> deny default log | /a to fc00::1 -> deny default log | /a to ff02::1 -> deny default log | /a to :: -> deny default log ; =
default deny\nlog deny\nset @dns = 10.0.0.53, 2001:db8::53\nset @web = 80, 443, 8000-8080\nallow any to @loopback\ndeny any to 169.254.169.254 as "cloud metadata"\nallow /usr/bin/curl to 93.184.216.0/24 port @web proto tcp\nallow /usr/lib/systemd/systemd-* to @dns port 53\nallow /usr/bin/python3.* script /opt/backup/run.py user 34 to 192.0.2.7 port 5432\nallow /usr/sbin/nginx unit nginx.service to 10.0.0.0/8 port 8080 monitor\ndeny /usr/bin/python3.* ancestor /usr/sbin/sshd to any log ; /a to 127.0.0.1 -> allow 1 | /a to 169.254.169.254 -> deny 2 log | /usr/bin/curl to 93.184.216.34 port 443 -> allow 3 | /usr/bin/curl to 93.184.216.34 port 22 -> deny default log | /tmp/curl to 93.184.216.34 port 443 -> deny default log | /usr/lib/systemd/systemd-resolved to 2001:db8::53 port 53 proto udp -> allow 4 | /usr/bin/python3.11 script /opt/backup/run.py user 34 to 192.0.2.7 port 5432 -> allow 5 | /usr/bin/python3.11 script /opt/backup/run.py user 35 to 192.0.2.7 port 5432 -> deny default log | /usr/sbin/nginx cgroup /system.slice/nginx.service to 10.2.3.4 port 8080 -> allow 6 monitor | /usr/bin/python3.11 parent /bin/bash parent /usr/sbin/sshd to 10.0.0.1 port 80 -> deny 7 log ; set @dns = 10.0.0.53, 2001:db8::53\nset @web = 80, 443, 8000-8080\nallow any to @loopback\ndeny any to 169.254.169.254 as "cloud metadata"\nallow /usr/bin/curl to 93.184.216.0/24 port @web proto tcp\nallow /usr/lib/systemd/systemd-* to @dns port 53\nallow /usr/bin/python3.* script /opt/backup/run.py user 34 to 192.0.2.7 port 5432\nallow /usr/sbin/nginx unit nginx.service to 10.0.0.0/8 port 8080 monitor\ndeny /usr/bin/python3.* ancestor /usr/sbin/sshd to any log
allow any to any ; /a to - proto packet -> allow 1 ; =
allow any to 0.0.0.0/0, ::/0 ; /a to - proto packet -> deny default log ; =
allow any to @internet, any ; /a to - proto packet -> allow 1 ; =
# Local ports.
allow any to any from port 53 ; /a to 10.0.0.1 port 9 from 53 proto udp -> allow 1 | /a to ::1 port 9 from 53 -> allow 1 | /a to 10.0.0.1 port 9 from 54 -> deny default log | /a to 10.0.0.1 port 53 -> deny default log | /a to 10.0.0.1 from 53 proto icmp -> deny default log ; =
allow any to any port 9 from port 53, 80-90 ; /a to 10.0.0.1 port 9 from 80 -> allow 1 | /a to 10.0.0.1 port 8 from 80 -> deny default log | /a to 10.0.0.1 port 9 from 91 -> deny default log | /a to 10.0.0.1 port 9 -> deny default log ; =
allow any to any from port 1-65535 ; /a to 10.0.0.1 port 9 from 1 -> allow 1 | /a to 10.0.0.1 port 9 -> deny default log ; =
set @s = 53, 5060\ndeny any to 10.0.0.1 from port @s\nallow any to any ; /a to 10.0.0.1 port 9 from 5060 -> deny 1 log | /a to 10.0.0.1 port 9 from 5061 -> allow 2 | /a to 10.0.0.2 port 9 from 5060 -> allow 2 | /a to 10.0.0.1 port 9 -> allow 2 ; =
allow any to 10.0.0.1\ndeny any to any from port 53\nallow /a to any from port 53\nallow any to any ; /a to 10.0.0.1 port 1 from 53 -> allow 1 | /a to 10.0.0.2 port 1 from 53 -> deny 2 log | /a to 10.0.0.2 port 1 from 54 -> allow 4 ; =
allow any to any from port 53 until 2030-01-01T00:00:00Z\ndeny any to any from port 53 ; /a to 10.0.0.1 port 1 from 53 -> allow 1 | /a to 10.0.0.1 port 1 from 53 now 4000000000 -> deny 2 log ; =
deny kernel to any from port 51820 ; kernel to 10.0.0.1 port 1 from 51820 proto udp -> deny 1 log | kernel to 10.0.0.1 port 1 from 51821 proto udp -> allow default ; =
# The environment.
allow /a clean-env to any ; /a clean-env yes to 10.0.0.1 -> allow 1 | /a to 10.0.0.1 -> deny default log | /b clean-env yes to 10.0.0.1 -> deny default log ; =
allow any script /s clean-env to any\ndeny any script /s to any ; /a script /s clean-env yes to 10.0.0.1 -> allow 1 | /a script /s to 10.0.0.1 -> deny 2 log | /a clean-env yes to 10.0.0.1 -> deny default log ; =
# Zones.
allow any to fe80::1%eth0 ; /a to fe80::1 zone eth0 -> allow 1 | /a to fe80::1 zone eth1 -> deny default log | /a to fe80::1 -> deny default log | /a to fe80::2 zone eth0 -> deny default log ; =
allow any to fe80::1 ; /a to fe80::1 zone eth0 -> allow 1 | /a to fe80::1 -> allow 1 ; =
allow any to fe80::/10%eth0 ; /a to febf::1 zone eth0 -> allow 1 | /a to fec0::1 zone eth0 -> deny default log | /a to fe7f:: zone eth0 -> deny default log ; =
deny any to fe80::1%eth1\nallow any to fe80::/10\nallow any to ff02::fb%eth0 ; /a to fe80::1 zone eth0 -> allow 2 | /a to fe80::1 zone eth1 -> deny 1 log | /a to fe80::1 zone eth2 -> allow 2 | /a to fe80::1 -> allow 2 | /a to ff02::fb zone eth0 -> allow 3 | /a to ff02::fb zone eth1 -> deny default log ; =
set @dns = 10.0.0.53, fe80::53%eth0, 2001:db8::53\nallow any to @dns ; /a to 10.0.0.53 -> allow 1 | /a to fe80::53 zone eth0 -> allow 1 | /a to fe80::53 zone eth1 -> deny default log | /a to 2001:db8::53 zone eth1 -> allow 1 ; =
allow any to fe80::1%eth0\nallow any to any ; /a to fe80::1 zone eth0 -> allow 1 | /a to fe80::1 zone eth1 -> allow 2 | /a to 2001:db8::1 zone eth0 -> allow 2 | /a to 10.0.0.1 -> allow 2 ; =
allow any to fe80::1%eth0\nallow any to @linklocal, ::1 ; /a to fe80::9 zone eth7 -> allow 2 | /a to ::1 -> allow 2 | /a to 2001:db8::1 -> deny default log ; =
# An IPv6 address that carries an IPv4 address is in no built-in set that its IPv4 address is not in.
deny any to 169.254.169.254\nallow /a to @internet ; /a to 64:ff9b::a9fe:a9fe -> deny default log | /a to 64:ff9b::808:808 -> allow 2 | /a to 64:ff9b::a00:1 -> deny default log | /a to 64:ff9b::7f00:1 -> deny default log | /a to 64:ff9b::cb00:7107 -> deny default log | /a to 64:ff9b:1::a9fe:a9fe -> deny default log | /a to 64:ff9b:1::808:808 -> deny default log ; =
allow /a to @internet ; /a to 2002:a9fe:a9fe::1 -> deny default log | /a to 2002:a00:1::1 -> deny default log | /a to 2002:7f00:1:: -> deny default log | /a to 2002:808:808::1 -> allow 1 | /a to 2002:808:808:ffff:ffff:ffff:ffff:ffff -> allow 1 | /a to 2002:c0a8:101::c0a8:101 -> deny default log | /a to 2002:0:0::1 -> deny default log | /a to 2002:ffff:ffff::1 -> deny default log ; =
allow /a to @internet ; /a to 2001:0:a9fe:a9fe::f5ff:fffe -> deny default log | /a to 2001:0:4136:e378:8000:63bf:3fff:fdd2 -> deny default log | /a to 2001:2::1 -> deny default log | /a to 2001:10::1 -> deny default log | /a to 2001:20::1 -> deny default log | /a to 2001:1::1 -> allow 1 | /a to 2001:1::4 -> deny default log | /a to 2001:3::1 -> allow 1 | /a to 2001:4:112::1 -> allow 1 | /a to 2001:200::1 -> allow 1 ; =
allow /a to @loopback, @private, @linklocal, @multicast, @internet ; /a to ::a9fe:a9fe -> deny default log | /a to ::a00:1 -> deny default log | /a to ::808:808 -> deny default log | /a to ::ffff:0:a9fe:a9fe -> deny default log | /a to ::ffff:0:808:808 -> deny default log | /a to ::ffff:808:808 -> allow 1 | /a to ::ffff:203.0.113.7 -> deny default log ; =
# ISATAP: any prefix, and the IPv4 address behind 0:5efe or 200:5efe; judged as both.
deny any to 169.254.169.254\nallow /a to @internet ; /a to 2606:4700::5efe:808:808 -> allow 2 | /a to 2606:4700::200:5efe:808:808 -> allow 2 | /a to 2606:4700::5efe:a9fe:a9fe -> deny 1 log | /a to 2606:4700::200:5efe:a9fe:a9fe -> deny 1 log | /a to 2606:4700::5efe:a00:1 -> deny default log | /a to 2606:4700::100:5efe:a00:1 -> allow 2 | /a to 2606:4700::5eff:a00:1 -> allow 2 ; =
allow /a to @linklocal, @private ; /a to fe80::5efe:a9fe:a9fe -> allow 1 | /a to fe80::5efe:7f00:1 -> deny default log | /a to fe80::5efe:a00:1 -> allow 1 | /a to fc00::200:5efe:808:808 -> deny default log | /a to fe80::1 -> allow 1 ; =
default allow\nlog deny\ndeny any to 169.254.169.254 monitor ; /a to 2606:4700::5efe:a9fe:a9fe -> deny 1 monitor log | kernel to 2606:4700::5efe:a9fe:a9fe -> allow default ; default allow\ndeny any to 169.254.169.254 monitor
deny any to 2606:4700::/32 monitor\nallow any to any ; /a to 2606:4700::5efe:a9fe:a9fe -> deny 1 monitor log | /a to 2606:4701::5efe:a9fe:a9fe -> allow 2 ; =
# The address that the kernel makes of 0.0.0.0 and ::.
allow any to @loopback ; /a to 0.0.0.0 -> allow 1 | /a to :: -> allow 1 | /a to ::ffff:0.0.0.0 -> allow 1 | /a to 0.0.0.1 -> deny default log | /a to ::2 -> deny default log ; =
