"""Jinja2 pages: autoescaped, undefined names are errors."""

from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from splitshelf.web import words
from splitshelf.web.shop import writing

FOLDERS = [
    Path(__file__).parent / "pages",
    Path(__file__).parent / "dashboard/templates",
    Path(__file__).parent / "shop/templates",
]

environment = Environment(
    loader=FileSystemLoader(FOLDERS),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
environment.filters.update(words.FILTERS | writing.FILTERS)


def page(template: str, status: int = 200, /, **values: Any) -> HTMLResponse:
    """The rendered page; never kept by a cache, for it shows what is true now."""
    text = environment.get_template(template).render(values)
    return HTMLResponse(text, status, headers={"cache-control": "no-store"})
