# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chromium without a screen, spoken to by the WebDriver protocol of the W3C with nothing but the standard library.

What a person does goes through WebDriver (keys, clicks, the pointer); what the device is like (size, colour scheme, no
JavaScript) goes through the DevTools command of chromedriver. Nothing is fetched: both programs are packages of the
system.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import time
import typing as t
import urllib.error
import urllib.request
from pathlib import Path

#: Programs by the names that releases give them; the variables name others.
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
DRIVERS = ("chromedriver", "chromium.chromedriver")
BROWSER_VARIABLE, DRIVER_VARIABLE = "CERTOPS_CHROMIUM", "CERTOPS_CHROMEDRIVER"

SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-dev-shm-usage",
    "--metrics-recording-only",
    "--hide-scrollbars",
)

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"

TAB, ENTER, SPACE, RIGHT, SHIFT = "\ue004", "\ue007", " ", "\ue014", "\ue008"


def find(variable: str, names: t.Iterable[str]) -> str | None:
    """The program that a variable of the environment or the search path has."""
    return os.environ.get(variable) or next(filter(None, map(shutil.which, names)), None)


def missing() -> str | None:
    """What is not there of browser and driver, as a sentence; None when both are."""
    wanted = {"Chromium": (BROWSER_VARIABLE, BROWSERS), "its chromedriver": (DRIVER_VARIABLE, DRIVERS)}
    lacking = [f"{what} ({variable})" for what, (variable, names) in wanted.items() if find(variable, names) is None]
    return f"{' and '.join(lacking)} not found" if lacking else None


class BrowserError(Exception):
    """What chromedriver says is wrong."""


class Browser:
    """One browser with one page. To be closed."""

    def __init__(self) -> None:
        lacking = missing()
        if lacking:
            raise BrowserError(lacking)
        self._profile = tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True)
        self._driver = subprocess.Popen(
            [str(find(DRIVER_VARIABLE, DRIVERS)), "--port=0"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._session = ""
        try:
            self._base = f"http://127.0.0.1:{self._port()}"
            self._session = self._start()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> t.Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        if self._session:
            with contextlib.suppress(BrowserError, OSError):
                self._call("DELETE", "")
        self._driver.terminate()
        self._driver.wait(20)
        if self._driver.stdout is not None:
            self._driver.stdout.close()
        self._profile.cleanup()

    def _port(self) -> int:
        assert self._driver.stdout is not None
        for line in self._driver.stdout:
            if "on port" in line and "successfully" in line:
                return int(line.rsplit(" ", 1)[-1].strip(". \n"))
        raise BrowserError("chromedriver did not start")

    def _start(self) -> str:
        switches = [*SWITCHES, f"--user-data-dir={self._profile.name}"]
        options = {"binary": find(BROWSER_VARIABLE, BROWSERS), "args": switches}
        capabilities = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        answer = self._call("POST", "", {"capabilities": {"alwaysMatch": capabilities}}, session=False)
        return str(answer["sessionId"])

    def _call(self, method: str, path: str, body: t.Any = None, *, session: bool = True) -> t.Any:
        url = f"{self._base}/session" + (f"/{self._session}{path}" if session else path)
        data = None if body is None and method != "POST" else json.dumps(body or {}).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
        # A proxy of the surroundings is not for this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=90) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise BrowserError(json.load(error)["value"]["message"]) from error

    def devtools(self, command: str, **parameters: t.Any) -> t.Any:
        return self._call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, path: Path, fragment: str = "") -> None:
        """Show a file; what was on the console before is forgotten."""
        self.devtools("Emulation.setScriptExecutionDisabled", value=False)
        self._call("POST", "/url", {"url": "about:blank"})
        self.console()
        self._call("POST", "/url", {"url": path.as_uri() + fragment})

    def resize(self, width: int, height: int = 900, *, phone: bool = False) -> None:
        self.devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone
        )

    def prefer(self, scheme: str, media: str = "") -> None:
        """Say which colours the system likes, and whether this is paper (C(print))."""
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.devtools("Emulation.setEmulatedMedia", media=media, features=features)

    def without_script(self, path: Path) -> None:
        """Show a file in a browser whose JavaScript is switched off."""
        self._call("POST", "/url", {"url": "about:blank"})
        self.devtools("Emulation.setScriptExecutionDisabled", value=True)
        self._call("POST", "/url", {"url": path.as_uri()})

    def console(self) -> list[str]:
        """What the page and the browser had to say since the last time."""
        return [f"{one['level']}: {one['message']}" for one in self._call("POST", "/se/log", {"type": "browser"})]

    def run(self, script: str, *arguments: t.Any) -> t.Any:
        """What the body of a function returns that runs in the page."""
        return self._call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def keys(self, *keys: str) -> None:
        """Press and release keys one after the other."""
        strokes = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keyboard", "actions": strokes})

    def keys_with_shift(self, key: str) -> None:
        """One key while Shift is held."""
        strokes = [("keyDown", SHIFT), ("keyDown", key), ("keyUp", key), ("keyUp", SHIFT)]
        actions = [{"type": kind, "value": value} for kind, value in strokes]
        self._act({"type": "key", "id": "keyboard", "actions": actions})

    def click(self, selector: str) -> None:
        self._call("POST", f"/element/{self._element(selector)}/click")

    def point_at(self, selector: str) -> None:
        """Move the pointer over the middle of an element."""
        self.run("document.querySelector(arguments[0]).scrollIntoView({block: 'center'})", selector)
        place = {_ELEMENT: self._element(selector)}
        move = {"type": "pointerMove", "duration": 0, "origin": place, "x": 0, "y": 0}
        self._act({"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": [move]})

    def _act(self, source: dict[str, t.Any]) -> None:
        self._call("POST", "/actions", {"actions": [source]})

    def _element(self, selector: str) -> str:
        found = self._call("POST", "/element", {"using": "css selector", "value": selector})
        return str(found[_ELEMENT])

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """Keep what is seen, or the whole page, as a PNG."""
        taken = self.devtools("Page.captureScreenshot", format="png", captureBeyondViewport=whole, **self._clip(whole))
        path.write_bytes(base64.b64decode(taken["data"]))

    def _clip(self, whole: bool) -> dict[str, t.Any]:
        if not whole:
            return {}
        size = self.devtools("Page.getLayoutMetrics")["cssContentSize"]
        return {"clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}}

    def wait_for(self, script: str, seconds: float = 5.0) -> t.Any:
        """The first true value of a script."""
        end = time.monotonic() + seconds
        while True:
            value = self.run(script)
            if value or time.monotonic() > end:
                return value
            time.sleep(0.05)
