"""An experiment as it is written on a command line or in a form."""

from collections.abc import Sequence

from splitshelf.core.errors import InputError
from splitshelf.core.experiments import Namespace, Variant


def parse_variants(texts: Sequence[str]) -> tuple[Variant, ...]:
    """The variants in texts like `control=popular` or `control=popular@0.9`, the control first.

    Without weights the split is even; raises InputError where only some have one.

    >>> [(one.name, one.policy, one.weight) for one in parse_variants(["a=popular", "b=personal"])]
    [('a', 'popular', 0.5), ('b', 'personal', 0.5)]
    """
    parts = [_parts(text) for text in texts]
    weights = [weight for _, _, weight in parts]
    if any(weights) and not all(weights):
        raise InputError("Give every variant a weight, as in control=popular@0.9, or none.")
    return tuple(
        Variant(name=name, policy=policy, weight=weight or 1 / len(parts))
        for name, policy, weight in parts
    )


def _parts(text: str) -> tuple[str, str, float]:
    name, _, rest = text.partition("=")
    policy, _, weight = rest.partition("@")
    if not name or not policy:
        raise InputError(f"Variant '{text}' must be NAME=POLICY or NAME=POLICY@WEIGHT.")
    return name, policy, _number(text, weight) if weight else 0.0


def parse_guardrails(texts: Sequence[str]) -> dict[str, float]:
    """The margins in texts like `conversion=0.02`.

    >>> parse_guardrails(["conversion=0.02"])
    {'conversion': 0.02}
    """
    margins = {}
    for text in texts:
        name, _, margin = text.partition("=")
        margins[name] = _number(text, margin)
    return margins


def parse_weights(texts: Sequence[str]) -> dict[str, float]:
    """The shares in texts like `control=0.1`.

    >>> parse_weights(["control=0.1", "personal=0.9"])
    {'control': 0.1, 'personal': 0.9}
    """
    pairs = [text.rpartition("=") for text in texts]
    return {name: _number(text, share) for text, (name, _, share) in zip(texts, pairs, strict=True)}


def parse_namespace(text: str | None) -> Namespace | None:
    """The slice in a text like `home=0-0.5`; None where there is none.

    >>> parse_namespace("home=0-0.5").high
    0.5
    """
    if not text:
        return None
    name, _, span = text.partition("=")
    low, _, high = span.partition("-")
    return Namespace(name=name, low=_number(text, low), high=_number(text, high))


def _number(text: str, number: str) -> float:
    try:
        return float(number)
    except ValueError as error:
        raise InputError(f"'{text}': '{number}' is not a number.") from error
