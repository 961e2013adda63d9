"""The HTTP surface: the API, the dashboard and the shop, in one process."""
