"""Splitshelf: recommendations for online shops that prove they pay."""

from importlib.metadata import version

__version__ = version("splitshelf")
