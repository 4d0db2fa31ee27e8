# SPDX-License-Identifier: GPL-2.0-only
"""
The score card of the kinds of traffic:

    card.py WANTED [CARD]

Each line of WANTED says what one entry of the history must be:

    KIND key=value... -- key=value...

The words before "--" find it: there must be exactly one.  Those behind must
hold; null is none, * is anything but none, user.exe is a key within user.  A key
with ~ instead of = holds within 10 % of the number.
Prints the card, appends it to CARD as rows for table.sh.  Status 1 when
something is wrong.
"""
import sys

import rows


def value_of(row, key):
    for part in key.split("."):
        row = row and row.get(part)
    return "null" if row is None else str(row)


def pairs(words):
    return [tuple(word.partition("=")[::2]) for word in words.split()]


def is_near(found, wanted):
    return found != "null" and abs(int(found) - wanted) * 10 <= wanted


def is_value(found, wanted):
    if wanted.startswith("~"):
        return is_near(found, int(wanted[1:]))
    return found != "null" if wanted == "*" else found == wanted


def wants(words):
    """As pairs(); a value that begins with ~ is to be near."""
    return pairs(words.replace("~", "=~"))


def index_of(history):
    """Rows by each of their values, or a thousand would be a million looks."""
    index = {}
    for row in history:
        for key in row:
            index.setdefault((key, value_of(row, key)), []).append(row)
    return index


def find(index, wanted):
    candidates = min((index.get(pair, []) for pair in wanted), key=len)
    return [row for row in candidates
            if all(value_of(row, key) == value for key, value in wanted)]


def name_of(program):
    if program["script"]:
        return f"{program['script'].rpartition('/')[2]}[{program['tgid']}]"
    return f"{(program['exe'] or '?').rpartition('/')[2]}[{program['tgid']}]"


def end(row, side):
    address, port = row[side], row[side + "_port"]
    if address and ":" in address:
        address = f"[{address}]"
    return (address or "*") + (f":{port}" if port else "")


def entry_of(row):
    return (f"{row['proto']} {row['dir']} {end(row, 'local')} "
            f"{end(row, 'remote')}")


def bytes_of(row):
    return "/".join(value_of(row, key) for key in ("sent", "received"))


def has_to_know_bytes(row):
    """They are told when it ends; what was before the module is not all known."""
    return row["closed"] is not None and row["attribution"] != "preexisting"


def process_of(row):
    used = f" -> {name_of(row['user'])}" if row["user"] else ""
    return name_of(row) + used


def judge(line, index):
    kind, _, rest = line.partition(" ")
    match, _, want = rest.partition("--")
    found = find(index, pairs(match))
    if len(found) != 1:
        return kind, f"{len(found)} entries for {match.strip()}", "-", "-", \
            "-", "WRONG"
    row = found[0]
    differs = [f"{key} is {value_of(row, key)}, not {value}"
               for key, value in wants(want)
               if not is_value(value_of(row, key), value)]
    if not row["ancestors"] and row["attribution"] != "kernel":
        differs.append("no ancestors")
    if row["proto"] in ("tcp", "udp", "sctp") and not row["local_port"]:
        differs.append("no local port")
    if has_to_know_bytes(row) and "null" in bytes_of(row):
        differs.append("bytes are not known")
    verdict = "WRONG: " + ", ".join(differs) if differs else "right"
    return kind, entry_of(row), process_of(row), row["attribution"], \
        bytes_of(row), verdict


def main(wanted, card=None):
    index = index_of(rows.history())
    with open(wanted) as file:
        judged = [judge(line, index) for line in file
                  if line.strip() and not line.startswith("#")]
    for line in judged:
        print("|".join(line))
    if card:
        with open(card, "a") as file:
            file.writelines("|".join(line) + "\n" for line in judged)
    wrong = sum(line[5] != "right" for line in judged)
    print(f"{len(judged) - wrong} of {len(judged)} entries are right")
    return wrong != 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
