"""Readable text among other octets, for corners of a file that no format gives a meaning."""

import re

_LEAST = 6
_WIDE = re.compile(rb"(?:[\t\x20-\x7e\xa0-\xff]\x00){%d,}" % _LEAST)
_ASCII = re.compile(rb"[\t\x20-\x7e]{%d,}" % _LEAST)


def strings_of(octets: bytes) -> str:
    """Runs of six printable characters or more, in ASCII and UTF-16, a line each."""
    narrow = [run.decode("ascii") for run in _ASCII.findall(octets)]
    wide = [run.decode("utf-16-le", "replace") for run in _WIDE.findall(octets)] if b"\0" in octets else []
    return "\n".join((*narrow, *wide))
