"""Bytes to a tree of parts (RFC 5322, RFC 2045), byte-exact and within limits."""

from gateway.parse.tree import parse

__all__ = ["parse"]
