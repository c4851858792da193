"""Conditions about attachments and size."""

from dataclasses import dataclass
from typing import ClassVar, Self

from gateway.core.facts import Attachment as Attached
from gateway.core.facts import Facts, is_locked
from gateway.policy.conditions.base import Condition, Seen, Situation, count_of, one_of
from gateway.policy.kinds import ContentType, Flag, Size, Text, Whole
from gateway.policy.settings import Form, Known, Many, Readings, Setting, values_of
from gateway.policy.text import Regex, glob_regex

_STEPS = (("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024))


def size_text(size: int) -> str:
    """Bytes in the largest unit that divides them."""
    for unit, step in _STEPS:
        if size >= step and size % step == 0:
            return f"{size // step} {unit}"
    return f"{size} bytes"


@dataclass(frozen=True, slots=True)
class Globs:
    """Names with wildcards; upper and lower case are the same."""

    written: tuple[str, ...] = ()
    regexes: tuple[Regex, ...] = ()

    def fit(self, text: str) -> bool:
        """Whether one of them fits the whole text; also where there are none."""
        return not self.regexes or any(regex.occurs_in(text) for regex in self.regexes)


def globs(written: tuple[str, ...]) -> Globs:
    return Globs(written, tuple(glob_regex(glob) for glob in written))


@dataclass(frozen=True, slots=True)
class Attachment(Condition):
    """Attachments by name and type, encrypted or not, and how many of them.

    The type is what the content is, as far as that can be told, not what the sender's program calls it. Encrypted is
    one that is locked with a password or a key, or has something inside that is.
    """

    word: ClassVar[str] = "attachment"
    of_content: ClassVar[bool] = True
    form: ClassVar[Form] = Form(
        "attachment",
        (
            Setting("name", Many(Text())),
            Setting("type", Many(ContentType())),
            Setting("encrypted", Flag()),
            Setting("min-count", Whole()),
        ),
    )
    name: Globs = Globs()
    type: Globs = Globs()
    encrypted: bool | None = None
    min_count: int = 1

    @classmethod
    def build(cls, readings: Readings, known: Known) -> Self:
        values = values_of(readings)
        names, types = globs(values.get("name", ())), globs(values.get("type", ()))
        return cls(names, types, values.get("encrypted"), values.get("min_count", 1))

    @property
    def english(self) -> str:
        named = f" named {one_of(self.name.written)}" if self.name.written else ""
        typed = f" of type {one_of(self.type.written)}" if self.type.written else ""
        locked = {None: "", True: "encrypted ", False: "unencrypted "}[self.encrypted]
        one = f"an {locked}attachment"
        number = one if self.min_count == 1 else f"at least {self.min_count} {locked}attachments"
        return f"there {'is' if self.min_count == 1 else 'are'} {number}{named}{typed}"

    def evaluate(self, situation: Situation) -> Seen:
        facts = situation.facts
        attached = [part for part in facts.attachments if not part.is_inline]
        number = sum(1 for part in attached if self._fits(part, facts))
        return Seen(number >= self.min_count, f"{number} of {count_of(len(attached), 'attachment')}")

    def _fits(self, part: Attached, facts: Facts) -> bool:
        if not (self.name.fit(part.filename) and self.type.fit(part.content_type)):
            return False
        return self.encrypted is None or is_locked(part.part_path, facts.opaque) is self.encrypted


@dataclass(frozen=True, slots=True)
class MessageSize(Condition):
    """The size of the whole message, as transferred."""

    word: ClassVar[str] = "size"
    form: ClassVar[Form] = Form("size", (Setting("over", Size(), required=True),), shorthand="over")
    over: int

    @property
    def english(self) -> str:
        return f"the message is larger than {size_text(self.over)}"

    def evaluate(self, situation: Situation) -> Seen:
        size = situation.facts.size
        return Seen(size > self.over, f"{-(-size // 1024)} KiB")
