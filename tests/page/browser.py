# SPDX-License-Identifier: GPL-2.0-only
"""A headless Chromium, by its own debugging protocol: JSON through two pipes,
each message with a NUL behind it."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

OPTIONS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
    "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--disable-dev-shm-usage", "--hide-scrollbars",
    "--force-device-scale-factor=1", "--remote-debugging-pipe",
]
PATIENCE = 60  # seconds, for any one answer on a busy machine


class Browser:
    def __init__(self, width=1600, height=1000, dark=False):
        self.problems = []  # what a good page never does
        self.requests = []
        self.number = 0
        self.waiting = b""
        self.profile = tempfile.mkdtemp()
        self.start()
        target = self.call("Target.createTarget", url="about:blank")
        self.session = self.call("Target.attachToTarget", flatten=True,
                                 targetId=target["targetId"])["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width,
                  height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{
            "name": "prefers-color-scheme",
            "value": "dark" if dark else "light"}])

    def start(self):
        program = shutil.which("chromium")
        if not program:
            raise SystemExit("page: chromium is not installed: make deps")
        from_us, to_them = os.pipe()
        from_them, to_us = os.pipe()

        def connect():  # the protocol is spoken on descriptors 3 and 4
            first, second = os.dup(from_us), os.dup(to_us)
            os.dup2(first, 3)
            os.dup2(second, 4)

        self.session = None
        self.process = subprocess.Popen(
            [program, *OPTIONS, "--user-data-dir=" + self.profile],
            preexec_fn=connect, close_fds=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(from_us)
        os.close(to_us)
        self.to_them, self.from_them = to_them, from_them

    def close(self):
        try:
            self.session = None
            self.call("Browser.close")
            self.process.wait(20)
        except (OSError, TimeoutError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self.to_them)
        os.close(self.from_them)
        shutil.rmtree(self.profile, ignore_errors=True)

    # ---- the protocol ----

    def receive(self):
        end = time.monotonic() + PATIENCE
        while b"\0" not in self.waiting:
            left = max(0, end - time.monotonic())
            if not select.select([self.from_them], [], [], left)[0]:
                raise TimeoutError("chromium does not answer")
            part = os.read(self.from_them, 1 << 20)
            if not part:
                raise OSError("chromium has ended")
            self.waiting += part
        line, self.waiting = self.waiting.split(b"\0", 1)
        return json.loads(line)

    def note(self, message):
        """Events that say that a page is bad."""
        method, what = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.problems.append(json.dumps(what["exceptionDetails"])[:400])
        elif method == "Runtime.consoleAPICalled":
            self.problems.append("console: " + json.dumps(what["args"])[:400])
        elif method == "Log.entryAdded":
            self.problems.append("log: " + what["entry"]["text"])
        elif method == "Page.javascriptDialogOpening":
            self.problems.append("dialog: " + what["message"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(what["request"]["url"])

    def wait_for(self, is_it):
        while True:
            message = self.receive()
            self.note(message)
            if is_it(message):
                return message

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to_them, json.dumps(message).encode() + b"\0")
        number = self.number
        answer = self.wait_for(lambda one: one.get("id") == number)
        if "error" in answer:
            raise OSError(method + ": " + answer["error"]["message"])
        return answer["result"]

    # ---- what a person does ----

    def open(self, file, fragment=""):
        # A page that differs in its fragment only would not be loaded again.
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url="file://" + os.path.abspath(file) +
                  fragment)
        while self.ask("document.readyState") != "complete" or \
                self.ask("location.protocol") != "file:":
            time.sleep(0.02)

    def ask(self, expression):
        result = self.call("Runtime.evaluate", expression=expression,
                           returnByValue=True)
        if "exceptionDetails" in result:
            raise AssertionError(expression + ": " + json.dumps(
                result["exceptionDetails"])[:400])
        return result["result"].get("value")

    def mouse(self, kind, x, y, **more):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def click(self, x, y):
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.mouse(kind, x, y, button="left", clickCount=1)

    def drag(self, x, y, to_x, to_y):
        self.mouse("mouseMoved", x, y)
        self.mouse("mousePressed", x, y, button="left", clickCount=1)
        for step in (1, 2, 3, 4):
            self.mouse("mouseMoved", x + (to_x - x) * step / 4,
                       y + (to_y - y) * step / 4, button="left", buttons=1)
        self.mouse("mouseReleased", to_x, to_y, button="left", clickCount=1)

    def type(self, text):
        for letter in text:
            self.call("Input.dispatchKeyEvent", type="keyDown", text=letter,
                      key=letter)
            self.call("Input.dispatchKeyEvent", type="keyUp", key=letter)

    def press(self, key):
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key,
                  text="\r" if key == "Enter" else "")
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    def picture(self, file):
        shot = self.call("Page.captureScreenshot", format="png")
        with open(file, "wb") as out:
            out.write(base64.b64decode(shot["data"]))
