"""Measurements on public data, in protocols that published tables use."""
