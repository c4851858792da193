"""What extracting makes of a file that is attached to a message."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.core.message import Content, Place, View


@dataclass(frozen=True)
class Found:
    """What extracting made of a file."""

    content: Content

    @property
    def visible(self) -> str:
        return self._text(View.VISIBLE)

    @property
    def text(self) -> str:
        return self._text(*View)

    @property
    def names(self) -> Sequence[str]:
        names = [segment.text for segment in self.content.segments if segment.place is Place.FILENAME]
        return [name for text in names for name in text.split("\n")]

    @property
    def reasons(self) -> Sequence[str]:
        return [opaque.reason.value for opaque in self.content.opaque]

    @property
    def readers(self) -> set[str]:
        return {line.reader for line in self.content.ledger}

    def _text(self, *views: View) -> str:
        segments = self.content.segments
        return "\n".join(one.text for one in segments if one.place is Place.ATTACHMENT and one.view in views)


Attached = Callable[..., Found]
