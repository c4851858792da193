"""What tags say by their attributes: whether their elements are seen, and what else may be text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.extract.html.events import Kind
from gateway.extract.html.names import QUIET_ATTRIBUTES, TELLING_ATTRIBUTES, hides
from gateway.extract.html.styles import Sheet, is_faint, plain_style

_ATTRIBUTE = re.compile(
    r"""([^ \t\r\n\f/>][^ \t\r\n\f/=>]*+)"""
    r"""(?>(?:[ \t\r\n\f]*+=[ \t\r\n\f]*+(?:"([^"]*+)"|'([^']*+)'|([^ \t\r\n\f>]++)))?)"""
)
_LONG_NUMBER = re.compile(r"[0-9](?:[ ._-]?[0-9]){8}")
_MOST_ATTRIBUTES = 2_000  # of one tag


@dataclass(frozen=True, slots=True)
class Look:
    """What the attributes of a tag say: `extras` are stretches of them that may be text, by their places in them."""

    hides: bool
    faint: bool
    extras: tuple[tuple[int, int], ...]


class Looks:
    """The looks of the tags of a page, which has most of them many times."""

    __slots__ = ("_known", "_sheet", "plain")

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self.plain: dict[str, tuple[Kind | None, int]] = {}  # what a tag leaves that opens nothing, and where in it
        self._known: dict[str, Look] = {}

    def of(self, attributes: str) -> Look:
        """The look of a tag with these attributes."""
        look = self._known.get(attributes)
        if look is None:
            look = self._known[attributes] = _look(attributes)
        return look

    def makes_faint(self, element: str, attributes: str) -> bool:
        """By the style sheet of the page."""
        return self._sheet.hides(element, attributes)

    def makes_faint_within(self, element: str, attributes: str) -> bool:
        """Likewise, the elements in this one."""
        return self._sheet.empties(element, attributes)


def _look(attributes: str) -> Look:
    plain = plain_style(attributes)
    return Look(
        hides(attributes) or hides(plain),
        is_faint(attributes) or is_faint(plain),
        tuple(_extras(attributes)),
    )


def _extras(attributes: str) -> Iterator[tuple[int, int]]:
    """The values of attributes that may carry text."""
    for number, attribute in enumerate(_ATTRIBUTE.finditer(attributes)):
        if number > _MOST_ATTRIBUTES:  # the rest as it stands
            yield attribute.start(), len(attributes)
            return
        name = attribute[1].lower()
        if name not in QUIET_ATTRIBUTES or _LONG_NUMBER.search(attribute[0]) or "data:" in attribute[0].lower():
            group = (attribute.lastindex or 0) if name in TELLING_ATTRIBUTES else 0
            yield attribute.span(group)


PLAIN = Look(hides=False, faint=False, extras=())
