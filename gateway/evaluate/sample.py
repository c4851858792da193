"""What is measured: a message, and what ought to be found in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.core.message import Span


@dataclass(frozen=True, slots=True)
class Expected:
    """One labelled value of a kind (kinds.py).

    It stands at `span` of the sample's text; or, where only the value is known, wherever one of `values` stands in
    what was read of the message; or, with neither, anywhere. `optional`: finding it is neither asked for nor wrong.
    """

    kind: str
    span: Span | None = None
    values: tuple[str, ...] = field(repr=False, default=())
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """One message. `text` is the text that its one body was made of; "" for a message that is given whole.

    `protected` says whether a rule ought to act on it; None: nobody said. `kinds`: where it labels others than its
    corpus does.
    """

    id: str
    raw: bytes = field(repr=False)
    text: str = field(repr=False, default="")
    expected: tuple[Expected, ...] = ()
    protected: bool | None = None
    kinds: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Corpus:
    """Samples of one source. `kinds` are those that are labelled wherever they occur; others are not judged."""

    name: str
    form: str
    kinds: frozenset[str]
    samples: tuple[Sample, ...] = field(repr=False)

    def __iter__(self) -> Iterator[Sample]:
        return iter(self.samples)


_HEAD = b"MIME-Version: 1.0\r\nContent-Type: %s; charset=utf-8%s\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"


def message_of(text: str, content_type: str = "text/plain", filename: str = "") -> bytes:
    """A message whose only part is this text, as Postfix would give it. Line ends become CRLF."""
    disposition = f'\r\nContent-Disposition: attachment; filename="{filename}"' if filename else ""
    octets = text.encode("utf-8", "replace")
    return _HEAD % (content_type.encode(), disposition.encode()) + with_crlf(octets)


def with_crlf(octets: bytes) -> bytes:
    """Every LF that has no CR before it gets one."""
    return octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
