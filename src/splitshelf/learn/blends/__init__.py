"""Ways to make one model of several, one file each: add a file and a line."""

from splitshelf.learn.blends import additive, ranked
from splitshelf.learn.kinds import Blend

BLENDS: dict[str, Blend] = {
    "additive": Blend(additive.Config, additive.fit, additive.restore, additive.rebase),
    "ranked": Blend(ranked.Config, ranked.fit, ranked.restore, ranked.rebase),
}
