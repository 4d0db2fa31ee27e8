# Who asks: conditions.
allow any script /opt/backup/run.py to any ; ok ; =
allow any script /opt/*/run.py to any ; ok ; =
allow any script run.py to any ; 1:18: path 'run.py' is not absolute
allow any script to any ; 1:18: expected a path after 'script', not 'to'
allow any script ; 1:17: expected a path after 'script', but the statement ends here
allow any script , to any ; 1:18: expected a path after 'script', not ','
allow any script "/opt/my script" to any ; ok ; =
allow any script /opt/a script /opt/b to any ; 1:25: second 'script' in one rule
allow any user root to any ; ok ; =
allow any user 0 to any ; ok ; =
allow any user 1000 to any ; ok ; =
allow any user 0100 to any ; 1:11: user id '0100' begins with a zero
allow any user 4294967294 to any ; ok ; =
allow any user 4294967295 to any ; 1:11: user id above 4294967294
allow any user 99999999999999999999 to any ; 1:11: user id above 4294967294
allow any user nosuchuser to any ; 1:11: unknown user 'nosuchuser'
allow any user -1 to any ; 1:11: unknown user '-1'
allow any user "" to any ; 1:16: a user name has 1 to 255 bytes
allow any user "a b" to any ; 1:11: unknown user 'a b'
allow any user root, nobody to any ; 1:20: expected a condition or 'to', not ','; only destinations, ports and protocols are lists, write a rule for each
allow any user root user root to any ; 1:21: second 'user' in one rule
allow any user to any ; 1:16: expected a user after 'user', not 'to'
allow any group root to any ; ok ; =
allow any group 0 to any ; ok ; =
allow any group nosuchgroup to any ; 1:11: unknown group 'nosuchgroup'
allow any group 4294967295 to any ; 1:11: group id above 4294967294
allow any group root group 0 to any ; 1:22: second 'group' in one rule
allow any unit nginx.service to any ; ok ; =
allow any unit user@1000.service to any ; ok ; =
allow any unit getty@*.service to any ; ok ; =
allow any unit session-?.scope to any ; ok ; =
allow any unit nginx to any ; 1:16: unit 'nginx' has no type; did you mean 'nginx.service'?
allow any unit nginx.timer to any ; 1:16: unit 'nginx.timer' has no type that owns processes: .service, .scope, .slice, .socket, .mount or .swap
allow any unit .service to any ; 1:16: unit '.service' has no type that owns processes: .service, .scope, .slice, .socket, .mount or .swap
allow any unit a/b.service to any ; 1:16: 'a/b.service' is no unit name
allow any unit "a b.service" to any ; 1:16: 'a b.service' is no unit name
allow any unit "dev-disk\\\\x2d.mount" to any ; ok ; =
allow any unit system.slice to any ; ok ; =
allow any unit nginx.service unit a.service to any ; 1:30: second 'unit' in one rule
allow any cgroup /system.slice/nginx.service to any ; ok ; =
allow any cgroup /user.slice/** to any ; ok ; =
allow any cgroup / to any ; ok ; =
allow any cgroup system.slice to any ; 1:18: path 'system.slice' is not absolute
allow any cgroup /a/ to any ; 1:18: path '/a/' is not in its shortest form; write '/a'
allow any container web-1 to any ; ok ; =
allow any container web-* to any ; ok ; =
allow any container 0123456789abcdef to any ; ok ; =
allow any container a/b to any ; 1:21: a container name has no such characters: character U+002F SOLIDUS is not allowed here
allow any container "" to any ; 1:21: a container name has 1 to 255 bytes
allow any container "a\\x01" to any ; 1:21: a container name has no such characters: character U+0001 is a control character
allow any container "my web" to any ; ok ; =
allow any container docker:0123456789ab to any ; ok ; =
allow any container lxc:* to any ; ok ; =
allow any container dokcer:web to any ; 1:21: no container engine 'dokcer'; known are docker, podman, containerd, crio, nerdctl, lxc and nspawn
allow any container :web to any ; 1:21: no container engine ''; known are docker, podman, containerd, crio, nerdctl, lxc and nspawn
allow any container podman: to any ; 1:21: a container name follows 'podman:'; write 'podman:*' for all
allow any container d*:web to any ; 1:21: no container engine 'd*'; known are docker, podman, containerd, crio, nerdctl, lxc and nspawn
allow any parent /usr/sbin/sshd to any ; ok ; =
allow any parent sshd to any ; 1:18: path 'sshd' is not absolute
allow any parent /a parent /b to any ; 1:21: second 'parent' in one rule
allow any ancestor /usr/sbin/sshd to any ; ok ; =
allow any ancestor /usr/sbin/* to any ; ok ; =
allow any ancestor /b ancestor /a to any ; ok ; allow any ancestor /a ancestor /b to any
allow any ancestor /1 ancestor /2 ancestor /3 ancestor /4 ancestor /5 ancestor /6 ancestor /7 ancestor /8 to any ; ok ; =
allow any ancestor /1 ancestor /2 ancestor /3 ancestor /4 ancestor /5 ancestor /6 ancestor /7 ancestor /8 ancestor /9 to any ; 1:107: more than 8 ancestors
allow any sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef to any ; ok ; =
allow any sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef to any ; without sha256_any | 1:1: condition 'sha256' without the path of one file cannot be judged by this module yet; the rule is refused
allow /a sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef to any ; without sha256_any ; =
allow any sha256 0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef to any ; ok ; allow any sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef to any
allow any sha256 0123456789abcdef to any ; 1:18: a SHA-256 digest has 64 hexadecimal digits; this has 16 characters
allow any sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg to any ; 1:18: a SHA-256 digest has 64 hexadecimal digits; this has 64 characters and not only digits
allow any sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0 to any ; 1:18: a SHA-256 digest has 64 hexadecimal digits; this has 65 characters
allow any sha256 x to any ; 1:18: a SHA-256 digest has 64 hexadecimal digits; this has 1 characters and not only digits
allow any sha256 to any ; 1:18: expected a digest after 'sha256', not 'to'
allow any ancestor /a user root script /s parent /p group root to any ; ok ; allow any script /s user root group root parent /p ancestor /a to any
allow kernel user root to any ; 1:14: subject 'kernel' takes no conditions
allow kernel unit nfs.service to any ; 1:14: subject 'kernel' takes no conditions
allow any usr root to any ; 1:11: unknown word 'usr'; did you mean 'user'?
allow any uid 0 to any ; 1:11: unknown word 'uid'; did you mean 'user'?
allow any parnet /a to any ; 1:11: unknown word 'parnet'; did you mean 'parent'?
allow any port 80 to any ; 1:11: expected a condition or 'to', not 'port'; the order is 'to' DESTINATION, 'port', 'from port', 'proto'
allow any to any user root ; 1:18: condition 'user' behind the destination; conditions come before 'to'
allow /usr/bin/php script /var/www/cron.php user www-data group www-data unit cron.service cgroup /system.slice parent /bin/sh ancestor /usr/sbin/cron to any ; ok ; =
# What a module cannot judge is refused, never ignored.
allow any to any ; without exe | 1:1: a program cannot be judged by this module yet; the rule is refused
allow /a to any ; without exe | 1:1: a program cannot be judged by this module yet; the rule is refused
allow /a* to any ; without exe ; =
allow /a* to any ; without glob | 1:1: a path with wildcards cannot be judged by this module yet; the rule is refused
allow kernel to any ; without kernel | 1:1: subject 'kernel' cannot be judged by this module yet; the rule is refused
allow any script /a to any ; without script | 1:11: condition 'script' cannot be judged by this module yet; the rule is refused
allow any user 1 to any ; without user | 1:11: condition 'user' cannot be judged by this module yet; the rule is refused
allow any group 1 to any ; without group | 1:11: condition 'group' cannot be judged by this module yet; the rule is refused
allow any unit a.service to any ; without unit | 1:11: condition 'unit' cannot be judged by this module yet; the rule is refused
allow any cgroup /a to any ; without cgroup | 1:11: condition 'cgroup' cannot be judged by this module yet; the rule is refused
allow any container a to any ; without container | 1:11: condition 'container' cannot be judged by this module yet; the rule is refused
allow any parent /a to any ; without parent | 1:11: condition 'parent' cannot be judged by this module yet; the rule is refused
allow any ancestor /a to any ; without ancestor | 1:11: condition 'ancestor' cannot be judged by this module yet; the rule is refused
allow any sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef to any ; without sha256 | 1:11: condition 'sha256' cannot be judged by this module yet; the rule is refused
allow any to host a.example ; without host | 1:14: destination 'host' cannot be judged by this module yet; the rule is refused
set @a = host a.example\nallow any to @a ; without host | 1:10: destination 'host' cannot be judged by this module yet; the rule is refused
allow any to any until 2030-01-01 ; without until | 1:1: option 'until' cannot be judged by this module yet; the rule is refused
allow any to any monitor ; without monitor | 1:1: option 'monitor' cannot be judged by this module yet; the rule is refused
allow any unit a.service user 1 to host b.example monitor until 2030-01-01 ; without unit user host monitor until | 1:1: option 'monitor' cannot be judged by this module yet; the rule is refused | 1:1: option 'until' cannot be judged by this module yet; the rule is refused | 1:11: condition 'unit' cannot be judged by this module yet; the rule is refused | 1:26: condition 'user' cannot be judged by this module yet; the rule is refused | 1:36: destination 'host' cannot be judged by this module yet; the rule is refused
allow /a to 10.0.0.1 port 80 proto tcp log as "x" ; without glob kernel script user group cgroup unit container parent ancestor sha256 host until monitor ; =
allow any ancestor /a ancestor /b ancestor /a to any ; 1:35: the same ancestor twice
allow any parent /a ancestor /a to any ; ok ; =
# The environment.
allow any clean-env to any ; ok ; =
allow /usr/bin/python3.* clean-env script /opt/run.py user 5 to any ; ok ; allow /usr/bin/python3.* script /opt/run.py user 5 clean-env to any
allow any clean-env clean-env to any ; 1:21: second 'clean-env' in one rule
allow any clean-env yes to any ; 1:21: expected a condition or 'to', not 'yes'
allow any clean-env /opt/run.py to any ; 1:21: expected a condition or 'to', not '/opt/run.py'; only destinations, ports and protocols are lists, write a rule for each
allow any clean to any ; 1:11: unknown word 'clean'; did you mean 'clean-env'?
allow any cleanenv to any ; 1:11: unknown word 'cleanenv'; did you mean 'clean-env'?
allow any to any clean-env ; 1:18: condition 'clean-env' behind the destination; conditions come before 'to'
allow kernel clean-env to any ; 1:14: subject 'kernel' takes no conditions
allow any script clean-env to any ; 1:18: path 'clean-env' is not absolute
