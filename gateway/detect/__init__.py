"""Segments to findings. A detector states facts; what they mean is for the policy."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateway.detect.engine import Engine

__all__ = ["Engine"]


def __getattr__(name: str) -> Any:
    """The engine, imported when it is asked for: a process that has a model and nothing else needs none."""
    if name != "Engine":
        raise AttributeError(name)
    from gateway.detect.engine import Engine

    return Engine
