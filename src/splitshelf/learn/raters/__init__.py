"""Models that predict a rating, one file each: add a file and a line, and the suite tests it."""

from splitshelf.learn.raters import baseline, mean, svd
from splitshelf.learn.raters.rater import RaterKind

RATERS: dict[str, RaterKind] = {
    "mean": RaterKind(mean.Config, mean.fit),
    "baseline": RaterKind(baseline.Config, baseline.fit),
    "svd": RaterKind(svd.Config, svd.fit),
}
