"""The dashboard: what is happening, whether it pays, and why a product stood where it stood."""

from splitshelf.web.dashboard.pages import router

__all__ = ["router"]
