"""Conditions about the subject and other header fields of the message."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from gateway.core.verdict import Action, Verb
from gateway.policy.conditions.base import Condition, Seen, Situation, count_of, one_of
from gateway.policy.kinds import Flag, HeaderName, Line, Pattern, Text, may_change
from gateway.policy.settings import Form, Known, Many, Readings, Setting, values_of
from gateway.policy.text import Regex, mark_in

_TESTS = (
    Setting("contains", Many(Text())),
    Setting("matches", Many(Pattern())),
    Setting("present", Flag()),
)
_TEST_NAMES = tuple(setting.name for setting in _TESTS)


@dataclass(frozen=True, slots=True)
class TextTest:
    """What a text is asked: to contain words, to match patterns, or to be there (`present`)."""

    contains: tuple[str, ...] = ()
    matches: tuple[Regex, ...] = ()
    present: bool | None = None

    @property
    def english(self) -> str:
        if self.present is not None:
            return "is present" if self.present else "is missing"
        if self.contains:
            return f"contains {one_of(tuple(repr(word) for word in self.contains))}"
        return f"matches the pattern {one_of(tuple(regex.source for regex in self.matches))}"

    def holds(self, texts: Sequence[str]) -> bool:
        if self.present is not None:
            return bool(texts) is self.present
        if self.contains:
            folded = [text.casefold() for text in texts]
            return any(word.casefold() in text for word in self.contains for text in folded)
        return any(regex.occurs_in(text) for regex in self.matches for text in texts)


def text_test(readings: Readings) -> TextTest:
    values = values_of(readings)
    matches = tuple(Regex(source) for source in values.get("matches", ()))
    return TextTest(values.get("contains", ()), matches, values.get("present"))


def _fields(situation: Situation, name: str) -> list[str]:
    wanted = name.lower()
    return [value for field, value in situation.facts.headers if field == wanted]


@dataclass(frozen=True, slots=True)
class Subject(Condition):
    """What the subject says. Every Subject field counts, should there be several."""

    word: ClassVar[str] = "subject"
    of_content: ClassVar[bool] = True
    form: ClassVar[Form] = Form("subject", _TESTS, one_of=_TEST_NAMES)
    test: TextTest

    @classmethod
    def build(cls, readings: Readings, known: Known) -> Self:
        return cls(text_test(readings))

    @property
    def english(self) -> str:
        return f"the subject {self.test.english}"

    def evaluate(self, situation: Situation) -> Seen:
        texts = _fields(situation, "subject")
        held = self.test.holds(texts)
        return Seen(held, "the subject does" if held else "the subject does not" if texts else "there is no subject")


@dataclass(frozen=True, slots=True)
class Header(Condition):
    """What a header field of the message says; any field of that name."""

    word: ClassVar[str] = "header"
    of_content: ClassVar[bool] = True
    form: ClassVar[Form] = Form("header", (Setting("name", HeaderName(), required=True), *_TESTS), one_of=_TEST_NAMES)
    name: str
    test: TextTest

    @classmethod
    def build(cls, readings: Readings, known: Known) -> Self:
        return cls(readings["name"].value, text_test(readings))

    @property
    def english(self) -> str:
        return f"the header field {self.name} {self.test.english}"

    def evaluate(self, situation: Situation) -> Seen:
        texts = _fields(situation, self.name)
        held = self.test.holds(texts)
        return Seen(held, f"{count_of(len(texts), 'such field')}{'' if held or not texts else ', none that fits'}")


@dataclass(frozen=True, slots=True)
class Mark(Condition):
    """What a sender writes to ask for something: a word in brackets in the subject, or a header field.

    In the subject it stands at the beginning (behind Re: and the like) or at the end; capital letters do not matter.
    It is taken out on the way, for the recipients for whom the rule is in force, unless `keep` says otherwise.
    """

    word: ClassVar[str] = "mark"
    of_content: ClassVar[bool] = True
    form: ClassVar[Form] = Form(
        "mark",
        (Setting("text", Line()), Setting("header", HeaderName(may_change)), Setting("keep", Flag())),
        shorthand="text",
        one_of=("text", "header"),
    )
    text: str = ""
    header: str = ""
    keep: bool = False

    @property
    def english(self) -> str:
        asked = f"wrote {self.text} in the subject" if self.text else f"set the header field {self.header}"
        return f"the sender {asked}"

    @property
    def actions(self) -> tuple[Action, ...]:
        if self.keep:
            return ()
        return (Action(Verb.REMOVE_MARK, {"text": self.text} if self.text else {"header": self.header}),)

    def evaluate(self, situation: Situation) -> Seen:
        if self.header:
            held = bool(_fields(situation, self.header))
        else:
            held = any(mark_in(subject, self.text) is not None for subject in _fields(situation, "subject"))
        return Seen(held, "the mark is there" if held else "no such mark")
