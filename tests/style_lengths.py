#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Lengths of functions, files and headers, the include graph, folders.

Prints what breaks the rules of CONTRIBUTING.md.  LONGER names the files that
were too long when the rule came, with the lines that they may have: they may
shrink, and leave the list when they are short enough.
"""
import os
import re
import subprocess
import sys

FUNCTION, SOURCE, HEADER, FOLDER = 60, 500, 250, 25
PRODUCT = ("include", "lib", "policy", "lsm", "history", "policyd", "policyctl")
LONGER = {
    "lsm/conn.h": 290,
    "history/history.h": 480,
    "history/ingest.c": 540,
    "include/cw_blob.h": 460,
    "lib/lib.h": 270,
    "lsm/cw.h": 500,
    "lsm/ring.c": 530,
    "policy/engine/engine.h": 460,
    "policy/lint/filing.c": 520,
    "policy/text/compile.h": 310,
    "policy/text/parse.c": 520,
    "policy/text/passes.h": 300,
    "policy/text/rule.c": 580,
    "policyd/historian.c": 600,
    "policyd/policyd.h": 410,
}
FULLER = {"lsm"}
# Headers that the build makes beside the file that includes them.
MADE = {"probed.h"}
LONG_FUNCTIONS = {"lsm/main.c": 70}

# Which folders the files of a folder may include, beside its own.
ENGINE = {"include", "policy/engine"}
BELOW_TEXT = ENGINE | {"lib", "policy/text"}
HISTORY = ENGINE | {"lib", "history"}
POLICY = BELOW_TEXT | {"policy/index", "policy/lint", "policy/ask"}
ROWS = HISTORY | POLICY | {"policyctl/rows"}
MAY = {
    "include": set(),
    "lib": {"include"},
    "policy/engine": {"include"},
    "policy/text": BELOW_TEXT,
    "policy/index": BELOW_TEXT,
    "policy/lint": BELOW_TEXT,
    "policy/ask": BELOW_TEXT,
    "lsm": ENGINE,
    "history": HISTORY,
    "policyd": HISTORY | POLICY,
    "policyctl": ROWS | {"policyctl/commands", "policyctl/doctor", "policyctl/graph"},
    "policyctl/rows": ROWS,
    "policyctl/graph": ROWS,
    "policyctl/doctor": ROWS,
    "policyctl/commands": ROWS | {"policyctl/doctor", "policyctl/graph"},
}


def files():
    names = subprocess.check_output(["git", "ls-files", "*.c", "*.h"], text=True)
    return [name for name in names.split()
            if name.split("/")[0] in PRODUCT and os.path.exists(name)]


def functions(lines):
    """Name and length of each function: from its { in column 0 to its }."""
    start = None
    for number, line in enumerate(lines):
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start is not None:
            head = start - 1
            while head > 0 and lines[head - 1].strip() and \
                    not re.match(r"[#/}]|\s*\*", lines[head - 1]):
                head -= 1
            yield lines[head], number - head + 1
            start = None


def check_file(name, lines, say):
    limit = HEADER if name.endswith(".h") else SOURCE
    if len(lines) > LONGER.get(name, limit):
        say(f"{name}: {len(lines)} lines, at most {LONGER.get(name, limit)}")
    for head, length in functions(lines):
        limit = LONG_FUNCTIONS.get(name, FUNCTION)
        if length > limit:
            say(f"{name}: {length} lines, at most {limit}: {head.strip()}")


def check_includes(name, lines, say):
    folder = os.path.dirname(name)
    for line in lines:
        match = re.match(r'#\s*include "([^"]+)"', line)
        if not match:
            continue
        path = match.group(1)
        for base in (folder, ""):
            if os.path.exists(os.path.join(base, path)):
                path = os.path.normpath(os.path.join(base, path))
                break
        if path in MADE:
            continue
        other = os.path.dirname(path)
        if other not in MAY.get(folder, set()) | {folder}:
            say(f"{name}: {folder} may not include {path}")


def main():
    bad = []
    count = {}
    for name in files():
        with open(name, encoding="utf-8") as file:
            lines = file.read().split("\n")[:-1]
        check_file(name, lines, bad.append)
        check_includes(name, lines, bad.append)
        folder = os.path.dirname(name)
        count[folder] = count.get(folder, 0) + 1
    for folder, number in count.items():
        if number > FOLDER and folder not in FULLER:
            bad.append(f"{folder}: {number} files, at most {FOLDER}")
    for line in bad:
        print(line)
    sys.exit(1 if bad else 0)


main()
