"""Pages as PDF, by the Chromium that is installed."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import msgspec

from splitshelf.core.errors import FailureError, InputError
from splitshelf.prove.verdict import Verdict

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
)
PATIENCE = 120
"""Seconds."""


def write_report(path: Path, page: str, verdict: Verdict, *, pdf: bool) -> dict[str, str]:
    """Kind of file -> its path: the page, its JSON beside it, and with `pdf` the printed page."""
    document = msgspec.json.format(msgspec.json.encode(verdict), indent=2)
    written = {"html": path, "json": path.with_suffix(".json")}
    try:
        path.write_text(page, encoding="utf-8")
        written["json"].write_bytes(document)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}.") from error
    if pdf:
        written["pdf"] = path.with_suffix(".pdf")
        print_page(path, written["pdf"])
    return {kind: str(one) for kind, one in written.items()}


def print_page(page: Path, pdf: Path) -> None:
    """Write a page as PDF; raises InputError where no browser is installed."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise InputError(
            f"--pdf needs Chromium or a browser of its kind ({', '.join(BROWSERS)}), and none is "
            f"on the PATH. Install one, or print {page} from any browser."
        )
    with tempfile.TemporaryDirectory(prefix="splitshelf-") as profile:
        call = [
            browser,
            "--headless",
            "--disable-gpu",
            "--no-sandbox",
            "--no-pdf-header-footer",
            f"--user-data-dir={profile}",
            f"--print-to-pdf={pdf.resolve()}",
            page.resolve().as_uri(),
        ]
        try:
            done = subprocess.run(call, capture_output=True, check=False, timeout=PATIENCE)  # noqa: S603 (our own page, a browser of the PATH)
        except subprocess.TimeoutExpired as error:
            raise FailureError(f"{browser} did not print {page} in {PATIENCE} s.") from error
    if done.returncode or not pdf.is_file():
        raise FailureError(f"{browser} could not print {page}. Print it from a browser.")
