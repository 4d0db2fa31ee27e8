# SPDX-License-Identifier: GPL-2.0-only
"""
What the tests of the history share: its rows, and what /proc says about
processes to compare them with.
"""
import datetime
import json
import os
import subprocess
import sys

ANCESTORS = 8                   # CW_ANCESTORS


def history(*filters):
    """The rows of `policyctl history --json`, oldest first."""
    text = subprocess.run(("policyctl", "history", "--json") + filters,
                          check=True, stdout=subprocess.PIPE).stdout
    rows = [json.loads(line) for line in text.decode().splitlines()]
    return [row for row in rows if row["type"] == "connection"]


def lines(path):
    """The objects of a file that has one a line."""
    with open(path) as file:
        return [json.loads(line) for line in file]


def nanoseconds(time):
    """Of a time in a row, since 1970."""
    seconds, _, fraction = time.rstrip("Z").partition(".")
    at = datetime.datetime.strptime(seconds, "%Y-%m-%dT%H:%M:%S")
    at = at.replace(tzinfo=datetime.timezone.utc)
    return int(at.timestamp()) * 10**9 + int(fraction.ljust(9, "0"))


def parent_of(pid):
    with open(f"/proc/{pid}/stat") as file:
        return int(file.read().rpartition(")")[2].split()[1])


def chain(pid):
    """
    The ancestors that children of pid have: [tgid, executable], nearest first.
    As in the kernel module, an executable that comes twice in a row counts
    once.
    """
    found = []
    while pid:
        exe = os.readlink(f"/proc/{pid}/exe")
        if not found or found[-1][1] != exe:
            found.append([pid, exe])
        pid = parent_of(pid)
    return found[:ANCESTORS]


def fail(reason, *rows):
    for row in rows:
        print(json.dumps(row))
    sys.exit(f"FAIL: {reason}")
