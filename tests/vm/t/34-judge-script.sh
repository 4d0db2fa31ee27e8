#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `script` is the file that the kernel was asked to execute; nothing that the
# interpreter is told counts, nor a file of the same name elsewhere.
. /vm/lib.sh
up
cat >/opt/good.py <<'P'
#!/usr/bin/python3
import socket, sys
socket.create_connection((sys.argv[1], 80), 5)
P
chmod 755 /opt/good.py
cp /opt/good.py /tmp/good.py
ln -sf /opt/good.py /tmp/link.py
printf '#!/opt/good.py\n' >/opt/nested.py
chmod 755 /opt/nested.py
policy "default deny" "allow /usr/bin/python3.* script /opt/good.py to $web"
mode enforce
expect_ok /opt/good.py $web
# The interpreter opens it again by the name that was asked for, so only its
# own path will do: others may be changed in between.
expect_eperm sh -c "cd /opt && ./good.py $web"
expect_eperm /opt/../opt/good.py $web
expect_eperm /tmp/link.py $web
expect_eperm as alice /tmp/link.py $web
expect_ok as alice /opt/good.py $web
expect_eperm as alice unshare -U /opt/good.py $web
expect_eperm python3 -c "
import os
fd = os.open('/opt/good.py', os.O_RDONLY)
os.set_inheritable(fd, True)
os.execve(fd, ['/opt/good.py', '$web'], os.environ)"
expect_ok bash -c "exec -a curl /opt/good.py $web"
expect_eperm /tmp/good.py $web
expect_eperm python3 /opt/good.py $web
expect_eperm bash -c "exec -a /opt/good.py /usr/bin/python3 /opt/good.py $web"
expect_eperm sh -c "cp /opt/good.py /tmp/opt.py; cd /tmp && ./opt.py $web"
# What the script starts is not the script.
expect_eperm python3 -c "import os; os.execl('/usr/bin/python3', '/opt/good.py', '/opt/good.py', '$web')"
# An execution that fails leaves nothing behind.
expect_eperm python3 - $web <<'P'
import os, socket, sys
open("/opt/broken", "w").write("#!/nowhere\n")
os.chmod("/opt/broken", 0o755)
for path in "/opt/broken", "/nowhere":
    try:
        os.execv(path, [path])
    except OSError:
        pass
socket.create_connection((sys.argv[1], 80), 5)
P
# A script whose interpreter is a script: the one that was asked for.
policy "default deny" "allow /usr/bin/python3.* script /opt/nested.py to $web"
expect_eperm /opt/good.py $web
policy "default deny" "allow any script /opt/*.py to $web"
expect_ok /opt/good.py $web
expect_eperm /tmp/good.py $web
