"""Is a number that of a record, of a member of a plan, or a reference? By what stands around it, nearest first."""

from gateway.detect.kind.calling import called_right
from gateway.detect.kind.telling import kinds

__all__ = ["called_right", "kinds"]
