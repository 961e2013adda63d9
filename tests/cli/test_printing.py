"""Reports become PDF by an installed browser, or the error names what is missing."""

import shutil

import pytest

from splitshelf.cli.printing import BROWSERS, print_page
from splitshelf.core.errors import InputError


def test_without_a_browser_the_error_names_what_is_needed(tmp_path, monkeypatch):
    """An empty PATH: the message lists the browsers and the page that can be printed by hand."""
    monkeypatch.setenv("PATH", str(tmp_path))
    page = tmp_path / "report.html"
    page.write_text("<p>Hello</p>")
    with pytest.raises(InputError, match="chromium") as caught:
        print_page(page, tmp_path / "report.pdf")
    assert str(page) in str(caught.value)


@pytest.mark.skipif(not any(map(shutil.which, BROWSERS)), reason="no browser is installed")
def test_a_page_becomes_a_pdf(tmp_path):
    """The file is a PDF."""
    page = tmp_path / "report.html"
    page.write_text("<p>Hello</p>")
    print_page(page, tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
