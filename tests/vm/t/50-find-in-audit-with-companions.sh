#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The searches that an administrator makes, with a syscall rule loaded so that
# SYSCALL and SOCKADDR join the record (docs/design.md, table of searches).
. /vm/lib.sh
up
auditctl -D >/dev/null
auditctl -R /vm/audit.rules || fail "primer rule"
. /vm/audit-search.sh
search_all full
