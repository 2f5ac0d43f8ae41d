"""A headless Chromium, driven over its DevTools protocol through two pipes; the standard library is enough."""

import base64
import json
import os
import select
import subprocess
import time


class Browser:
    """One browser with one page. `events` are what the page told, in order."""

    def __init__(self, chromium, directory):
        to_browser, ours = os.pipe()
        theirs, from_browser = os.pipe()
        self.output, self.input = ours, theirs
        self.log = open(os.path.join(directory, "chromium.log"), "w")

        def place_pipes():
            # The browser reads descriptor 3 and writes 4; neither may be overwritten before it is copied.
            reader, writer = move_up(to_browser), move_up(from_browser)
            os.dup2(reader, 3)
            os.dup2(writer, 4)

        self.process = subprocess.Popen(
            [
                chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-default-apps", "--hide-scrollbars", "--lang=en-US", "--remote-debugging-pipe",
                "--user-data-dir=" + os.path.join(directory, "profile"), "about:blank",
            ],
            stdout=self.log, stderr=self.log, close_fds=False, preexec_fn=place_pipes)
        os.close(to_browser)
        os.close(from_browser)
        self.events, self.rest, self.number, self.session = [], b"", 0, None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log", "Network", "Accessibility"]:
            self.call(domain + ".enable")

    def call(self, method, **parameters):
        """What the browser answers; meanwhile events are gathered."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + 60
        while time.monotonic() < end:
            for answer in self.receive(end - time.monotonic()):
                if answer.get("id") == self.number:
                    if "error" in answer:
                        raise RuntimeError(f"{method}: {answer['error']}")
                    return answer["result"]
        raise TimeoutError(method)

    def receive(self, seconds):
        """Messages that have come, or come within the time; those that are events are kept."""
        ready, _, _ = select.select([self.input], [], [], max(0, seconds))
        if ready:
            piece = os.read(self.input, 1 << 20)
            if not piece:
                raise EOFError("the browser is gone; see its log")
            self.rest += piece
        *texts, self.rest = self.rest.split(b"\0")
        messages = [json.loads(text) for text in texts]
        self.events += [message for message in messages if "method" in message]
        return messages

    def listen(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.receive(left)

    def evaluate(self, expression):
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression[:80]}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait(self, expression, seconds=30):
        """Whether it becomes true in time; while a page loads, it may fail."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if self.evaluate(expression):
                    return True
            except RuntimeError:
                pass
            self.listen(0.1)
        return False

    def open(self, place, width, height, scheme="light", scale=1):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale,
                  mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"}])
        self.call("Page.navigate", url=place)

    def press_tab(self):
        for kind in ["keyDown", "keyUp"]:
            self.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)

    def shoot(self, path):
        """The whole page as PNG."""
        picture = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def move_up(descriptor):
    """A copy beyond the numbers that the browser expects."""
    while descriptor < 5:
        descriptor = os.dup(descriptor)
    return descriptor
