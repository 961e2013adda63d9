"""The kinds of model, one file each: add a file and a line, and the contract suite tests it."""

from splitshelf.learn.kinds import Kind
from splitshelf.learn.models import content, covisits, item_knn, popular, sessions, stan

MODELS: dict[str, Kind] = {
    "popular": Kind(popular.Config, popular.fit, popular.restore),
    "item_knn": Kind(item_knn.Config, item_knn.fit, item_knn.restore),
    "covisits": Kind(covisits.Config, covisits.fit, covisits.restore),
    "content": Kind(content.Config, content.fit, content.restore),
    "stan": Kind(stan.Config, stan.fit, stan.restore),
    "sessions": Kind(sessions.Config, sessions.fit, sessions.restore),
}
