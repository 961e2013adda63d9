"""What an analyst asks of a table: `NAME:KIND[:COL[/COL]]`."""

from dataclasses import dataclass

from splitshelf.core.errors import InputError, UnknownName

KINDS = ("proportion", "mean", "ratio", "quantile")


@dataclass(frozen=True, slots=True)
class OutcomeRequest:
    """One outcome to be compared."""

    name: str
    kind: str
    """One of KINDS."""
    column: str
    """Of a ratio the numerator."""
    denominator: str | None = None
    """Of a ratio; None divides by the number of rows."""
    quantile: float = 0.5


def parse_outcome(text: str) -> OutcomeRequest:
    """The request that a text like `aov:ratio:revenue/orders` makes.

    The column is the name where none is given; `p90:quantile@0.9:price` asks for another quantile
    than the median. Raises InputError or UnknownName.

    >>> parse_outcome("aov:ratio:revenue/orders").denominator
    'orders'
    >>> parse_outcome("retention_7:proportion").column
    'retention_7'
    """
    name, _, rest = text.partition(":")
    kind, _, column = rest.partition(":")
    kind, _, level = kind.partition("@")
    if not name or not kind:
        raise InputError(
            f"Outcome '{text}' must be NAME:KIND[:COLUMN[/COLUMN]], as in aov:ratio:revenue/orders."
        )
    if kind not in KINDS:
        raise UnknownName("kind of outcome", kind, KINDS)
    numerator, slash, denominator = (column or name).partition("/")
    if slash and (kind != "ratio" or not denominator):
        raise InputError(f"Outcome '{text}': only a ratio is COLUMN/COLUMN.")
    return OutcomeRequest(name, kind, numerator, denominator or None, _level(text, kind, level))


def _level(text: str, kind: str, level: str) -> float:
    """The quantile asked for: between 0 and 1, the median by default."""
    if not level:
        return 0.5
    try:
        q = float(level)
    except ValueError:
        q = -1.0
    if kind != "quantile" or not 0 < q < 1:
        raise InputError(f"Outcome '{text}': a level belongs to quantile and is like @0.9.")
    return q
