"""MovieLens: ratings.csv and movies.csv. Half a star, the lowest there, becomes our lowest, 1."""

from splitshelf.collect.importers.contract import Mapped, TableImporter
from splitshelf.collect.importers.generic import identifier
from splitshelf.collect.importers.source import Source


def _ratings(source: Source, mapped: Mapped) -> dict[str, str]:
    del source, mapped
    return {
        "at": "make_timestamp(try_cast(timestamp AS BIGINT) * 1000000)::VARCHAR || 'Z'",
        "type": "'rating'",
        "shopper": identifier("userId"),
        "product": identifier("movieId"),
        "value": "CASE WHEN try_cast(rating AS DOUBLE) = 0.5 THEN '1' ELSE rating::VARCHAR END",
    }


def _movies(source: Source, mapped: Mapped) -> dict[str, str]:
    del source, mapped
    return {
        "id": identifier("movieId"),
        "title": "title",
        "category": "nullif(split_part(genres, '|', 1), '(no genres listed)')",
        "attributes": "{'genres': genres}",
    }


RATINGS = TableImporter(
    "MovieLens ratings",
    ("userId", "movieId", "rating", "timestamp"),
    _ratings,
    remarks=(("{n} ratings of half a star count as 1.", "try_cast(rating AS DOUBLE) = 0.5"),),
)
MOVIES = TableImporter("MovieLens movies", ("movieId", "title", "genres"), _movies, kind="products")
