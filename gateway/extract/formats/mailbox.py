"""Messages as files: one of them (RFC 5322), or many in a row (RFC 4155)."""

import re

from gateway.extract.budget import Budget
from gateway.extract.formats.items import File, Mail, Reading

_FIELD = rb"[!-9;-~]{1,60}:[^\r\n]{0,998}\r?\n(?:[ \t][^\r\n]{0,998}\r?\n)*"
_HEAD = re.compile(rb"(?:From [^\r\n]{1,200}\r?\n)?(?:%s){3,}" % _FIELD)
_TELLING = re.compile(
    rb"^(?:from|to|subject|date|mime-version|received|message-id|content-type|return-path|reply-to|cc):",
    re.IGNORECASE | re.MULTILINE,
)
_ENOUGH = 3  # fields of which a message has some
_FROM = re.compile(
    rb"(?:\A|\n)\r?\nFrom [^\s]{1,120} [^\r\n]{10,60}[0-9]{4}[^\r\n]{0,20}\r?\n|\AFrom [^\r\n]{5,200}\r?\n"
)
_GLANCE = 32_768


def is_mail(octets: bytes) -> bool:
    """It starts with fields, several of which only messages have."""
    head = _HEAD.match(octets, 0, _GLANCE)
    return head is not None and len(_TELLING.findall(head[0])) >= _ENOUGH


def read_mail(file: File, budget: Budget) -> Reading:
    """Each message."""
    octets = file.octets
    starts = list(_FROM.finditer(octets)) if octets.startswith(b"From ") else []
    if not starts:
        yield Mail(octets)
        return
    ends = [found.start() for found in starts[1:]] + [len(octets)]
    for start, end in zip(starts, ends, strict=True):
        budget.entry()
        yield Mail(octets[start.end() : end])
