"""Rules for readers: what is in force, in plain English, and what can be written. From a policy to text, pure."""

from gateway.rulebook.inforce import rules_in_force
from gateway.rulebook.reference import reference

__all__ = ["reference", "rules_in_force"]
