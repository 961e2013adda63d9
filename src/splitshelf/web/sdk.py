"""The browser SDK, served to the shop's pages: one script, its hash for whoever pins it."""

import base64
import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response

from splitshelf.web.security import CORS_HEADERS

SCRIPT = Path(__file__).parent / "static/sdk/splitshelf.js"

router = APIRouter()

_HEADERS = {name.decode(): value.decode() for name, value in CORS_HEADERS}


@cache
def integrity() -> str:
    """The value of the script tag's `integrity` attribute."""
    digest = hashlib.sha384(SCRIPT.read_bytes()).digest()
    return "sha384-" + base64.b64encode(digest).decode()


@router.get("/sdk/v1/splitshelf.js")
async def script(request: Request) -> Response:
    """The script; a browser keeps it for a day and then asks whether it changed."""
    tag = f'"{integrity()[7:27]}"'
    headers = {**_HEADERS, "cache-control": "public, max-age=86400", "etag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(SCRIPT.read_bytes(), headers=headers, media_type="text/javascript")
