"""Segments to findings. A detector states facts; what they mean is for the policy."""

from gateway.detect.engine import Engine

__all__ = ["Engine"]
