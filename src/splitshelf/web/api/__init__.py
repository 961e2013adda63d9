"""The HTTP API under /v1, its health pages and its documentation."""
