"""What there is to translate: a catalogue with every text of ours, and what one has already."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from splitshelf.serve.catalogues import CATALOGUES, check_language, read_catalogue
from splitshelf.serve.occasions import SAID
from splitshelf.serve.words import TEXTS, TITLES

_HEAD = """# Reasons and titles of shelves. Words in {{braces}} are filled in: keep them.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""


@dataclass(frozen=True, slots=True)
class Template:
    """A catalogue as text."""

    body: str
    texts: int
    """How many there are in all."""
    missing: tuple[str, ...]
    """Those without a translation."""


def texts() -> Iterator[tuple[str, str]]:
    """Every text that shelves say, once, with a word to the translator."""
    said: set[str] = set()
    pairs = (
        *((f"Reason: {name}", text) for name, text in TEXTS.items()),
        *((f"Title of a shelf: {name}", text) for name, text in TITLES.items()),
        *((_occasion(text), text) for text in SAID),
    )
    for comment, text in pairs:
        if text not in said:
            said.add(text)
            yield comment, text


def _occasion(text: str) -> str:
    if text == SAID[0]:
        return "Begins a reason, as in: Popular on Friday evenings in your country"
    if text[0].isupper():
        return "A day, as the sentences with {day} need it"
    return "Goes on after: Popular"


def template(path: Path, language: str) -> Template:
    """The catalogue of a language: what the file and ours have translated, and all the rest empty.

    Raises InputError where the file that is there cannot be understood.
    """
    check_language(path)
    known = {**CATALOGUES.get(language, {}), **(read_catalogue(path) if path.exists() else {})}
    every = list(texts())
    lines = [_HEAD.format(language=language)]
    for comment, text in every:
        lines.append(
            f"#. {comment}\nmsgid {_quoted(text)}\nmsgstr {_quoted(known.get(text, ''))}\n"
        )
    missing = tuple(text for _, text in every if text not in known)
    return Template("\n".join(lines), len(every), missing)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
