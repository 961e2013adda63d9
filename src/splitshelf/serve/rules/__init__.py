"""The kinds of rule, one file each; that nothing unsellable is shown is no rule but a law."""

from collections.abc import Callable

from splitshelf.serve.freshness import Assortment
from splitshelf.serve.rule import Effects, Mask, Rule
from splitshelf.serve.rules.again import again
from splitshelf.serve.rules.boost import boost
from splitshelf.serve.rules.cap import cap
from splitshelf.serve.rules.diversity import diversity
from splitshelf.serve.rules.filtering import exclude, only
from splitshelf.serve.rules.novelty import novelty
from splitshelf.serve.rules.objective import objective
from splitshelf.serve.rules.pin import pin

RULES: dict[str, Callable[[Rule, Mask, Effects, Assortment], None]] = {
    "filter": only,
    "exclude": exclude,
    "boost": boost,
    "bury": boost,
    "pin": pin,
    "cap": cap,
    "diversity": diversity,
    "novelty": novelty,
    "again": again,
    "objective": objective,
}
"""What each kind adds to the effects of a shelf."""
