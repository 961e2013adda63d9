"""The items of an XML feed as flat records: one `item` (RSS) or `entry` (Atom) at a time.

A document type is refused: entities are how XML reads other files and fills memory.
"""

from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat  # streams; entities are refused below

from splitshelf.core.errors import InputError

_ITEMS = frozenset({"item", "entry"})
_BLOCK = 1 << 16
_LONGEST = 100_000
"""Characters of one value."""


class _Items:
    """What the parser calls back: gathers the children of each item."""

    def __init__(self, parser: expat.XMLParserType) -> None:
        self._parser = parser
        self._path: list[str] = []
        self._item: dict[str, str] | None = None
        self._text: list[str] = []
        self._line = 0
        self.found: list[tuple[int, dict[str, str]]] = []

    def open(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rsplit(":", 1)[-1]
        self._path.append(local)
        self._text = []
        if local in _ITEMS and self._item is None:
            self._item, self._line = {}, self._parser.CurrentLineNumber
        elif local == "link" and self._item is not None and "href" in attributes:
            self._item.setdefault("link", attributes["href"])

    def text(self, data: str) -> None:
        if self._item is not None and sum(map(len, self._text)) < _LONGEST:
            self._text.append(data)

    def close(self, name: str) -> None:
        local = name.rsplit(":", 1)[-1]
        self._path.pop()
        if self._item is None:
            return
        if local in _ITEMS:
            self.found.append((self._line, self._item))
            self._item = None
        elif self._path[-1] in _ITEMS and (value := "".join(self._text).strip()):
            self._item.setdefault(
                local, value
            )  # what lies deeper, as the price of shipping, is not
        self._text = []


def items(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, item) for each item of a feed; raises InputError where the XML is broken."""
    parser = expat.ParserCreate()
    handler = _Items(parser)
    parser.StartElementHandler = handler.open
    parser.EndElementHandler = handler.close
    parser.CharacterDataHandler = handler.text
    parser.StartDoctypeDeclHandler = _no_doctype
    try:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                parser.Parse(block, False)  # noqa: FBT003 (expat's positional flag: not the end yet)
                yield from handler.found
                handler.found = []
            parser.Parse(b"", True)  # noqa: FBT003 (the end)
    except expat.ExpatError as error:
        raise InputError(f"{path.name}: is not well-formed XML: {error}.") from error


def _no_doctype(*_: object) -> None:
    raise InputError("The XML declares a document type, which is refused: remove <!DOCTYPE ...>.")
