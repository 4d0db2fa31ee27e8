#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Checks which variables of the module share a cache line.

    tests/lines.py build/module/VERSION/connwarden.ko

A variable that decisions only read is __read_mostly (or const), so that it lies
apart from what is written: else each write of a neighbour takes its line away
from all other CPUs.  What is not so annotated must be in WRITTEN below, by file
and name; a variable that is in neither place is an error, so that whoever adds
one says which it is.  docs/design.md tells who writes what on the path of a
decision, and how often.
"""
import re
import subprocess
import sys

LINE = 64
READ = (".data..read_mostly", ".data..ro_after_init")
MIXED = (".data", ".bss")
# Writable sections that the kernel writes only when it loads the module.
STILL = (".static_call_sites",)

# Variables that are written while the module runs.  `alone`: read by decisions as
# well, or written by them, so it shares its lines with no other variable.
WRITTEN = {
    "admin.c": "change_lock changes writer",
    "age.c": "reaper",
    "audit.c": "slot_lock buckets used_slots free_slots shares "
               "pending_total tokens tokens_at flusher",
    "conn.c": "locks=alone mptcp_lock by_inode",
    "door.c": "pinned protocol_lock protocols protocol_count notifier",
    "event.c": "reader_lock opened waiting=alone",
    "exe.c": "table changes=alone",
    "fs.c": "directory entries",
    "ftrace.c": "trial trial_lock lost",
    "known.c": "last_id",
    "owner.c": "lock used number",
    "process.c": "last_id",
    "record.c": "sequence",
    "replaced.c": "all",
    "ring.c": "pool=alone active sequence read_sequence",
    "sctp.c": "listener_lock listeners",
    "share.c": "account_lock table heaviest",
    "store.c": "store_lock last_generation",
    "trace.c": "watches",
}


def readelf(option, path):
    return subprocess.run(["readelf", option, "-W", path], check=True,
                          capture_output=True, text=True).stdout.splitlines()


def read_sections(path):
    """Number -> (name, flags, alignment, size), in the order of the file."""
    sections = {}
    for line in readelf("-S", path):
        found = re.match(r"\s*\[\s*(\d+)\] (\S+)\s+\S+\s+[0-9a-f]+ [0-9a-f]+ "
                         r"([0-9a-f]+) [0-9a-f]+\s+([A-Za-z]*)\s+\d+\s+\d+\s+(\d+)",
                         line)
        if found:
            sections[int(found[1])] = (found[2], found[4], int(found[5]),
                                       int(found[3], 16))
    return sections


def read_variables(path, sections):
    """(section, file, name, first byte, size) of each variable."""
    file = ""
    for line in readelf("-s", path):
        field = line.split()
        if len(field) < 7 or not field[0].rstrip(":").isdigit():
            continue
        if field[3] == "FILE":
            file = field[7] if len(field) > 7 else ""
        elif field[3] == "OBJECT" and field[6].isdigit():
            # Global ones come last in the table, behind no file of theirs.
            where = file if field[4] == "LOCAL" else ""
            name = re.sub(r"\.\d+$", "", field[7])
            yield (sections[int(field[6])][0], where, name, int(field[1], 16),
                   int(field[2], 0))


def expected():
    for file, names in WRITTEN.items():
        for name in names.split():
            yield file, name.removesuffix("=alone"), name.endswith("=alone")


def neighbours(variable, variables):
    section, _, _, first, size = variable
    lines = range(first // LINE, (first + size - 1) // LINE + 1)
    for other in variables:
        if other is not variable and other[0] == section and other[4] and \
           other[3] // LINE <= lines[-1] and \
           (other[3] + other[4] - 1) // LINE >= lines[0]:
            yield other


def check_placed(variables):
    known = {(file, name) for file, name, _ in expected()}
    # Limits of the rate of messages to the kernel's log.
    for section, file, name, _, _ in variables:
        if section in MIXED and (file, name) not in known and name != "_rs":
            yield (f"{file}: {name} is neither __read_mostly nor in the list of "
                   "written variables")
        if section in READ and (file, name) in known:
            yield f"{file}: {name} is written, but lies among what is only read"


def check_alone(variables):
    for file, name, alone in expected():
        found = [v for v in variables if v[1:3] == (file, name)]
        if not found:
            yield f"{file}: there is no {name}: take it off the list"
        for variable in found if alone else []:
            for other in neighbours(variable, variables):
                yield f"{file}: {name} shares a line with {other[1]}: {other[2]}"


def is_kept(section):
    """Loaded, writable, and in one piece of memory with the others?"""
    name, flags, _, size = section
    return "W" in flags and "A" in flags and size and \
        not name.startswith((".init", ".exit", ".data..percpu", ".data..ro_after_init"))


def check_edges(sections):
    """The section of what is only read begins a line, and so does what follows."""
    kept = [section for section in sections.values()
            if is_kept(section) and section[0] not in STILL]
    for i, section in enumerate(kept):
        if section[0] not in READ:
            continue
        for edge in kept[i:i + 2]:
            if edge[2] % LINE:
                yield (f"{edge[0]} is aligned to {edge[2]} bytes, so a line of "
                       f"{section[0]} may be shared")


def main(path):
    sections = read_sections(path)
    variables = list(read_variables(path, sections))
    errors = [*check_placed(variables), *check_alone(variables),
              *check_edges(sections)]
    for error in sorted(errors):
        print(f"lines: {error}", file=sys.stderr)
    if not errors:
        print("lines: ok,", sum(v[0] in MIXED + READ for v in variables),
              "variables")
    return bool(errors)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
