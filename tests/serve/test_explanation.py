"""A reason is the score itself, and says nothing that is not so."""

import pytest

from serving import artefact, world
from splitshelf.core.evidence import Part, PartKind
from splitshelf.serve.explanation import causes_of
from splitshelf.serve.replaying import request_of


def test_parts_sum_to_scores_and_leaving_out_takes_the_part_away():
    """Over 1,000 slates: parts sum to each score, and the cited event is worth what was cited."""
    shop = world()
    bundle = shop.recommender.artefact
    for number in range(1_000):
        name = f"shopper {number}"
        acts = [f"view:p{(number * 7 + step * 13) % 50:03d}" for step in range(1 + number % 6)]
        shop.did(name, *acts, f"purchase:p{number % 50:03d}")
        slate = shop.ask(name, fresh=True)
        scene = shop.recommender.scene_then(shop.store.exposures[slate.id])
        activity, context = scene.query.activity, scene.context
        model = bundle.models["additive"]
        for item in slate.items:
            code = scene.assortment.codes[item.product]
            parts = model.evidence(activity, context, code)
            assert sum(part.value for part in parts) == pytest.approx(item.score, abs=1e-6)
            cause = causes_of(parts)[0]
            assert item.reason.share == pytest.approx(min(1, cause.value / item.score))
            if (event := cause.event) is None:
                continue
            left = float(model.score_all(activity.without(event), context)[code])
            assert item.score - left == pytest.approx(cause.value, abs=1e-6)
            assert item.reason.product == scene.assortment.ids[activity.products[event]]


def test_reasons_follow_what_the_shopper_did():
    """Each kind of act has its own words."""
    shop = world()
    words = {
        "view": "Because you looked at Thing 3",
        "purchase": "Because you bought Thing 3",
        "add_to_cart": "Because Thing 3 is in your cart",
        "wishlist": "Because you saved Thing 3",
    }
    for kind, text in words.items():
        shop.did(kind, f"{kind}:p003")
        assert shop.ask(kind).items[0].reason.text == text


@pytest.mark.parametrize(
    ("placement", "crowd", "alone"),
    [
        ("bought_together", "Often bought with Thing 3", "Because you are looking at Thing 3"),
        (
            "also_viewed",
            "Others who looked at Thing 3 looked at this too",
            "Because you are looking at Thing 3",
        ),
        ("cart", "Often bought with Thing 3", "Because Thing 3 is in your cart"),
    ],
)
def test_others_are_spoken_of_only_where_ten_stand_behind(placement, crowd, alone):
    """With nine supporters, or an unknown number, the reason speaks of this shopper alone."""
    for supporters, text in ((10, crowd), (9, alone), (None, alone)):
        shop = world(bundle=artefact(supporters=supporters))
        slate = shop.ask(placement=placement, seeds=("p003",))
        assert slate.items[0].reason.text == text


def test_parts_of_one_event_are_one_cause():
    """Two models that cite the same view count together; the larger one gives the words."""
    view = [
        Part(kind=PartKind.EVENT, model="covisits", value=0.4, event=1),
        Part(kind=PartKind.ATTRIBUTE, model="content", value=0.3, event=1, detail="brand"),
    ]
    rest = Part(kind=PartKind.POPULARITY, model="popular", value=0.6, supporters=50)
    causes = causes_of([rest, *view])
    assert [cause.value for cause in causes] == pytest.approx([0.7, 0.6])
    assert causes[0].kind is PartKind.EVENT


def test_an_exposure_gives_its_request_back():
    """Seeds, exclusions, session and size survive the log."""
    shop = world()
    slate = shop.ask(seeds=("p001",), exclude=("p002",), session="s", n=7)
    request = request_of(shop.store.exposures[slate.id])
    assert (request.seeds, request.exclude, request.session) == (("p001",), ("p002",), "s")
    assert request.n == 7
