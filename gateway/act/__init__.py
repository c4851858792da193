"""Carrying a Plan out. The first place on the way of a message that touches the world."""

from gateway.act.actor import Actor
from gateway.act.ports import Done, Proof
from gateway.act.sizes import CopyTooLarge
from gateway.act.steps import ANSWER, step_at

__all__ = ["ANSWER", "Actor", "CopyTooLarge", "Done", "Proof", "step_at"]
