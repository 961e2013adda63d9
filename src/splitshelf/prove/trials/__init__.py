"""Trials of the statistics themselves: how fast they are, and how often they err."""
