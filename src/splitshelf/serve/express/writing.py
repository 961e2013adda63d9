"""A drawn shelf as the JSON of its answer: byte for byte what encoding its slate gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import truediv

from splitshelf.core.slates import Exposure, Reason
from splitshelf.serve.compiled import Compiled
from splitshelf.serve.explanation import CROWD
from splitshelf.serve.express.faces import Faces, Phrase, encode, reason_of
from splitshelf.serve.express.kernel import Shelf
from splitshelf.serve.freshness import Assortment
from splitshelf.serve.ranking import Ranked
from splitshelf.serve.scene import Scene
from splitshelf.serve.shelves import speaker_of, title_of
from splitshelf.serve.words import language_of

_PLACES = [b'%d,"score":' % place for place in range(100)]


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer that waits for its exposure to be durable."""

    placement: str
    stage: str
    exposure: Exposure
    body: bytes
    """The JSON of the slate, but for its end."""

    def ended(self, *, logged: bool) -> bytes:
        """The JSON of the slate; where it was not logged it says so."""
        return self.body + (b"}" if logged else b',"logged":false}')


class Writer:
    """Writes the shelves of one artefact and assortment."""

    def __init__(self, assortment: Assortment) -> None:
        self._faces = Faces(assortment)
        self._phrases: dict[tuple[object, ...], dict[tuple[object, ...], Phrase]] = {}
        """By placement, model and language; then by table, crowd, act and attribute."""
        self._heads: dict[tuple[str, ...], bytes] = {}
        self._ends: dict[tuple[str | None, ...], bytes] = {}

    def draft(self, exposure: Exposure, scene: Scene, shelf: Shelf, ranked: Ranked) -> Draft:
        """The answer that an exposure records; `ranked` is the shelf in lists."""
        values = shelf.values
        if scene.limits.factors is not None:
            values = values * scene.limits.factors[shelf.codes]
        shares = map(min, repeat(1.0), map(truediv, values.tolist(), ranked.scores))
        numbers = encode([*ranked.scores, *ranked.propensities, *shares])[1:-1].split(b",")
        size = len(ranked.products)
        reasons = self._reasons(scene, shelf, ranked.products)
        face_of = self._faces.of
        parts = [b'{"id":', encode(exposure.id), self._head(exposure, scene)]
        for place, code in enumerate(ranked.products):
            face = face_of(code)
            parts += (
                face.head,
                _PLACES[place],
                numbers[place],
                b',"propensity":',
                numbers[size + place],
                face.tail,
                reasons[place],
                numbers[2 * size + place],
                b"}},",
            )
        parts[-1] = b"}}"
        parts.append(self._end(exposure))
        return Draft(exposure.placement, exposure.stage, exposure, b"".join(parts))

    def _head(self, exposure: Exposure, scene: Scene) -> bytes:
        """From the id to the items."""
        if scene.query.cited >= 0:
            return _head(exposure, scene)
        key = (exposure.placement, exposure.stage, exposure.policy, language_of(scene.context))
        return self._heads.get(key) or self._heads.setdefault(key, _head(exposure, scene))

    def _end(self, exposure: Exposure) -> bytes:
        """The experiment and the variant, where there are any."""
        key = (exposure.experiment, exposure.variant)
        return self._ends.get(key) or self._ends.setdefault(key, _end(*key))

    def _reasons(self, scene: Scene, shelf: Shelf, codes: Sequence[int]) -> list[bytes]:
        """The reason of each product, up to its share."""
        ranker, types, sources = compiled_of(scene), shelf.types.tolist(), shelf.sources.tolist()
        about = scene.placement.name, ranker, language_of(scene.context)
        kept = self._phrases.setdefault(about, {})
        found = []
        columns = (shelf.events.tolist(), shelf.mains.tolist(), shelf.crowds.tolist())
        for place, (event, main, crowd) in enumerate(zip(*columns, strict=True)):
            if event < 0:
                key = (main, crowd >= CROWD, -1, -1)
            else:
                feature = ranker.feature(main, sources[event], codes[place])
                key = (main, crowd >= CROWD, types[event], feature)
            phrase = kept.get(key) or kept.setdefault(key, _phrase(scene, shelf, place))
            found.append(phrase.whole or self._faces.reason(sources[event], phrase))
        return found


def compiled_of(scene: Scene) -> Compiled:
    """The ranker of a scene that was drawn the short way, which is compiled."""
    if not isinstance(scene.ranker, Compiled):
        raise TypeError(scene.ranker)
    return scene.ranker


def _head(exposure: Exposure, scene: Scene) -> bytes:
    return b',"placement":%b,"title":%b,"stage":%b,"policy":%b,"items":[' % (
        encode(exposure.placement),
        encode(title_of(exposure, scene)),
        encode(exposure.stage),
        encode(exposure.policy),
    )


def _end(experiment: str | None, variant: str | None) -> bytes:
    parts = b"]"
    if experiment is not None:
        parts += b',"experiment":' + encode(experiment)
    if variant is not None:
        parts += b',"variant":' + encode(variant)
    return parts


def _phrase(scene: Scene, shelf: Shelf, place: int) -> Phrase:
    """The phrase of one place, as the general path has it."""
    columns = (shelf.codes, shelf.events, shelf.values, shelf.mains, shelf.crowds)
    row = [column[place].item() for column in columns]
    cause, speaker = compiled_of(scene).cause(shelf.sources, *row), speaker_of(scene)
    if cause is None:  # the kernel gives no shelf with a place that nothing speaks for
        raise ValueError(place)
    kind = cause.kind.value
    text = "" if cause.event is not None else speaker.reason(cause, 0.0).text
    whole = reason_of(Reason(text=text, kind=kind)) if text else b""
    return Phrase(speaker.text_of(cause), kind, speaker.language, whole)
