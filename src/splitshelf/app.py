"""The composition root: settings become a wired shop. The only place where names become things."""

import asyncio
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import cast

import msgspec

from splitshelf.collect.group_commit import Deadlines, GroupCommit
from splitshelf.collect.identity import Identities
from splitshelf.collect.stores.opening import open_store
from splitshelf.collect.stores.prompt import PromptStore, Sentry
from splitshelf.core.clock import Clock, system_clock
from splitshelf.core.errors import InputError, Unavailable
from splitshelf.core.events import Event
from splitshelf.core.experiments import Experiment, Status
from splitshelf.core.protocols import Store
from splitshelf.core.requests import Policy, ShelfRequest
from splitshelf.core.settings import Settings, parse_settings
from splitshelf.core.slates import Exposure, Slate, Written
from splitshelf.core.turns import Turns
from splitshelf.learn.artefacts.bundle import Artefact
from splitshelf.learn.artefacts.reading import current_version, load
from splitshelf.prove.bandits import dealt
from splitshelf.prove.experiments import experiments
from splitshelf.prove.holdouts import keep_holdout
from splitshelf.prove.switchbacks import on_its_day
from splitshelf.serve.answering import Answers
from splitshelf.serve.bundle import Bundle, Untrained
from splitshelf.serve.catalogues import install
from splitshelf.serve.policies import DEFAULT, default_policies
from splitshelf.serve.recommender import Recommender

_log = logging.getLogger("splitshelf.models")
_encode = msgspec.json.Encoder().encode
_OPENING = 5.0
"""Seconds that the first read may take, which opens a connection, and the first glance."""
_GLANCE = 1.0
"""Seconds after which a new experiment or artefact of another process is noticed."""


class Shop:
    """One installation: what its settings name, opened and wired."""

    def __init__(self, settings: Settings, folder: Path, store: Store, clock: Clock) -> None:
        """`folder` is where splitshelf.toml lies; relative names in it start there."""
        self.settings = settings
        self.folder = folder
        self.config: Path | None = None
        """The settings file; None where the settings came from none."""
        self.store = store
        self.clock = clock
        self._running: tuple[Experiment, ...] = ()
        self._looked = 0.0
        self._held = False
        """Whether the holdout is as the settings ask."""
        self._deadlines = Deadlines(settings.serve.patience)
        self._glances = Sentry(settings.serve.patience)
        self._reads = Sentry(settings.serve.patience)
        self._renewals = ThreadPoolExecutor(1, "renewal")
        self._renewal: Future[None] | None = None
        self._tried: str | None = None
        """The version that was loaded last, or refused as damaged."""
        self.passed_over: tuple[str, ...] = ()
        """Why newer models than the one that answers are not used, in sentences."""

    @property
    def models(self) -> Path:
        """The folder of the artefacts."""
        return self.folder / self.settings.model.folder

    @cached_property
    def policies(self) -> Mapping[str, Policy]:
        """How shelves are made, by name."""
        return default_policies(self.settings.serve)

    @cached_property
    def prompt(self) -> Store:
        """The store as a request reads it: in time, or not at all."""
        self._reads.ask(self.store.catalogue_version, _OPENING)
        return cast("Store", PromptStore(self.store, self._reads))

    @cached_property
    def recommender(self) -> Recommender:
        """The one who answers; from the shop's own list where nothing was trained yet."""
        return Recommender(
            store=self.prompt,
            artefact=self._trained(),
            policies=self.policies,
            experiments=self.running,
            settings=self.settings,
            clock=self.clock,
            people=lambda: self.identities.people,
        )

    def _trained(self) -> Bundle:
        try:
            trained = load(self.models)
        except Unavailable as error:
            self._pass_over((str(error),) if current_version(self.models) else ())
            return Untrained()
        self._pass_over(trained.refused)
        return trained

    def _pass_over(self, why: tuple[str, ...]) -> None:
        """Remember, and say once on standard error, why newer models are not used."""
        for one in why:
            if one not in self.passed_over:
                _log.warning("A model is not used. %s", one)
        self.passed_over = why

    @property
    def artefact(self) -> Artefact:
        """The trained bundle that answers; raises Unavailable where there is none."""
        bundle = self.recommender.artefact
        return bundle if isinstance(bundle, Artefact) else load(self.models)

    @cached_property
    def identities(self) -> Identities:
        """Who is who; raises Unavailable where the store does not answer."""
        return Identities(self.store, self.clock)

    @cached_property
    def _turns(self) -> Turns[ShelfRequest, Written | None]:
        """The calls that are answered together."""

        def unlogged(body: bytes) -> None:
            self.recommender.unlogged(msgspec.json.decode(body, type=Slate))

        return Turns(Answers(self.recommender.drafts, self._logging, unlogged).give)

    @cached_property
    def commits(self) -> GroupCommit:
        """The writer that calls share."""
        return GroupCommit(self.store)

    def wait_for_store(self, seconds: float) -> None:
        """Wait so long for each read from now on: for work that no shopper waits for."""
        self._glances.patience = self._reads.patience = seconds

    def running(self) -> Sequence[Experiment]:
        """The experiments that run, as of a second ago at most."""
        self._glance()
        return self._running

    async def recommend(self, request: ShelfRequest, *, fresh: bool = False) -> Slate:
        """The slate, once its exposure is durable, or unlogged where the store is too slow.

        `fresh` says that the id was made for this call, so that no earlier answer is looked for.
        """
        slate, exposure = self.recommender.answer(request, fresh=fresh)
        if exposure is None or await self._logged((exposure,)):
            return slate
        return self.recommender.unlogged(slate)

    async def answer(self, request: ShelfRequest, *, fresh: bool = False) -> Written:
        """The slate of `recommend` as it goes to the page: written while it is drawn, as a rule.

        Calls of one turn of the loop are answered together.
        """
        written = await self.ask(request) if fresh else None
        if written is None:
            slate = await self.recommend(request, fresh=fresh)
            return Written(slate.placement, slate.stage, slate.logged, _encode(slate))
        return written

    def ask(self, request: ShelfRequest) -> asyncio.Future[Written | None]:
        """The answer to a request whose id was made for it; None leaves it to `recommend`."""
        return self._turns.ask(request)

    async def page(
        self, requests: Sequence[ShelfRequest], *, fresh: bool = False
    ) -> Sequence[Slate]:
        """The slates of a page's shelves, no product on two of them; logged in one commit."""
        answers = self.recommender.page(requests, fresh=fresh)
        new = [exposure for _, exposure in answers if exposure is not None]
        if not new or await self._logged(new):
            return [slate for slate, _ in answers]
        return [
            slate if exposure is None else self.recommender.unlogged(slate)
            for slate, exposure in answers
        ]

    async def _logged(self, exposures: Sequence[Exposure]) -> bool:
        """Whether the exposures are durable in time."""
        try:
            await self._logging(exposures)
        except (Unavailable, TimeoutError):
            return False
        return True

    def _logging(self, exposures: Sequence[Exposure]) -> asyncio.Future[None]:
        """Done once the exposures are durable; fails where they are not in time.

        A silent store is not waited for.
        """
        if self._reads.silent:
            future = asyncio.get_running_loop().create_future()
            future.set_exception(TimeoutError())
            return future
        return self._deadlines.add(self.commits.append_exposures(exposures))

    async def record(self, events: Sequence[Event]) -> None:
        """Return once the events are durable; calls that come together share a commit."""
        await self.commits.append(events)
        if logins := self.identities.logins(events):
            await asyncio.to_thread(self.identities.follow, logins)

    def ready(self) -> str | None:
        """Why the shop cannot answer yet in one sentence; None where it can."""
        try:
            self.store.count()
            if isinstance(self.recommender.artefact, Untrained):
                load(self.models)
        except Unavailable as error:
            return str(error)
        return None

    def close(self) -> None:
        """Commit what waits and release the store."""
        self._renewals.shutdown(cancel_futures=True)
        self._glances.close()
        self._reads.close()
        if "commits" in self.__dict__:
            self.commits.close()
        self.store.close()

    def _glance(self) -> None:
        """Notice, once a second, what other processes started, stopped or trained."""
        now = time.monotonic()
        if now - self._looked < _GLANCE:
            return
        self._looked = now
        with suppress(Unavailable):  # what was known a second ago goes on answering
            self._glances.ask(self._look, None if self._held else _OPENING)
            self._renew(current_version(self.models))

    def _look(self) -> None:
        if not self._held:
            settings, rate = self.settings.experiments, self.settings.cleaning.bot_rate
            keep_holdout(settings, DEFAULT, self.store, self.clock(), rate)
        now = self.clock()
        found = experiments(self.store, Status.RUNNING)
        self._running = tuple(dealt(on_its_day(one, now), self.store, now) for one in found)
        self.identities.catch_up()
        self._held = True

    def _renew(self, trained: str | None) -> None:
        """Have another version loaded in the background; the old one answers until it is ready."""
        if "recommender" not in self.__dict__ or (self._renewal and not self._renewal.done()):
            return
        if trained not in {None, self._tried, self.recommender.artefact.version}:
            self._tried = trained
            self._renewal = self._renewals.submit(self._swap)

    def _swap(self) -> None:
        try:
            beside = self.recommender.artefact
            fresh = load(self.models, beside if isinstance(beside, Artefact) else None)
            self._pass_over(fresh.refused)
            if fresh.version != self.recommender.artefact.version:
                self.recommender.replace_artefact(fresh)
        except Unavailable:
            self._tried = None  # the next glance tries again


def read_settings(path: Path) -> Settings:
    """The settings in a file; raises InputError with the line or the setting that is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file. `splitshelf init` writes one.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as text: {error}.") from error
    return parse_settings(text, path)


@contextmanager
def open_shop(config: Path | str, clock: Clock = system_clock) -> Iterator[Shop]:
    """The shop that a settings file describes, closed at the end of the block."""
    path = Path(config)
    settings = read_settings(path)
    folder = path.resolve().parent
    install(folder / settings.shop.translations)
    shop = Shop(settings, folder, open_store(settings.store.url, folder), clock)
    shop.config = path.resolve()
    try:
        yield shop
    finally:
        shop.close()
