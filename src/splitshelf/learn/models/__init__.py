"""The kinds of model, one file each: add a file and a line, and the contract suite tests it."""

from splitshelf.learn.kinds import Kind
from splitshelf.learn.models import (
    als,
    bpr,
    content,
    context,
    covisits,
    ease,
    habits,
    item_knn,
    long_covisits,
    markov,
    popular,
    random_walk,
    repeat,
    rising,
    sessions,
    slim,
    stan,
    transformer,
    trending,
    two_hop,
    two_tower,
    user_knn,
    vectors,
)
from splitshelf.learn.tallies import Counted

MODELS: dict[str, Kind] = {
    "popular": Kind(popular.Config, popular.fit, popular.restore),
    "trending": Kind(trending.Config, trending.fit, trending.restore),
    "rising": Kind(rising.Config, rising.fit, rising.restore),
    "item_knn": Kind(item_knn.Config, item_knn.fit, item_knn.restore),
    "user_knn": Kind(user_knn.Config, user_knn.fit, user_knn.restore),
    "random_walk": Kind(random_walk.Config, random_walk.fit, random_walk.restore),
    "ease": Kind(ease.Config, ease.fit, ease.restore),
    "slim": Kind(slim.Config, slim.fit, slim.restore),
    "als": Kind(als.Config, als.fit, als.restore),
    "bpr": Kind(bpr.Config, bpr.fit, bpr.restore),
    "vectors": Kind(vectors.Config, vectors.fit, vectors.restore),
    "covisits": Kind(covisits.Config, covisits.fit, covisits.restore),
    "long_covisits": Kind(long_covisits.Config, long_covisits.fit, long_covisits.restore),
    "markov": Kind(markov.Config, markov.fit, markov.restore),
    "two_hop": Kind(two_hop.Config, two_hop.fit, two_hop.restore),
    "content": Kind(content.Config, content.fit, content.restore),
    "repeat": Kind(repeat.Config, repeat.fit, repeat.restore),
    "stan": Kind(stan.Config, stan.fit, stan.restore),
    "sessions": Kind(sessions.Config, sessions.fit, sessions.restore),
    "transformer": Kind(transformer.Config, transformer.fit, transformer.restore, "deep"),
    "two_tower": Kind(two_tower.Config, two_tower.fit, two_tower.restore, "deep"),
    "context": Kind(context.Config, context.fit, context.restore),
    "habits": Kind(habits.Config, habits.fit, habits.restore),
}

COUNTED: dict[str, Counted] = {
    "popular": Counted(popular.gauge, popular.count, popular.model),
    "trending": Counted(trending.gauge, trending.count, trending.model),
    "item_knn": Counted(item_knn.gauge, item_knn.count, item_knn.model),
    "covisits": Counted(covisits.gauge, covisits.count, covisits.model),
    "markov": Counted(markov.gauge, markov.count, markov.model),
}
"""The kinds whose counts add and subtract, see `learn.tallies`; the others are trained anew."""
