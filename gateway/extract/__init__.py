"""Parts to segments of text, or the reason why there is none."""

from gateway.extract.walk import extract

__all__ = ["extract"]
