"""A real server over a real shop, and a real Chromium that looks at it."""

import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
SERVE = "from splitshelf.cli.main import main; main()"


@contextmanager
def serving(config: Path) -> Iterator[str]:
    """The address of `splitshelf serve` on a free port, stopped at the end."""
    command = [sys.executable, "-c", SERVE, "serve", "--config", str(config), "--port", "0"]
    source = Path(__file__).parents[2] / "src"
    environment = os.environ | {"PYTHONPATH": str(source)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        try:
            line = process.stderr.readline()
            assert "http://" in line, line + process.stderr.read()
            base = "http://" + line.split("http://")[1].split("/")[0]
            urllib.request.urlopen(f"{base}/readyz", timeout=120).close()
            yield base
        finally:
            process.terminate()


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of the machine; skips where there is none."""
    path = os.environ.get("SPLITSHELF_CHROMIUM") or next(
        filter(None, map(shutil.which, NAMES)), None
    )
    if path is None:
        assert not os.environ.get("CI"), "CI must not pass without a browser"
        pytest.skip("needs Chromium: install it, or set SPLITSHELF_CHROMIUM to its path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Visitor:
    """One browser window that notes what a page does wrong."""

    def __init__(self, browser: Browser, base: str, width: int, theme: str) -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            reduced_motion="reduce",
            base_url=base,
        )
        self.page: Page = self.context.new_page()
        self.base = base
        self.faults: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    def _console(self, message) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(message.text)

    def _request(self, request) -> None:
        if not request.url.startswith((self.base, "data:")):
            self.faults.append(f"foreign request: {request.url}")

    def _response(self, response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status} {response.url}")

    def violations(self) -> list[str]:
        """What axe finds wrong, one line each."""
        self.page.evaluate(AXE)
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{violation['id']}: {node['html'][:160]}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    def sideways(self) -> int:
        """By how many pixels the page is wider than the window."""
        return self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
