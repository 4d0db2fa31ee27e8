#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The table of options, as users meet it: usage, man page, completion.

usage: cli_test.py POLICYCTL BASH_COMPLETION ZSH_COMPLETION COUNT
       cli_test.py POLICYCTL --write	renews usage.txt

usage.txt is what `policyctl help` and `policyctl help COMMAND` print.  Writes
"PASSED FAILED" to the file COUNT.
"""
import os
import pty
import re
import select
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
MAN = os.path.join(HERE, "../../docs/policyctl.8")
GOLDEN = os.path.join(HERE, "usage.txt")
# Seconds until a shell that does not answer counts as hung.
PATIENCE = 120

results = []


def check(name, problem):
    """@problem: what is wrong, empty = nothing."""
    results.append(not problem)
    if problem:
        print(f"cli: {name}: {problem}")


def run(*words):
    done = subprocess.run([sys.argv[1], *words], text=True, capture_output=True,
                          stdin=subprocess.DEVNULL, check=False)
    return done.returncode, done.stdout, done.stderr


def commands():
    return re.findall(r"^  ([a-z-]+) +\S", run("help")[1].split("\nOptions")[0], re.M)


def options_of(usage):
    """Names of the options in a usage, or in a line of the man page."""
    return re.findall(r"--([a-z-]+)", usage)


def all_usage():
    return run("help")[1] + "".join(f"\n{run('help', name)[1]}" for name in commands())


def check_usage():
    with open(GOLDEN, encoding="utf-8") as file:
        golden = file.read()
    check("usage.txt", "" if golden == all_usage() else
          "policyctl help prints something else: if it is right, cli_test.py --write")
    for name in commands():
        wanted = (0, run("help", name)[1], "")
        for words in ([name, "--help"], [name, "-h"], ["--help", name]):
            check(" ".join(words), "" if run(*words) == wanted else
                  f"is not as help {name}: {run(*words)}")
        long = [line for line in wanted[1].split("\n\n")[0].split("\n") if len(line) > 80]
        check(f"width of help {name}", "".join(long))


def check_mistakes():
    """A misspelt command or option is answered with the one that is meant."""
    for name in commands():
        wrong = name[:-1] if len(name) > 4 else name + "x"
        status, _, error = run(wrong)
        check(wrong, "" if status == 2 and f"did you mean {name}?" in error else error)
    for name in set(options_of(all_usage())):
        if len(name) < 4:
            continue
        wrong = f"{name}z"
        status, _, error = run("status", f"--{wrong}")
        check(f"--{wrong}", "" if status == 2 and f"did you mean --{name}?" in error
              else error)
    for name in commands():
        usage = run("help", name)[1]
        own = set(options_of(usage))
        for option in ["limit", "lint", "once", "source", "file", "format", "at"]:
            if option in own:
                continue
            value = [] if option in ("lint", "once") else \
                [{"limit": "1", "format": "dot", "at": "now"}.get(option, "x")]
            status, _, error = run(name, f"--{option}", *value)
            nearest = options_of(error.split("; ")[1].split("\n")[0]) if "; " in error else []
            good = status == 2 and f"{name} does not take --{option}; " in error and \
                (nearest[0] in own if own else "it has no options" in error)
            check(f"{name} --{option}", "" if good else error)


def check_words():
    """Each word that the usage offers is accepted, and another one is not."""
    for name in commands():
        for option, words in re.findall(r"\[--([a-z-]+) ([a-z]+\|[^\]]*)\]",
                                        run("help", name)[1]):
            for word in words.split("|"):
                error = run(name, f"--{option}", word, "--help")[2]
                check(f"{name} --{option} {word}", error)
            status = run(name, f"--{option}", "nonsense", "--history", "/nonexistent")[0]
            check(f"{name} --{option} nonsense",
                  "" if status in (1, 2) else f"exits with {status}")


def plain(text):
    """A line of the man page without its fonts."""
    text = re.sub(r"\\f[A-Z]|^\.[A-Z]+ ", "", text).replace("\\-", "-")
    return text.replace('"', "").replace("\\&", "")


def check_man():
    with open(MAN, encoding="utf-8") as file:
        text = file.read()
    sections = dict(re.findall(r'^\.SH "?([A-Z ]+?)"?\n(.*?)(?=^\.SH |\Z)', text, re.M | re.S))
    filters = set(options_of(plain(sections["FILTERS"])))
    everywhere = set(options_of(plain(sections["OPTIONS"])))
    heads = {}
    for line in re.findall(r"^\.TP\n\.BR? (.*)$", sections["COMMANDS"], re.M):
        line = plain(line)
        for name in commands():
            if re.match(rf"(.*, *)?{name}( |$|,)", line) and name not in heads:
                heads[name] = line
    for name in commands():
        check(f"{name} in policyctl(8)", "" if name in heads else "is missing")
        named = set(options_of(heads.get(name, "")))
        own = set(options_of(run("help", name)[1].split("\n\n")[0]))
        missing = own - named - (filters if "FILTER" in heads.get(name, "") else set())
        check(f"options of {name} in policyctl(8)",
              f"lacks {sorted(missing)}" if missing else "")
        check(f"options of {name} in policyctl(8)",
              f"has {sorted(named - own)}, which {name} does not take" if named - own else "")
    known = set(options_of(all_usage()))
    said = set(options_of(plain(text)))
    check("policyctl(8)", f"lacks {sorted(known - said)}" if known - said else "")
    # That of policyd.
    extra = filters | everywhere | said
    check("policyctl(8)", f"has {sorted(extra - known - {'enforce'})}"
          if extra - known - {"enforce"} else "")


BASH = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_policyctl 2>&1; printf '%s\\n' "${COMPREPLY[@]}"
"""


def bash(completion, *words):
    done = subprocess.run(["bash", "-c", BASH, "bash", completion, "policyctl", *words],
                          text=True, capture_output=True, check=False)
    return done.stderr or done.stdout.split()


def check_bash(completion):
    names = commands()
    check("bash: commands", "" if bash(completion, "") == names else bash(completion, ""))
    check("bash: h", "" if bash(completion, "h") == ["history", "help"] else "differs")
    for name in names:
        own = set(options_of(run("help", name)[1].split("\n\n")[0]))
        offered = {word[2:] for word in bash(completion, name, "--")}
        check(f"bash: {name} --", "" if offered == own | {"socket", "help", "version"}
              else sorted(offered ^ own))
    for words, wanted in [
            (["mode", ""], ["enforce", "monitor"]),
            (["history", "--verdict", "d"], ["deny"]),
            (["history", "--verdict", "="], ["allow", "deny", "would-deny", "-"]),
            (["history", "--proto", "=", "s"], ["sctp"]),
            (["history", "--since", "1h", "--proto", "u"], ["udp"]),
            (["--socket", "/x", "gra"], ["graph"]),
            (["--socket", "=", "/x", "gra"], ["graph"]),
            (["--socket", "status", "mod"], ["mode"]),
            (["graph", "--by", ""], ["exe", "unit", "address", "host"]),
            (["help", "vers"], ["version"]),
            (["history", "--limit", ""], []),
            (["status", ""], []),
            (["check", os.path.join(HERE, "usage")], [GOLDEN])]:
        got = bash(completion, *words)
        check(f"bash: {' '.join(words)}", "" if got == wanted else got)


def read_until(terminal, pattern):
    """What the shell printed until @pattern came, or until it ended or hung."""
    text = ""
    while not re.search(pattern, text):
        if not select.select([terminal], [], [], PATIENCE)[0]:
            return text + "\n(hangs)"
        try:
            part = os.read(terminal, 4096)
        except OSError:
            return text + "\n(ended)"
        text += part.decode(errors="replace")
    return text


def check_zsh(completion):
    """Keys as a user types them: a tab fills in what is the only one."""
    cases = [("hist\t", "history"), ("history --verd\t", "--verdict"),
             ("history --verdict wo\t", "would-deny"), ("history --verdict=a\t", "allow"),
             ("graph --format h\t", "html"), ("mode enf\t", "enforce"),
             ("help vers\t", "version"), ("--sock\t", "--socket"),
             ("top --int\t", "--interval"), ("completion z\t", "zsh")]
    with tempfile.TemporaryDirectory() as home:
        pid, terminal = pty.fork()
        if not pid:
            os.environ.update(HOME=home, TERM="dumb", PS1="ready>", COLUMNS="200")
            os.execvp("zsh", ["zsh", "-f", "-i"])
        os.write(terminal, f"fpath=({os.path.dirname(os.path.abspath(completion))} $fpath);"
                 "autoload -U compinit; compinit -u -D; unsetopt ZLE_RPROMPT 2>/dev/null;"
                 "policyctl() { print -r -- \"<$*>\"; }; print go''od\n".encode())
        text = read_until(terminal, "good")
        check("zsh: starts", "" if "good" in text else text)
        for keys, word in cases:
            os.write(terminal, f"policyctl {keys}\n".encode())
            text = read_until(terminal, r"<[^<>]*>\r\n")
            given = re.findall(r"<([^<>]*)>\r\n", text)
            check(f"zsh: {keys.strip()}", "" if given and re.split("[ =]", given[-1].strip())[-1]
                  in (word, "") and word in given[-1] else text)
        os.write(terminal, b"exit\n")
        os.close(terminal)
        os.waitpid(pid, 0)


def main():
    if sys.argv[2:] == ["--write"]:
        with open(GOLDEN, "w", encoding="utf-8") as file:
            file.write(all_usage())
        return
    check_usage()
    check_mistakes()
    check_words()
    check_man()
    check_bash(sys.argv[2])
    check_zsh(sys.argv[3])
    failed = results.count(False)
    print(f"cli: {len(results) - failed} passed, {failed} failed")
    with open(sys.argv[4], "w", encoding="utf-8") as file:
        file.write(f"{len(results) - failed} {failed}\n")
    sys.exit(1 if failed else 0)


main()
