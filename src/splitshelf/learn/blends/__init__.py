"""Ways to make one model of several, one file each: add a file and a line."""

from splitshelf.learn.blends import additive
from splitshelf.learn.kinds import Blend

BLENDS: dict[str, Blend] = {
    "additive": Blend(additive.Config, additive.fit, additive.restore, additive.rebase),
}
