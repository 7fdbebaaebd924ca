"""Hypothesis without deadlines: tests never judge by time."""

from hypothesis import HealthCheck, settings

settings.register_profile("longwright", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("longwright")
