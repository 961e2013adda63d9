"""The ids of an assortment by code, and their codes: those of a million products, read unopened.

Both are dictionaries, so that to ask again costs a look into one.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from splitshelf.learn.ids import Ids


class Roster(dict[int, str]):
    """Ids by code; those of the artefact are read when they are first asked for."""

    def __init__(self, known: Sequence[str]) -> None:
        """`known` are the first ones, in their order."""
        super().__init__()
        self.known = known if isinstance(known, Ids) else Ids.of(known)
        self._count = len(known)

    def __missing__(self, code: int) -> str:
        """The id as it was written down; raises IndexError where there is none."""
        found = self[code] = self.known[code]
        return found

    def __len__(self) -> int:
        """How many there are, read or not."""
        return self._count

    def __iter__(self) -> Iterator[Any]:
        """All ids in the order of their codes."""
        yield from self.known
        for code in range(len(self.known), self._count):
            yield self[code]

    def append(self, product: str) -> int:
        """The code of one more."""
        self[self._count] = product
        self._count += 1
        return self._count - 1


class Codes(dict[str, int]):
    """Codes by id."""

    def __init__(self, roster: Roster) -> None:
        """Those of the roster; later ones are put in beside."""
        super().__init__()
        self._known = roster.known

    def __missing__(self, product: str) -> int:
        """The code of an id; raises KeyError where there is none."""
        code = self._known.find(product)
        if code < 0:
            raise KeyError(product)
        self[product] = code
        return code

    def __contains__(self, product: object) -> bool:
        """Whether an id has a code."""
        return super().__contains__(product) or self._known.find(str(product)) >= 0

    def get(self, product: str, default: Any = None) -> Any:  # noqa: ANN401 (as of a dictionary)
        """The code of an id; the default where there is none."""
        try:
            return self[product]
        except KeyError:
            return default
