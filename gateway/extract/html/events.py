"""What a page is read as: stretches of its source in order, each of a kind, and who sees it."""

from enum import IntEnum


class Kind(IntEnum):
    """What an event leaves in a text."""

    TEXT = 0
    ENTITY = 1
    KEPT = 2  # preformatted
    LINE = 3
    CELL = 4
    EXTRA = 5  # an attribute, a comment: never shown


# Members of an enumeration cost a look-up each time.
TEXT, ENTITY, KEPT, LINE, CELL, EXTRA = Kind


class Seen(IntEnum):
    """Which views an event belongs to."""

    ALWAYS = 0
    HIDDEN = 1  # not in the visible view
    LITERAL = 2  # in the visible view alone; others read it as mark-up
    FAINT = 3  # too small, pale or far away to be read, as far as styles say


ALWAYS, HIDDEN, LITERAL, FAINT = Seen

Event = tuple[Kind, int, int, Seen]  # kind, source start, source end
WORDS = frozenset({TEXT, ENTITY, KEPT})
BREAKS = frozenset({LINE, CELL})
