"""`splitshelf translate`: a language of the shop's own, as a file for translators."""

from pathlib import Path

import click
import msgspec

from splitshelf.app import read_settings
from splitshelf.cli.output import config_option, emit, json_option
from splitshelf.core.errors import FailureError
from splitshelf.serve.translations import Template, template

EXAMPLE = """
Example:

    splitshelf translate it
"""


class Translated(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a catalogue."""

    file: str
    texts: int
    translated: int
    missing: list[str]
    """Said in English until they are translated."""


@click.command(epilog=EXAMPLE)
@click.argument("language")
@config_option
@json_option
def translate(language: str, config: str, as_json: bool) -> None:
    """Write the catalogue LANGUAGE.po with every text, or add to it what it lacks; check it.

    It lies in the folder `shop.translations`. Any gettext editor fills it in; servers read it when
    they start.
    """
    path = Path(config).resolve().parent / read_settings(Path(config)).shop.translations
    made = template(path / f"{language}.po", language)
    _write(path / f"{language}.po", made)
    answer = Translated(
        file=str(path / f"{language}.po"),
        texts=made.texts,
        translated=made.texts - len(made.missing),
        missing=list(made.missing),
    )
    said = f"{answer.file}: {answer.translated} of {answer.texts} texts are translated."
    emit(answer, as_json, lambda console: console.print(said, soft_wrap=True))


def _write(path: Path, made: Template) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made.body, encoding="utf-8")
    except OSError as error:
        raise FailureError(f"{path}: cannot be written: {error.strerror}.") from error
