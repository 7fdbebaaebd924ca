"""Hypothesis without deadlines: tests never judge by time."""

from hypothesis import settings

settings.register_profile("longwright", deadline=None)
settings.load_profile("longwright")
