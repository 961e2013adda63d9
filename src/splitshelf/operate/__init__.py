"""What keeps a shop going by itself: refreshed counts, daily training, one worker at a time."""
