"""STAN and session neighbours, by hand and against a slow copy."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.models import sessions, stan
from splitshelf.learn.neighbours import best
from worlds import CONTEXT, activity


def test_a_neighbour_votes_by_distance_from_where_the_ways_met():
    """One other shopper walked 0 1 2 3; asked at 1, product 2 is one step on, 0 one step back."""
    model = stan.fit(
        stan.Config(rarity=0, shortness=0, reach=2, backward=0.5, decay=0.5),
        Dataset.from_sequences([[0, 1, 2, 3]]),
        np.random.default_rng(0),
    )
    scores = model.score_all(activity(1), CONTEXT)
    ahead, far = np.exp(-0.5), np.exp(-1)
    assert scores / scores[2] * ahead == pytest.approx([0.5 * ahead, 0, ahead, far])


def test_newer_events_weigh_more_in_the_overlap():
    """Two neighbours share one product each; the one that shares the newer one counts double."""
    model = stan.fit(
        stan.Config(rarity=0, decay=0.5),
        Dataset.from_sequences([[0, 2], [1, 3]]),
        np.random.default_rng(0),
    )
    scores = model.score_all(activity(0, 1), CONTEXT)
    assert scores[3] == pytest.approx(2 * scores[2])


def test_only_the_nearest_and_the_newest_vote():
    """With one neighbour allowed the best overlap wins; with one sequence a product, the newest."""
    world = Dataset.from_sequences([[0, 1, 2], [1, 3]])
    nearest = stan.fit(stan.Config(nearest=1, shortness=0), world, np.random.default_rng(0))
    scores = nearest.score_all(activity(0, 1), CONTEXT)
    assert scores[2] > 0
    assert scores[3] == 0
    newest = sessions.fit(
        sessions.Config(newest=1),
        Dataset.from_sequences([[0, 1], [0, 2, 3]]),
        np.random.default_rng(0),
    )
    scores = newest.score_all(activity(0), CONTEXT)
    assert scores[1] == 0
    assert scores[2] > scores[3] > 0


def test_sessions_do_not_reach_into_other_visits():
    """A day later is another visit: what came then is no neighbour."""
    world = Dataset.from_sequences([[0, 1, 2, 3]])
    day = 86_400_000_000
    times = np.array([0, 1, day, day + 1])
    world = replace(world, times=times, sessions=np.array([0, 0, 1, 1], dtype=np.int32))
    model = sessions.fit(sessions.Config(), world, np.random.default_rng(0))
    scores = model.score_all(activity(1), CONTEXT)
    assert scores[0] > 0
    assert scores[2] == scores[3] == 0


def test_measured_evidence_is_marked_and_proportional():
    """Two events that support a product equally share its score; a third one has no part."""
    world = Dataset.from_sequences([[0, 3], [1, 3], [2, 4]])
    config = stan.Config(decay=1, rarity=0, shortness=0)
    model = stan.fit(config, world, np.random.default_rng(0))
    parts = model.evidence(activity(0, 1, 2), CONTEXT, 3)
    score = model.score_all(activity(0, 1, 2), CONTEXT)[3]
    assert [part.event for part in parts] == [0, 1]
    assert [part.value for part in parts] == pytest.approx([score / 2, score / 2])
    assert all(part.approximate for part in parts)


@pytest.mark.parametrize("kind", [sessions, stan])
@pytest.mark.parametrize("narrow", [{}, {"newest": 3, "nearest": 5}])
def test_candidates_are_the_best_of_all_scores_to_the_last_bit(kind, narrow):
    """Candidates, some scores and all scores are the same numbers."""
    rng = np.random.default_rng(5)
    walks = [(rng.zipf(1.3, rng.integers(2, 9)) % 60).tolist() for _ in range(400)]
    model = kind.fit(kind.Config(**narrow), Dataset.from_sequences([*walks, [59]]), rng)
    for walk in walks[:80]:
        asked = activity(*walk[:5], *walk[:2])
        whole = model.score_all(asked, CONTEXT)
        expected, found = best(whole, 12), model.candidates(asked, CONTEXT, 12)
        assert found.products.tolist() == expected.products.tolist()
        assert found.scores.tolist() == expected.scores.tolist()
        every = np.arange(60, dtype=np.int32)
        assert model.score(asked, CONTEXT, every).tolist() == whole.tolist()


def test_the_index_keeps_only_what_is_looked_at():
    """Four sessions hold product 0; the newest two are its postings, all four its frequency."""
    world = Dataset.from_sequences([[0, 1], [0, 2], [0, 3], [0, 4]])
    model = sessions.fit(sessions.Config(newest=2), world, np.random.default_rng(0))
    index = model.sequences
    assert index.owners[index.starts[0] : index.starts[1]].tolist() == [2, 3]
    assert index.counts.tolist() == [4, 1, 1, 1, 1]
    assert {array.dtype for array in index.arrays().values()} == {np.dtype(np.int32)}


def slowly(sequences, walk, rarities, query, strengths):
    """The score of every product, by the definition in `Walk`; the query is newest first."""
    place = {}
    for event in reversed(range(len(query))):
        place[query[event]] = event  # the newest event of a product counts
    weights = {}
    for number, row in enumerate(sequences):
        shared = [event for product, event in place.items() if product in row]
        if not shared:
            continue
        overlap = sum(strengths[e] * rarities[query[e]] for e in sorted(shared))
        age = 1 - (number + 1) / len(sequences)
        weights[number] = overlap * len(row) ** -walk.shortness * np.exp(-walk.ageing * age)
    floor = sorted(weights.values(), reverse=True)[: walk.nearest][-1]
    scores = np.zeros(30)
    for number, weight in weights.items():
        if weight < floor:
            continue
        row = sequences[number]
        newest = min(place.get(product, len(query)) for product in row)
        meeting = row.index(query[newest])
        for at, product in enumerate(row):
            distance = at - meeting
            share = walk.backward if distance < 0 else float(distance > 0)
            scores[product] += weight * share * np.exp(-abs(distance) / walk.reach)
    return scores


@pytest.mark.parametrize("changes", [{}, {"nearest": 7}, {"ageing": 2.0, "shortness": 0.5}])
def test_scores_are_those_of_the_scheme(changes):
    """On random histories, with and without neighbours left out, every product's score agrees."""
    rng = np.random.default_rng(3)
    rows = [rng.permutation(30)[: rng.integers(2, 9)].tolist() for _ in range(60)]
    walk = msgspec.structs.replace(stan.Config(), **changes)
    model = stan.fit(walk, Dataset.from_sequences(rows, 30), rng)
    found = model.sequences
    ordered = [
        found.products[found.offsets[i] : found.offsets[i + 1]].tolist() for i in range(len(rows))
    ]
    for _ in range(10):
        products = rng.permutation(30)[:4].tolist()
        asked = activity(*products)
        strengths = walk.decay ** np.arange(4.0)
        expected = slowly(ordered, walk, model.rarities, products[::-1], strengths)
        assert model.score_all(asked, CONTEXT) == pytest.approx(expected, abs=1e-9)
