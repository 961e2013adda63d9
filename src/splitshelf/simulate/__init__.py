"""Shoppers with known tastes and a known lift: the demo, the oracle and the load."""
