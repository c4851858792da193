"""Faults of a mail server, by what is wrong: each is planted in a healthy one, and names the check that finds it.

Postfix is read by its own postconf, the gateway is a real one that serves, what is kept are real files.
"""

from tests.makers.planted import around, gateway, kept, postfix  # each notes its own
from tests.makers.planted.base import FAULTS, Plant

__all__ = ["FAULTS", "Plant", "around", "gateway", "kept", "postfix"]
