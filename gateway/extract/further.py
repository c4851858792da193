"""Other readings of segments, as segments of their own."""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.core.message import Segment, View
from gateway.extract.inner import readings_of, says_more
from gateway.extract.inner.pieces import compose

_APART = "\n\0\n"  # no encoded stretch goes on behind it
# Characters that other readings may have, for each of the message and beyond that.
_MOST_TIMES, _MOST_BEYOND = 16, 300_000


@dataclass(slots=True)
class Room:
    """What is left for the other readings of one message, in characters.

    Readings have readings: without this a page of some kilobytes could have thousands of them, all of its own size.
    """

    left: int = _MOST_BEYOND

    def grow(self, size: int) -> None:
        """So much more of the message itself is read."""
        self.left += _MOST_TIMES * size


@dataclass(frozen=True, slots=True)
class Further:
    """`files`: octets that stand encoded in the text. `cut`: there was more than the limits allow.

    `plain`: one look said that there is nothing, and that the text encloses nothing either.
    """

    segments: tuple[Segment, ...] = ()
    files: tuple[bytes, ...] = ()
    cut: bool = False
    plain: bool = False


NOTHING = Further()


def further(segments: Iterable[Segment], room: Room, octets: bytes | None = None) -> Further:
    """What these segments say when their text is read in another way, as far as there is room for it.

    `octets`: what the one segment says, as octets of ASCII.
    """
    segments = tuple(segments)
    if not segments:
        return NOTHING
    if len(segments) > 1 and not says_more(_APART.join(segment.text for segment in segments)):
        return NOTHING
    found: list[Segment] = []
    files: dict[bytes, None] = {}
    seen: set[str] = set()
    cut, plain = False, True
    for segment in segments:
        if room.left <= 0 and says_more(segment.text):
            cut, plain = True, False
            break
        inner = readings_of(segment.text, octets)
        cut = cut or inner.cut
        plain = plain and inner.plain
        files.update(dict.fromkeys(inner.files))
        for reading in inner.readings:
            if reading.text not in seen:
                seen.add(reading.text)
                room.left -= len(reading.text)
                runs = compose(segment.runs, reading.runs)
                found.append(
                    Segment(
                        segment.part_path,
                        segment.place,
                        reading.text,
                        View.ALL,
                        segment.header,
                        runs,
                        segment.editable,
                    )
                )
    return Further(tuple(found), tuple(files), cut, plain)
