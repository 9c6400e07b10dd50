"""How every property is tried: without a clock, which tells of the machine and not of the code."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
