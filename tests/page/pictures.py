#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Pictures for the documents:
pictures.py POLICYCTL WORK-DIRECTORY DOCS ROWS
DOCS/graph.png is the page of `policyctl graph` of the export ROWS.
DOCS/top.png is WORK/top.txt, what `policyctl top --once` printed in a VM, on
paper of the size that it needs; without that file it stays as it is."""
import html
import os
import subprocess
import sys

from browser import Browser

TERMINAL = """<!DOCTYPE html><meta charset="utf-8"><style>
body { margin: 0; background: #fcfcfb; }
pre { display: inline-block; margin: 0; padding: 22px 26px; color: #20242a;
font: 14px/1.45 "DejaVu Sans Mono", monospace; }</style><pre>%s</pre>"""


def graph(policyctl, work, docs, rows):
    name = os.path.join(work, "graph.html")
    with open(name, "wb") as out:
        subprocess.run([policyctl, "graph", "--format", "html", rows],
                       stdout=out, check=True)
    page = Browser()
    try:
        page.open(name)
        # The details of what was refused most, without fading the others.
        page.ask("""(() => {
            const edge = [...data.edges].sort((a, b) => !!b.label - !!a.label
                || b.refused - a.refused).filter((e) => e.refused)[0];
            if (edge)
                light(edge);
            document.getElementById('canvas').classList.remove('asking');
            })()""")
        page.picture(os.path.join(docs, "graph.png"))
    finally:
        page.close()


def top(work, docs):
    source = os.path.join(work, "top.txt")
    if not os.path.exists(source):
        print("pictures: no %s, so no new top.png" % source)
        return
    with open(source, encoding="utf-8", errors="replace") as file:
        text = file.read().rstrip()
    name = os.path.join(work, "top.html")
    with open(name, "w", encoding="utf-8") as out:
        out.write(TERMINAL % html.escape(text))
    page = Browser()
    try:
        page.open(name)
        size = page.ask("(() => { const r = document.querySelector('pre')"
                        ".getBoundingClientRect(); return [r.width, r.height]; })()")
        page.call("Emulation.setDeviceMetricsOverride", width=int(size[0]) + 1,
                  height=int(size[1]) + 1, deviceScaleFactor=1, mobile=False)
        page.picture(os.path.join(docs, "top.png"))
    finally:
        page.close()


if len(sys.argv) != 5:
    sys.exit(__doc__)
graph(*sys.argv[1:5])
top(*sys.argv[2:4])
