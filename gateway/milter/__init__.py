"""pymilter to core and back, nothing else."""

from gateway.milter.server import MilterServer, MilterSettings
from gateway.milter.session import Collecting, Judge

__all__ = ["Collecting", "Judge", "MilterServer", "MilterSettings"]
