"""What a condition is: a small frozen class with its form, its plain English and its answer."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar, Self

from gateway.core.facts import Facts
from gateway.core.finding import Finding
from gateway.core.verdict import Action
from gateway.policy.settings import Form, Known, Notes, Readings, values_of

_SHOWN = 3
Names = tuple[frozenset[str], frozenset[str]]  # entities, groups


@dataclass(frozen=True, slots=True)
class Situation:
    """What a condition may look at. `recipient` is "" for conditions about the message.

    `previous`: the findings that the `finds` before this one, in the same list, counted; None where there is none.
    `unprotected`: encryption was asked for, and there is none that this recipient could read.
    """

    facts: Facts
    recipient: str = ""
    previous: tuple[Finding, ...] | None = field(default=None, repr=False)
    unprotected: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer, and what it rests on in counts and words, never content. `findings`: those that `finds` counted."""

    held: bool
    words: str
    findings: tuple[Finding, ...] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Condition(ABC):
    """One thing that a rule asks about a message, or about a message and a recipient (`per_recipient`).

    `after_encryption`: it asks what became of encryption. `counts`: its answer has the findings that it counted;
    `goes_on`: it measures from those of the one before it. `of_detection`: it asks what was found, or what
    failed; other answers stay as they are whatever detectors say. `of_content`: it asks what the message says or holds,
    not who sends it and who gets it.
    """

    word: ClassVar[str]
    form: ClassVar[Form]
    per_recipient: ClassVar[bool] = False
    after_encryption: ClassVar[bool] = False
    counts: ClassVar[bool] = False
    of_detection: ClassVar[bool] = False
    of_content: ClassVar[bool] = False

    @classmethod
    def examine(cls, readings: Readings, known: Known, notes: Notes) -> None:
        """The meaning pass: names that must exist, settings that must fit together."""
        cls.form.check(readings, known, notes)

    @classmethod
    def build(cls, readings: Readings, known: Known) -> Self:
        """From settings that passed every check."""
        return cls(**values_of(readings))

    @property
    def goes_on(self) -> bool:
        return False

    @property
    def needs(self) -> Names | None:
        """Without a value of one of these it does not hold; None where nothing is known of that kind."""
        return None

    @property
    def actions(self) -> tuple[Action, ...]:
        """What follows from it, whatever else the rule does."""
        return ()

    @property
    @abstractmethod
    def english(self) -> str:
        """As a clause of an English sentence."""

    @abstractmethod
    def evaluate(self, situation: Situation) -> Seen:
        """Whether it holds. Never raises."""


def one_of(words: tuple[str, ...]) -> str:
    """ "a, b or c"; of many, the first three and how many more."""
    if len(words) > _SHOWN + 1:
        return f"{', '.join(words[:_SHOWN])} or {len(words) - _SHOWN} more"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def count_of(number: int, singular: str, plural: str = "") -> str:
    """ "1 finding", "2 findings"."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"
