"""Two rule sets about the same stored mail: what became of each recipient under either, counted and compared."""

from gateway.replay.asking import ask
from gateway.replay.compare import Comparison, Fate, Record, Side, compare, key_of, record_of
from gateway.replay.state import StateFile, StateRefused

__all__ = ["Comparison", "Fate", "Record", "Side", "StateFile", "StateRefused", "ask", "compare", "key_of", "record_of"]
