"""What every test shares."""

from hypothesis import settings

settings.register_profile("house", deadline=None)  # a busy machine must not fail a test
settings.load_profile("house")
