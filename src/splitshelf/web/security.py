"""Who may call, and the headers that keep a browser from being used against its owner."""

import base64
import binascii
import hmac
from collections.abc import Iterable

from splitshelf.web.errors import Forbidden, Unauthorised

HeaderList = list[tuple[bytes, bytes]]

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
"""No inline script, no inline style, nothing from another host."""

SECURITY_HEADERS: HeaderList = [
    (b"content-security-policy", POLICY.encode()),
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
]

CORS_HEADERS: HeaderList = [
    (b"access-control-allow-origin", b"*"),
    (b"cross-origin-resource-policy", b"cross-origin"),
]
"""The public paths may be called by any page: they read no cookie and grant no more than the key
that the page itself carries."""

PREFLIGHT_HEADERS: HeaderList = [
    *CORS_HEADERS,
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    (b"access-control-allow-headers", b"content-type, x-splitshelf-key, x-request-id"),
    (b"access-control-max-age", b"86400"),
]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str:
    """The first header of that lower-case name; empty where there is none."""
    for key, value in headers:
        if key == name:
            return value.decode("latin-1")
    return ""


def same(given: str, wanted: str) -> bool:
    """Whether two secrets are equal, in a time that does not tell how far."""
    return hmac.compare_digest(given.encode(), wanted.encode())


def require_public_key(headers: HeaderList, query_key: str, wanted: str) -> None:
    """Nothing where the call carries the public key, or none is configured.

    A beacon cannot set headers, so `?key=` counts too: this key stands in the shop's pages and
    keeps strangers' mistakes out, not thieves.
    """
    if not wanted:
        return
    if not same(header(headers, b"x-splitshelf-key") or query_key, wanted):
        raise Unauthorised(
            "This shop needs its public key: send the header X-Splitshelf-Key or add ?key=."
        )


def require_admin_key(headers: HeaderList, wanted: str) -> None:
    """Nothing where the call carries the admin key, or none is configured."""
    if wanted and not same(presented_key(headers), wanted):
        raise Unauthorised(
            "This address needs the admin key: send Authorization: Bearer KEY, or sign in with "
            "any name and the key as password."
        )


def presented_key(headers: HeaderList) -> str:
    """The key in an Authorization header: a bearer token, or the password of Basic.

    >>> presented_key([(b"authorization", b"Bearer s3cret")])
    's3cret'
    >>> presented_key([(b"authorization", b"Basic " + base64.b64encode(b"ann:s3cret"))])
    's3cret'
    """
    scheme, _, rest = header(headers, b"authorization").partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


def refuse_foreign_origin(method: str, headers: HeaderList) -> None:
    """Nothing, unless a page of another site tries to change something here."""
    origin = header(headers, b"origin")
    if method in SAFE_METHODS or not origin:
        return
    if header(headers, b"sec-fetch-site") == "same-origin":  # no page can forge it
        return
    if origin.partition("://")[2] != header(headers, b"host"):
        raise Forbidden("A page of another site may not change anything here.")
