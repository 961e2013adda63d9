"""The languages that shelves speak: gettext catalogues, read at the start, the shop's own last.

A catalogue is a file `LANGUAGE.po`, as every translator's tool writes it: no compiling, no further
package. What a catalogue leaves out is said in English. Pieces of answers are encoded once a
language, so a further one costs a request nothing.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from splitshelf.core.errors import InputError

OURS = Path(__file__).parent / "languages"
"""The catalogues that come with Splitshelf."""
_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_HOLE = re.compile(r"\{[a-z]+\}")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}

Catalogue = Mapping[str, str]
"""A text in a language, by the English one."""


def read_catalogues(folder: Path) -> dict[str, Catalogue]:
    """The catalogues of a folder by language; none where there is no such folder.

    Raises InputError that names the line where a file cannot be understood.
    """
    return {check_language(path): read_catalogue(path) for path in sorted(folder.glob("*.po"))}


def read_catalogue(path: Path) -> Catalogue:
    """The translations of one file; those that are empty or marked as fuzzy are left out.

    Raises InputError for a line that is none of gettext's, or a translation that fills in other
    facts than the text does.
    """
    found = {}
    for line, text, translation, fuzzy in entries(path):
        if not text or not translation or fuzzy:
            continue
        if sorted(_HOLE.findall(text)) != sorted(_HOLE.findall(translation)):
            wanted = ", ".join(_HOLE.findall(text)) or "nothing in braces"
            raise InputError(f"{path}:{line}: the translation of '{text}' must hold {wanted}.")
        found[text] = translation
    return found


def entries(path: Path) -> Iterator[tuple[int, str, str, bool]]:
    """The entries of a .po file: line, text, translation, and whether it is fuzzy."""
    texts: dict[str, str] = {}
    began, at, fuzzy, last = 0, "", False, False
    for number, raw in enumerate([*_lines(path), 'msgid ""'], 1):
        line = raw.strip()
        if line.startswith("#"):
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        word, _, rest = line.partition(" ") if not line.startswith('"') else ("", "", line)
        if word == "msgid":
            if "msgstr" in texts:
                yield began, texts["msgid"], texts["msgstr"], last
            texts, began, last, fuzzy = {}, number, fuzzy, False
        if word in {"msgid", "msgstr", "msgctxt"}:
            at, texts[word] = word, ""
        elif word or (line and not at):
            raise InputError(f"{path}:{number}: '{line[:40]}' is no line of a .po file.")
        if line:
            texts[at] += _unquoted(path, number, rest)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as UTF-8 text: {error}.") from error


def _unquoted(path: Path, number: int, text: str) -> str:
    found = _STRING.fullmatch(text)
    if found is None:
        raise InputError(f'{path}:{number}: {text[:40]} is no text in "quotes".')
    return re.sub(r"\\(.)", lambda one: _ESCAPES.get(one[1], one[0]), found[1])


def check_language(path: Path) -> str:
    """The language that a catalogue's name says; raises InputError where it is none."""
    name = path.stem.lower().replace("_", "-")
    if not _TAG.fullmatch(name):
        raise InputError(
            f"{path}: a catalogue is called by its language, as it.po or pt-br.po; rename it."
        )
    return name


CATALOGUES: dict[str, Catalogue] = read_catalogues(OURS)
"""By language; English needs none. `install` adds a shop's own."""


def install(folder: Path) -> list[str]:
    """The languages that a folder adds or mends; where both have a text, the folder's counts."""
    found = read_catalogues(folder)
    for language, texts in found.items():
        CATALOGUES[language] = {**CATALOGUES.get(language, {}), **texts}
    return list(found)
