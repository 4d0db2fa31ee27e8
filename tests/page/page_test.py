#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The page of policyctl graph, used as a person does, in headless Chromium.
page_test.py POLICYCTL DIRECTORY-FOR-FILES FILE-FOR-THE-COUNT"""
import json
import os
import subprocess
import sys
import time

from browser import Browser

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def is_equal(got, want):
    assert got == want, "%r, not %r" % (got, want)


def count(page, selector):
    return page.ask("document.querySelectorAll(%s).length" %
                    json.dumps(selector))


def details(page):
    return page.ask("document.getElementById('details').textContent")


def place(page, expression):
    """The middle of an element."""
    box = page.ask("(() => { const r = (%s).getBoundingClientRect(); return "
                   "[r.x + r.width / 2, r.y + r.height / 2]; })()" %
                   expression)
    return box[0], box[1]


def node(title):
    return ("[...document.querySelectorAll('.node')].find((one) => "
            "one.subject.title === %s)" % json.dumps(title))


def show(page, file):
    """For tests that change nothing: opens it only if another one is open."""
    if page.ask("location.href.split('#').join('')") != "file://" + file:
        page.open(file)


def model(name):
    with open(os.path.join(WORK, name + ".json"), encoding="utf-8") as file:
        return json.load(file)


@test
def boxes_do_not_overlap(page):
    for file in (EXAMPLE, MANY):
        show(page, file)
        is_equal(page.ask("""(() => {
            const b = shownNodes.map((n) => n.box);
            let bad = 0;
            for (let i = 0; i < b.length; i++)
                for (let j = 0; j < i; j++)
                    bad += b[i].x < b[j].x + b[j].width &&
                        b[j].x < b[i].x + b[i].width &&
                        b[i].y < b[j].y + b[j].height &&
                        b[j].y < b[i].y + b[i].height;
            return bad; })()"""), 0)


@test
def every_node_and_edge_is_drawn(page):
    show(page, MANY)
    want = model("many")
    assert len(want["nodes"]) > 200, "too few to be a test"
    is_equal(count(page, ".node"), len(want["nodes"]))
    is_equal(count(page, ".link"), len(want["edges"]))
    is_equal(count(page, "#table tbody tr"), len(want["edges"]))


@test
def summary_tells_hosts_times_and_holes(page):
    show(page, MANY)
    text = page.ask("document.querySelector('header').textContent")
    want = model("many")
    for part in ("%d hosts" % len(want["hosts"]), "1 hole: 12 records missing",
                 want["since"][11:23]):
        assert part in text, "no %r in %r" % (part, text)


@test
def names_that_mean_harm_stay_text(page):
    show(page, MANY)
    is_equal(page.ask("document.title.startsWith('connwarden: ')"), True)
    is_equal(count(page, "script"), 2)
    is_equal(count(page, "img"), 0)
    is_equal(page.ask("document.querySelectorAll('[onload],[onerror]').length"),
             0)
    for edge in model("many")["edges"]:
        if edge["label"]:
            page.ask("light(data.edges.find((e) => e.label === %s))" %
                     json.dumps(edge["label"]))
            assert edge["label"] in details(page), edge["label"]
    is_equal(count(page, "img"), 0)


@test
def refused_only_and_hide_loopback(page):
    show(page, MANY)
    edges = model("many")["edges"]
    page.click(*place(page, "document.getElementById('refused')"))
    is_equal(count(page, ".link"), len(
        [edge for edge in edges if edge["refused"] or edge["would_deny"]]))
    page.open(MANY, "#loopback=1")
    is_equal(count(page, ".link"),
             len([edge for edge in edges if not edge["loopback"]]))
    assert count(page, ".link") < len(edges), "no loopback in the fixture"


@test
def the_same_file_makes_the_same_picture(page):
    page.open(EXAMPLE)
    first = page.ask("document.getElementById('world').outerHTML")
    page.open(EXAMPLE)
    is_equal(page.ask("document.getElementById('world').outerHTML"), first)


@test
def filter_hides_the_rest(page):
    page.open(EXAMPLE)
    page.type("/")
    page.type("mailer")
    edges = [edge for edge in model("example")["edges"]
             if "mailer" in json.dumps([
                 model("example")["nodes"][edge[end]]
                 for end in ("from", "to")])]
    is_equal(count(page, ".link"), len(edges))
    page.open(EXAMPLE, "#filter=tcp+-web1")
    is_equal(page.ask("shownEdges.every((e) => e.proto === 'tcp' && "
                      "e.from.host !== 'web1' && e.to.host !== 'web1')"),
             True)
    page.open(EXAMPLE, "#filter=5432")
    is_equal(page.ask("shownEdges.length > 0 && "
                      "shownEdges.every((e) => e.port === 5432)"), True)
    page.open(EXAMPLE, "#filter=no-such-program")
    is_equal(count(page, ".node"), 0)
    is_equal(page.ask("document.getElementById('nothing').hidden"), False)


@test
def hover_shows_the_rule_and_both_ends(page):
    page.open(EXAMPLE, "#filter=4444")
    x, y = place(page, "document.querySelector('.link .edge')")
    page.mouse("mouseMoved", x, y)
    text = details(page)
    for part in ("no shells to the outside", "line 16, rule 10", "refused",
                 "/usr/bin/nc.openbsd on web1",
                 "nc.openbsd@? -> 203.0.113.66:4444",
                 "2025-11-25 02:1"):
        assert part in text, "no %r in %r" % (part, text)
    page.open(EXAMPLE, "#filter=shop+5432")
    page.mouse("mouseMoved", *place(page, node("worker.py")))
    assert "shop.service" in details(page), details(page)
    page.ask("pin(shownEdges.find((e) => e.from.title === 'worker.py'))")
    text = details(page)
    assert "worker.py@10.0.0.11:" in text, text
    assert " -> postgres@10.0.0.21:5432" in text, text


@test
def click_pins_and_escape_lets_go(page):
    page.open(EXAMPLE)
    page.click(*place(page, node("nginx")))
    is_equal(count(page, ".node.pinned"), 1)
    asks = page.ask("[...document.querySelectorAll('.node.lit')].map((one) => "
                    "one.subject.title).sort().join(' ')")
    assert "worker.py" in asks and "postgres" not in asks, asks
    page.mouse("mouseMoved", *place(page, node("postgres")))
    assert details(page).startswith("nginx"), details(page)
    page.press("Escape")
    is_equal(count(page, ".node.pinned"), 0)


@test
def keyboard_reaches_a_program(page):
    page.open(EXAMPLE)
    page.ask(node("postgres") + ".focus()")
    assert details(page).startswith("postgres"), details(page)
    page.press("Enter")
    is_equal(page.ask("state.pinned.title"), "postgres")


@test
def wheel_zooms_and_dragging_moves(page):
    page.open(EXAMPLE)
    before = page.ask("camera")
    page.mouse("mouseWheel", 500, 500, deltaX=0, deltaY=-240)
    assert page.ask("camera.scale") > before["scale"]
    page.open(EXAMPLE)
    page.drag(10, 980, 60, 960)
    is_equal(page.ask("[camera.x, camera.y]"),
             [before["x"] + 50, before["y"] - 20])
    x, y = place(page, node("nginx"))
    old = page.ask(node("nginx") + ".subject.box.x")
    page.drag(x, y, x + 80, y + 40)
    moved = page.ask(node("nginx") + ".subject.box.x") - old
    assert moved > 40, moved
    is_equal(count(page, ".node.pinned"), 0)


@test
def table_sorts(page):
    page.open(EXAMPLE, "#view=table")
    is_equal(page.ask("document.getElementById('graph').hidden"), True)
    for want in ("ascending", "descending"):
        page.click(*place(page, "[...document.querySelectorAll('th button')]"
                          ".find((b) => b.textContent === 'refused')"))
        numbers = page.ask(
            "[...document.querySelectorAll('#table tbody tr')].map((row) => "
            "Number(row.cells[9].textContent.replace(/,/g, '')))")
        is_equal(numbers, sorted(numbers, reverse=want == "descending"))
        is_equal(count(page, "th[aria-sort=%s]" % want), 1)
    page.ask("document.querySelector('tbody tr').focus()")
    page.press("Enter")
    is_equal(count(page, "tr.pinned"), 1)


@test
def by_unit_and_host_are_pages_too(page):
    for by in ("unit", "host", "address"):
        make_page("example", "html", "--by", by)
        page.open(os.path.join(WORK, "example.html"))
        assert count(page, ".node") > 3, by
    make_page("example", "html")


@test
def nothing_is_asked_of_the_network(page):
    bad = [url for url in page.requests
           if not url.startswith(("file:///", "about:blank"))]
    is_equal(bad, [])


@test
def nothing_was_complained_about(page):
    is_equal(page.problems, [])


def make_page(name, form, *options):
    with open(os.path.join(WORK, name + "." + form), "wb") as out:
        subprocess.run([POLICYCTL, "graph", "--format", form, *options,
                        os.path.join(WORK, name + ".ndjson")], stdout=out,
                       check=True)


def make_files():
    os.makedirs(WORK, exist_ok=True)
    for name in ("many", "example"):
        with open(os.path.join(WORK, name + ".ndjson"), "wb") as out:
            subprocess.run([sys.executable, os.path.join(HERE, "rows.py"),
                            name], stdout=out, check=True)
        make_page(name, "json")
        make_page(name, "html")


def run(page):
    passed = 0
    for one in TESTS:
        start = time.monotonic()
        try:
            one(page)
        except AssertionError as problem:
            print("fail  %s: %s" % (one.__name__, problem))
            continue
        passed += 1
        print("pass %5.1fs  %s" % (time.monotonic() - start, one.__name__))
    return passed


def main():
    make_files()
    page = Browser()
    try:
        passed = run(page)
    finally:
        page.close()
    failed = len(TESTS) - passed
    print("page: %d passed, %d failed" % (passed, failed))
    with open(sys.argv[3], "w", encoding="ascii") as out:
        print(passed, failed, file=out)
    sys.exit(failed != 0)


POLICYCTL, WORK = sys.argv[1], sys.argv[2]
MANY = os.path.join(WORK, "many.html")
EXAMPLE = os.path.join(WORK, "example.html")
main()
