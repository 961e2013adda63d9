"""The composition root: settings become a wired shop. The only place where names become things."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from splitshelf.collect.stores.opening import open_store
from splitshelf.core.clock import Clock, system_clock
from splitshelf.core.errors import InputError
from splitshelf.core.protocols import Store
from splitshelf.core.settings import Settings, parse_settings


@dataclass(frozen=True)
class Shop:
    """One installation: what its settings name, opened and wired."""

    settings: Settings
    folder: Path
    """Where splitshelf.toml lies; relative names in it start here."""
    store: Store
    clock: Clock

    @property
    def models(self) -> Path:
        """The folder of the artefacts."""
        return self.folder / self.settings.model.folder

    def close(self) -> None:
        """Release the store; everything acknowledged is already safe."""
        self.store.close()


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
    shop = Shop(settings, folder, open_store(settings.store.url, folder), clock)
    try:
        yield shop
    finally:
        shop.close()
