"""The one who answers: request in, slate out, exposure logged."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import NamedTuple

import msgspec
import numpy as np

from splitshelf.collect.stores.prompt import together
from splitshelf.core.clock import Clock, microseconds
from splitshelf.core.context import Context
from splitshelf.core.errors import Unavailable
from splitshelf.core.events import Event
from splitshelf.core.experiments import Experiment
from splitshelf.core.people import People
from splitshelf.core.protocols import Store
from splitshelf.core.requests import Policy, ShelfRequest
from splitshelf.core.settings import Settings
from splitshelf.core.slates import Exposure, Shown, Slate
from splitshelf.core.traces import Traces
from splitshelf.learn.artefacts.manifest import training_of
from splitshelf.serve.arrivals import Arrivals
from splitshelf.serve.budget import budgets
from splitshelf.serve.bundle import Bundle
from splitshelf.serve.choosing import Choice, choose
from splitshelf.serve.compiled import favourites_of, ranker_of, rankers_of
from splitshelf.serve.exploration import seed_of
from splitshelf.serve.express.drawing import draw_shelves, in_lists
from splitshelf.serve.express.kernel import Shelf
from splitshelf.serve.express.writing import Draft, Writer
from splitshelf.serve.freshness import Assortment, Freshness
from splitshelf.serve.interleaving import interleave
from splitshelf.serve.newcomers import Newcomers
from splitshelf.serve.placement import history
from splitshelf.serve.placements import PLACEMENTS
from splitshelf.serve.policies import DEFAULT
from splitshelf.serve.ranking import Ranked
from splitshelf.serve.replaying import history_then, request_of
from splitshelf.serve.returning import NAME as RETURNING
from splitshelf.serve.returning import returning
from splitshelf.serve.rulebook import RuleBook, RuleSet
from splitshelf.serve.scene import Scene, Trained, scene_of
from splitshelf.serve.shelves import BOTH, exposure_of, places_of, popular_of, slate_of
from splitshelf.serve.warming import warm

LogExposure = Callable[[Exposure], bool]
"""Takes an exposure into safety; False where it could not."""

_REMEMBERED = 10_000
_LATEST, _SAMPLED = 2_000, 30
"""Events looked through for shoppers whose shelves tell what chance costs, and how many of them."""


@dataclass(frozen=True, slots=True)
class State:
    """What is swapped as one when a new artefact arrives."""

    trained: Trained
    freshness: Freshness
    rules: RuleBook
    arrivals: Arrivals
    newcomers: Newcomers
    writer: Writer
    tuned: Mapping[tuple[str, str], Policy] = field(default_factory=dict)
    """By policy and placement: the policy with the temperature that the budget allows there."""


class Usual(NamedTuple):
    """A request on the short way."""

    place: int
    """Among the requests of its turn."""
    request: ShelfRequest
    choice: Choice
    seed: int
    scene: Scene
    ghost: Scene | None
    """What would have been drawn, had the shopper not been held out."""


class Recommender:
    """Answers requests from any thread; a slate is a function of the request, log and artefact."""

    def __init__(  # noqa: PLR0913, PLR0917 (the composition root hands over each part by name)
        self,
        store: Store,
        artefact: Bundle,
        policies: Mapping[str, Policy],
        experiments: Callable[[], Sequence[Experiment]],
        settings: Settings,
        clock: Clock,
        log: LogExposure | None = None,
        people: Callable[[], People] = People,
    ) -> None:
        """`experiments` gives the running ones, cheaply: it is called for each request.

        `people` gives who is who, as cheaply. `log` is given where exposures share a commit;
        without it each is stored by itself.
        """
        self._store = store
        self._policies = policies
        self._experiments = experiments
        self._settings = settings
        self._clock = clock
        self._log = log or self._store_now
        self._people = people
        self._slates: OrderedDict[str, Slate] = OrderedDict()
        self._lock = Lock()
        self._state = self._prepare(artefact, artefact.folder)

    @property
    def artefact(self) -> Bundle:
        """The artefact that answers now."""
        return self._state.trained.bundle

    @property
    def writer(self) -> Writer:
        """Who writes what is drawn the short way."""
        return self._state.writer

    @property
    def assortment(self) -> Assortment:
        """What is for sale, in the codes of the artefact."""
        return self._state.freshness.catch_up()

    def is_for_sale(self, product: str) -> bool:
        """Whether a product may stand on a shelf now."""
        assortment = self._state.freshness.assortment
        code = assortment.codes.get(product)
        return code is not None and bool(assortment.sellable[code])

    def replace_artefact(self, artefact: Bundle) -> None:
        """Answer from another artefact from now on; requests under way finish with the old one.

        One of the same products, as after a refresh, shares all that is known of the assortment.
        """
        before = self._state
        if before.trained.bundle.products is artefact.products:
            self._state = self._refreshed(before, artefact)
        else:
            self._state = self._prepare(artefact)

    def recommend(self, request: ShelfRequest, *, fresh: bool = False) -> Slate:
        """The slate of a request, its exposure logged; the very same one for the same id.

        `fresh` says that the id was made just now, so that no earlier answer need be looked for.
        Raises UnknownName for a placement or forced variant that does not exist.
        """
        slate, exposure = self.answer(request, fresh=fresh)
        if exposure is None or self._log(exposure):
            return slate
        return self.unlogged(slate)

    def answer(
        self, request: ShelfRequest, *, fresh: bool = False
    ) -> tuple[Slate, Exposure | None]:
        """The slate of a request and the exposure that the caller must log before showing it.

        The exposure is None where the id was answered before. For callers who wait for the disk
        without blocking others; those whose log refuses show `unlogged(slate)`.
        """
        if not fresh and (earlier := self.replay(request.id)) is not None:
            return earlier, None
        began = perf_counter()
        choice, events = self.choice(request), self.history(request.shopper)
        scene = self.scene(request, choice.policy, events)
        rival = None if choice.rival is None else self.scene(request, choice.rival, events)
        exposure = self.exposure(request, choice, scene, rival)
        if choice.ghost is not None:
            ghost = self.scene(request, choice.ghost, events)
            places = places_of(ghost, self.ranked(ghost, exposure.seed))
            exposure = msgspec.structs.replace(exposure, ghost=places)
        slate = slate_of(exposure, scene, logged=True, rival=rival)
        took = round(1000 * (perf_counter() - began), 3)
        exposure = msgspec.structs.replace(exposure, took=took)
        if not fresh:  # who made up the id may ask again at once; others are found in the log
            self._remember(slate)
        return slate, exposure

    def draft(self, request: ShelfRequest) -> Draft | None:
        """The answer to a request whose id is new, written as it is drawn.

        The caller must log its exposure. None where something about the request is out of the
        ordinary, which `answer` then sees to. Raises what `answer` raises.
        """
        (draft,) = self.drafts([request])
        if isinstance(draft, Exception):
            raise draft
        return draft

    def drafts(self, requests: Sequence[ShelfRequest]) -> list[Draft | Exception | None]:
        """What `draft` gives for each of some requests, or raises; the store is read once for all.

        So what it says is newer than the newest of them.
        """
        began, state = perf_counter(), self._state
        pasts = self._pasts(state, requests)
        found: list[Draft | Exception | None] = [None] * len(requests)
        usual: list[Usual] = []
        for place, (request, past) in enumerate(zip(requests, pasts, strict=True)):
            try:
                if (one := self._usual(state, place, request, past)) is not None:
                    usual.append(one)
            except Exception as error:  # noqa: BLE001 (it is of this request alone)
                found[place] = error
        scenes = [(one.scene, one.seed) for one in usual]
        ghosts = [(one.ghost, one.seed) for one in usual if one.ghost is not None]
        shelves = draw_shelves([*scenes, *ghosts])
        unseen = iter(zip(ghosts, shelves[len(scenes) :], strict=True))
        for one, shelf in zip(usual, shelves, strict=False):
            ghost = () if one.ghost is None else self._places(*next(unseen))
            if shelf is not None:
                found[one.place] = self._draft(state, one, shelf, ghost, began)
        return found

    def _pasts(
        self, state: State, requests: Sequence[ShelfRequest]
    ) -> Sequence[Sequence[Event] | Traces]:
        """What each shopper did, once the assortment is as the store has it now.

        Nothing, and the assortment as it was, where the store is silent.
        """
        people, limit = self._people(), self._settings.model.history
        shoppers = [request.shopper for request in requests]

        def read(store: Store) -> tuple[int, Sequence[Traces]]:
            return store.catalogue_version(), people.traces_of(store.traces_of, shoppers, limit)

        try:
            version, pasts = together(self._store, read)
        except Unavailable:
            return [()] * len(requests)
        state.freshness.follow(version)
        return pasts

    def _usual(
        self, state: State, place: int, request: ShelfRequest, past: Sequence[Event] | Traces
    ) -> Usual | None:
        choice = self.choice(request)
        if choice.rival is not None or choice.silent:
            return None
        scene = self._scene(state, state.freshness.assortment, request, choice.policy, past)
        ghost = None
        if choice.ghost is not None:
            ghost = self._scene(state, scene.assortment, request, choice.ghost, past)
        return Usual(place, request, choice, seed_of(request.id), scene, ghost)

    def _draft(
        self, state: State, one: Usual, shelf: Shelf, ghost: tuple[Shown, ...], began: float
    ) -> Draft:
        ranked, version = in_lists(shelf), state.trained.bundle.version
        took = round(1000 * (perf_counter() - began), 3)
        exposure = exposure_of(
            one.request, one.choice, one.scene, ranked, version, ghost=ghost, took=took
        )
        return state.writer.draft(exposure, one.scene, shelf, ranked)

    def _places(self, asked: tuple[Scene, int], shelf: Shelf | None) -> tuple[Shown, ...]:
        ranked = self.ranked(*asked) if shelf is None else in_lists(shelf)
        return places_of(asked[0], ranked)

    def page(
        self, requests: Sequence[ShelfRequest], *, fresh: bool = False
    ) -> list[tuple[Slate, Exposure | None]]:
        """The answers of a page's shelves in their order; no product stands on two of them."""
        answers = []
        shown: tuple[str, ...] = ()
        for request in requests:
            apart = msgspec.structs.replace(request, exclude=(*request.exclude, *shown))
            answers.append(self.answer(apart, fresh=fresh))
            shown += tuple(item.product for item in answers[-1][0].items)
        return answers

    def unlogged(self, slate: Slate) -> Slate:
        """The same slate, saying that it counts in no experiment."""
        slate = msgspec.structs.replace(slate, logged=False)
        self._remember(slate)
        return slate

    def replay(self, request_id: str) -> Slate | None:
        """The slate that a request id got, from memory or rebuilt from the log; None if none."""
        if (slate := self._slates.get(request_id)) is not None:
            return slate
        try:
            exposure = self._store.exposure(request_id)
        except Unavailable:
            return None
        if exposure is None:
            return None
        first, *rest = exposure.policy.split(BOTH)
        scene, *rival = [self.scene_then(exposure, self.policy(name)) for name in (first, *rest)]
        return slate_of(exposure, scene, logged=True, rival=rival[0] if rival else None)

    def policy(self, name: str) -> Policy:
        """The policy of that name; the default where it is not there any more."""
        return self._policies.get(name, self._policies[DEFAULT])

    def choice(self, request: ShelfRequest) -> Choice:
        """The policy that answers, and the experiment and variant where there is one."""
        default = self._policies[DEFAULT]
        people, shopper = self._people(), request.shopper
        unit = people.unit(shopper)
        units = (unit, *(one for one in people.ids(shopper) if one != unit))
        return choose(
            request,
            self._policies,
            self._experiments(),
            default,
            units,
            recall=lambda: self._store.assignments(units),
        )

    @property
    def rules(self) -> RuleBook:
        """The rules of the shop."""
        return self._state.rules

    def scene(
        self,
        request: ShelfRequest,
        policy: Policy,
        events: Sequence[Event] | Traces,
        rules: RuleSet | None = None,
    ) -> Scene:
        """What a ranking of the request reads; by other rules than the shop's where given."""
        state = self._state
        return self._scene(state, state.freshness.catch_up(), request, policy, events, rules)

    def _scene(  # noqa: PLR0917 (as public as `scene`, and of one state)
        self,
        state: State,
        assortment: Assortment,
        request: ShelfRequest,
        policy: Policy,
        events: Sequence[Event] | Traces,
        rules: RuleSet | None = None,
    ) -> Scene:
        policy = state.tuned.get((policy.name, request.placement), policy)
        effects = (rules or state.rules).effects(request.placement, request.context)
        return scene_of(
            request,
            policy,
            events,
            state.trained,
            assortment,
            effects=effects,
            arrivals=state.arrivals,
            newcomers=state.newcomers.catch_up(microseconds(request.context.at)),
        )

    def scene_now(self, request: ShelfRequest, rules: RuleSet | None = None) -> Scene:
        """What a ranking of the request would read now."""
        policy, events = self.choice(request).policy, self.history(request.shopper)
        return self.scene(request, policy, events, rules)

    def scene_then(
        self, exposure: Exposure, policy: Policy | None = None, rules: RuleSet | None = None
    ) -> Scene:
        """What the ranking of an exposure read, by the artefact and the catalogue of now.

        By another `policy` or other `rules`: what those would have read for the same request.
        """
        request = request_of(exposure)
        policy = policy or self.policy(exposure.policy)
        at, seen = exposure.at, exposure.events_seen
        events = history_then(self._past, exposure.shopper, at, seen)
        return self.scene(request, policy, events, rules)

    def ranked(self, scene: Scene, seed: int) -> Ranked:
        """The order of a scene under a seed."""
        return scene.ranked(scene.trained.popular, seed)

    def _prepare(self, artefact: Bundle, notes: Path | None = None) -> State:
        """What answers by an artefact; `notes` is where a start keeps its tables for the next."""
        fallback = self._settings.serve.fallback
        models = {**artefact.models, RETURNING: returning(len(artefact.products))}
        context = Context(at=self._clock())
        with ThreadPoolExecutor() as threads:  # to sort and copy leaves the interpreter alone
            made = threads.submit(rankers_of, artefact.models.values(), notes)
            again = threads.submit(ranker_of, models[RETURNING])
            freshness = Freshness(self._store, artefact.products, fallback, artefact.folder)
            rankers = {**made.result(), RETURNING: again.result()}
            popular = popular_of(artefact, context, favourites_of(rankers.get("popular")))
        trained = Trained(artefact, models, rankers, popular)
        assortment = freshness.assortment
        for ranker in rankers.values():
            warm(ranker, popular, assortment, context)
        assortment.popularity[popular.products] = np.arange(len(popular.products), dtype=np.int32)
        rules, arrivals = RuleBook(self._store, assortment), Arrivals(assortment)
        newcomers = Newcomers(models.get("content"), assortment)
        state = State(trained, freshness, rules, arrivals, newcomers, Writer(assortment))
        return self._budgeted(state)

    def _refreshed(self, before: State, artefact: Bundle) -> State:
        """The state with other models of the same products; one thread, beside the requests."""
        models = {**artefact.models, RETURNING: before.trained.models[RETURNING]}
        rankers = {
            model.name: before.trained.rankers[model.name]
            if model is before.trained.models.get(name)
            else ranker_of(model)
            for name, model in models.items()
        }
        popular = popular_of(artefact, Context(at=self._clock()))
        assortment = before.freshness.assortment
        assortment.popularity[popular.products] = np.arange(len(popular.products), dtype=np.int32)
        trained = Trained(artefact, models, rankers, popular)
        return self._budgeted(replaced(before, trained=trained))

    def _budgeted(self, state: State) -> State:
        allowed = self._settings.serve.explore_loss
        return replaced(state, tuned=self._tuned(state, allowed)) if allowed else state

    def _tuned(self, state: State, allowed: float) -> Mapping[tuple[str, str], Policy]:
        """The policies that leave anything to chance, with what the budget allows on each shelf."""
        version = training_of(state.trained.bundle.version)
        try:
            found = budgets(self._store, version, allowed, lambda: self._samples(state))
        except Unavailable:
            return {}
        return {
            (policy.name, placement): msgspec.structs.replace(
                policy, temperature=budget.temperature
            )
            for placement, budget in found.items()
            for policy in self._policies.values()
            if policy.temperature
        }

    def _samples(self, state: State) -> dict[str, list[Scene]]:
        """Shelves of the newest shoppers, by placement; their newest product is the page's."""
        assortment = state.freshness.catch_up()
        newest: dict[str, str] = {}
        for event in self._store.latest(_LATEST):
            if event.product is not None and len(newest) < _SAMPLED:
                newest.setdefault(event.shopper, event.product)
        found: dict[str, list[Scene]] = {name: [] for name in PLACEMENTS}
        for shopper, product in newest.items():
            events = self.history(shopper)
            for name, placement in PLACEMENTS.items():
                request = ShelfRequest(
                    id="budget",
                    shopper=shopper,
                    placement=name,
                    context=Context(at=self._clock()),
                    seeds=() if placement.query is history else (product,),
                    products=tuple(newest.values()) if placement.listed else (),
                )
                scene = self._scene(state, assortment, request, self._policies[DEFAULT], events)
                found[name].append(scene)
        return found

    def history(self, shopper: str) -> Sequence[Event]:
        """What a request reads of the shopper's past; nothing where the store is silent."""
        try:
            return self._past(shopper, self._settings.model.history)
        except Unavailable:
            return ()

    def traces(self, shopper: str) -> Sequence[Event] | Traces:
        """The same history in fixed width."""
        try:
            limit = self._settings.model.history
            return self._people().traces(self._store.traces, shopper, limit)
        except Unavailable:
            return ()

    def _past(self, shopper: str, limit: int) -> Sequence[Event]:
        return self._people().history(self._store.history, shopper, limit)

    def exposure(
        self, request: ShelfRequest, choice: Choice, scene: Scene, rival: Scene | None = None
    ) -> Exposure:
        """The record of what stands where, ranked now; with a `rival`, interleaved."""
        seed, version = seed_of(request.id), scene.trained.bundle.version
        if rival is not None:
            mixed = interleave(scene, rival, choice.method, seed)
            return exposure_of(request, choice, scene, mixed.ranked, version, mixed.teams)
        ranked = Ranked([], [], [], 0) if choice.silent else self.ranked(scene, seed)
        return exposure_of(request, choice, scene, ranked, version)

    def _store_now(self, exposure: Exposure) -> bool:
        try:
            self._store.append_exposures([exposure])
        except Unavailable:
            return False
        return True

    def _remember(self, slate: Slate) -> None:
        with self._lock:
            self._slates[slate.id] = slate
            if len(self._slates) > _REMEMBERED:
                self._slates.popitem(last=False)
