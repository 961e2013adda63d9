"""The wired shop that handlers ask; one place to import it from."""

from splitshelf.app import Shop

__all__ = ["Shop"]
