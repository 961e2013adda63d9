"""The door to the framework: opened when a neural model is trained, never before."""

from types import ModuleType

from splitshelf.core.errors import MissingExtra


def learning(feature: str) -> ModuleType:
    """The module that trains; raises MissingExtra where the framework is not installed."""
    try:
        import jax  # noqa: F401, PLC0415 (an extra, and a second to import)
    except ModuleNotFoundError as error:
        raise MissingExtra(feature, "deep") from error
    from splitshelf.learn.deep import descent  # noqa: PLC0415 (imports the framework)

    return descent
