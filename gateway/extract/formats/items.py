"""What a reader of a file format yields, one by one, so that what came before a fault is kept."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from gateway.core.message import OpaqueReason, View
from gateway.extract.budget import Budget


@dataclass(frozen=True, slots=True)
class Text:
    """Text in the file. Digits and letters that a reader sees side by side stand side by side in it."""

    text: str = field(repr=False)
    view: View = View.VISIBLE


@dataclass(frozen=True, slots=True)
class Inner:
    """A file inside the file. `content_type` is a hint where the outer format knows it, never the truth."""

    octets: bytes = field(repr=False)
    name: str = field(repr=False, default="")
    content_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Mail:
    """A whole message inside the file."""

    octets: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class File:
    """What a reader gets. `name` is only ever read as text."""

    octets: bytes = field(repr=False)
    name: str = field(repr=False, default="")
    inside: str = ""  # the format of the file around it, "" in a message


Item = Text | Inner | Mail | OpaqueReason
Reading = Iterator[Item]


@dataclass(frozen=True, slots=True)
class Format:
    """One file format.

    `fits` looks at the octets alone. `read` may raise Unreadable, or whatever its library raises: a damaged file.
    """

    name: str
    fits: Callable[[bytes], bool]
    read: Callable[[File, Budget], Reading]
