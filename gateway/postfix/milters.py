"""Lists of milters as Postfix writes them: addresses apart by commas or spaces, or `{ address, setting=value … }`."""

import re
from collections.abc import Iterator, Sequence

_ITEM = re.compile(r"\{[^{}]*\}|[^\s,{}]+")
# How signers are commonly reached; they must see a message after everybody who changes it.
SIGNERS = re.compile(r"dkim|opendkim|arc|sign|:8891\b|:12301\b", re.IGNORECASE)


def items(value: str) -> tuple[str, ...]:
    """The milters of a list, in order, each as it is written."""
    return tuple(_ITEM.findall(value))


def address(item: str) -> str:
    """The address of one milter, without its settings; "inet:[::1]:8891" and the like in lower case but for paths."""
    first = item.strip("{} \t").split(",")[0].split()
    return first[0] if first else ""


def settings(item: str) -> dict[str, str]:
    """The settings inside braces."""
    return dict(_pairs(item)) if item.startswith("{") else {}


def _pairs(item: str) -> Iterator[tuple[str, str]]:
    for word in re.split(r"[,\s]+", re.sub(r"\s*=\s*", "=", item.strip("{} \t")))[1:]:
        name, equals, value = word.partition("=")
        if equals:
            yield name, value


def same(first: str, second: str, queue: str) -> bool:
    """Two addresses lead to the same socket: a path may be written from the queue directory on."""
    return _absolute(first, queue) == _absolute(second, queue)


def _absolute(where: str, queue: str) -> str:
    kind, _, rest = where.partition(":")
    kind = {"local": "unix"}.get(kind, kind)
    if kind == "unix" and not rest.startswith("/"):
        rest = f"{queue.rstrip('/')}/{rest}"
    return f"{kind}:{rest}"


def is_signer(item: str) -> bool:
    """It looks like a signer (OpenDKIM, ARC), which has to come after Gatepost."""
    return SIGNERS.search(address(item)) is not None


def inserted(present: Sequence[str], ours: str, before: str = "") -> tuple[str, ...]:
    """The list with our milter: before the one named, else before the first signer, else first.

    A milter of unknown kind may sign too: first is the place where no signature breaks.
    """
    for index, item in enumerate(present):
        if address(item) == before if before else is_signer(item):
            return (*present[:index], ours, *present[index:])
    return (ours, *present)
