#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Functions that only tests call, kernel-doc, and the threat model's tests.

Prints what breaks a rule:
  * a function of the product is called by the product.  FOR_TESTS names those
    that make a test possible, with the reason;
  * a kernel-doc comment of lsm/ and policy/engine/ describes every parameter,
    or every member, and no other;
  * what a bypass test finds open has a row in docs/threat-model.md, and every
    number of its rows is looked up by a bypass test.
"""
import os
import re
import subprocess
import sys

PRODUCT = ("include", "lib", "policy", "lsm", "history", "policyd", "policyctl")
FOR_TESTS = {
    "cw_alloc_count",       # allocations that fail, one after the other
    "cw_alloc_fail",
    "cw_diag_limit",        # every error, where people get the first hundred
    "cw_lint_set_root",     # another host's files
    "cw_past_read",         # a file that is open already
    "cw_history_traffic",   # what was stored, row by row
}
# Numbers that no bypass test looks up, and the tests that show them.
SHOWN_BY = {
    "B14": "tests/vm/t/68-nobody-pushes-out-the-others.sh",
    "B18": "tests/vm/t/36-judge-cgroup.sh",
    "B19": "tests/vm/t/16-judge-the-address-that-is-used.sh",
}
DOCUMENTED = ("lsm/", "policy/engine/")


def read(name):
    with open(name, encoding="utf-8") as file:
        return file.read()


def sources():
    names = subprocess.check_output(["git", "ls-files", "*.c", "*.h"], text=True).split()
    return {name: read(name) for name in names
            if name.split("/")[0] in PRODUCT and os.path.exists(name)}


def without_comments(text):
    """Nor strings, in which a comment seems to begin."""
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', '""', text, flags=re.S)


def dead_functions(files):
    count = {}
    defined = {}
    for name, text in files.items():
        text = without_comments(text)
        if name.endswith(".c"):
            for match in re.finditer(r"^(?!#)[^\n(;={}]*?\b(\w+)\([^;{}]*\)\s*\n\{", text, re.M):
                defined[match.group(1)] = name
            for word in re.findall(r"\w+", text):
                count[word] = count.get(word, 0) + 1
        else:
            # A header calls in inline functions and macros; prototypes are no calls.
            text = re.sub(r"^(?![#\t ])[^\n{}#]*\([^{}]*?\)[^{}]*?;", "", text, flags=re.M)
            for word in re.findall(r"\w+", text):
                count[word] = count.get(word, 0) + 1
    for word, name in sorted(defined.items()):
        if count[word] < 2 and word != "main" and word not in FOR_TESTS:
            yield f"{name}: nothing but tests calls {word}()"


def names_of(declaration):
    """Parameters of a function, or None when it is no function."""
    match = re.match(r"[^;{(]*?\(([^;{]*?)\)\s*[;{_]", declaration, re.S)
    if not match or re.match(r"\s*(struct|enum|union)\s+\w+\s*\{", declaration):
        return None
    found = set()
    for part in match.group(1).split(","):
        name = re.search(r"(\w+)\s*(\[[^\]]*\])?\s*$", part.strip())
        if name and name.group(1) != "void":
            found.add(name.group(1))
    return found


def members_of(declaration):
    match = re.match(r"\s*(?:typedef\s+)?(struct|enum|union)\s+\w*\s*\{(.*?)^\}", declaration,
                     re.S | re.M)
    if not match:
        return None
    body = without_comments(match.group(2))
    if match.group(1) == "enum":
        return set(re.findall(r"(?:^|,)\s*(\w+)", body))
    found = set()
    # Members of a struct inside belong to it when it has a name, else to this one.
    while re.search(r"\{[^{}]*\}", body):
        body = re.sub(r"\b(?:struct|union)\s*\{([^{}]*)\}\s*;", r"\1", body)
        body = re.sub(r"\{[^{}]*\}(?!\s*;)", " ", body)
        body = re.sub(r"\b(?:struct|union)\s+\w+\s*\{([^{}]*)\}\s*;", " ", body)
    for part in body.split(";"):
        part = re.sub(r"__\w+(\([^)]*\))?|:\s*\d+", " ", part)
        match = re.search(r"\(\*\s*(\w+)\)", part)
        if match:
            found.add(match.group(1))
            continue
        part = re.sub(r"\[[^\]]*\]", "", part)
        for piece in part.split(","):
            name = re.search(r"(\w+)\s*$", piece.strip())
            if name and part.strip():
                found.add(name.group(1))
    return found


def kernel_doc(name, text):
    for match in re.finditer(r"/\*\*\n(.*?)\*/\n(.*?)(?=\n\n|\Z)", text, re.S):
        comment, declaration = match.groups()
        head = re.match(r" \* (?:(?:struct|enum|union) )?(\w+)(?:\(\))? - ", comment)
        if not head:
            yield f"{name}: kernel-doc without \"name - what it is\": {comment.splitlines()[0]}"
            continue
        if head.group(1) not in declaration:
            yield f"{name}: kernel-doc of {head.group(1)} is not above it"
            continue
        wanted = members_of(declaration)
        wanted = names_of(declaration) if wanted is None else wanted
        if wanted is None:
            continue
        said = set(re.findall(r"^ \* @(\w+)(?:\.\w+)?:", comment, re.M))
        said |= {word for line in re.findall(r"^ \* (@\w+(?:, @\w+)+):", comment, re.M)
                 for word in re.findall(r"@(\w+)", line)}
        if said:
            for word in sorted(wanted - said):
                yield f"{name}: kernel-doc of {head.group(1)} lacks @{word}"
            for word in sorted(said - wanted):
                yield f"{name}: kernel-doc of {head.group(1)} has @{word}, which is not there"


def threat_model():
    rows = re.findall(r"^\| (B\d+|-) (\|.*)$", read("docs/threat-model.md"), re.M)
    names = subprocess.check_output(["git", "ls-files", "tests/vm/t", "tests/vm/bypass",
                                     "tests/vm/boot"], text=True).split()
    for name in names:
        if not name.endswith(".sh"):
            continue
        # known NAME FAMILY recorded|documented NUMBER WORDS; the same of functions
        # that end in it.
        for number, words in re.findall(r"\b(B\d+) +(?:\\\n\s*)?[\"']([^\"'$]+)[\"']", read(name)):
            if not any(row == number and words in line for row, line in rows):
                yield f"{name}: docs/threat-model.md has no row {number} with: {words}"
    text = "".join(read(name) for name in names if name.endswith(".sh"))
    for number in sorted({row for row, _ in rows if row != "-"}):
        if not os.path.exists(SHOWN_BY.get(number, "")) and \
                not re.search(rf"\b{number}\b", text):
            yield f"docs/threat-model.md: no test looks up {number}"


def main():
    files = sources()
    bad = list(dead_functions(files))
    for name, text in files.items():
        if name.startswith(DOCUMENTED):
            bad += kernel_doc(name, text)
    bad += threat_model()
    for line in bad:
        print(line)
    sys.exit(1 if bad else 0)


main()
