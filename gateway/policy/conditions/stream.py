"""The condition about the kind of mail: to many, by a machine, or from one person to another."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Self

from gateway.core.facts import Facts
from gateway.policy.conditions.base import Condition, Seen, Situation
from gateway.policy.kinds import Choice
from gateway.policy.organization import Organization
from gateway.policy.settings import Form, Known, Readings, Setting

MARKETING, TRANSACTIONAL, PERSONAL = "marketing", "transactional", "personal"
_BULK_FIELDS = frozenset({"list-unsubscribe", "list-unsubscribe-post", "list-id", "feedback-id", "x-campaign-id"})
_BULK = frozenset({"bulk", "list", "junk"})


@dataclass(frozen=True, slots=True)
class Stream(Condition):
    """The kind of mail.

    A sender on one of the lists of `streams` in policy.yaml decides. Otherwise mail with the fields of bulk mail
    (List-Unsubscribe, List-Id, Feedback-ID, Precedence: bulk) is marketing, but for discussion lists (List-Post, RFC
    2369); mail that a program made (Auto-Submitted, RFC 3834) is transactional; all other is personal.
    """

    word: ClassVar[str] = "stream"
    form: ClassVar[Form] = Form(
        "stream",
        (Setting("is", Choice((MARKETING, TRANSACTIONAL, PERSONAL), "a kind of mail"), required=True),),
        shorthand="is",
    )
    wanted: str
    organization: Organization

    @classmethod
    def build(cls, readings: Readings, known: Known) -> Self:
        return cls(readings["is"].value, known.organization)

    @property
    def english(self) -> str:
        return f"the message is {self.wanted}"

    def evaluate(self, situation: Situation) -> Seen:
        stream, why = _stream_of(situation.facts, self.organization)
        return Seen(stream == self.wanted, f"{stream}, {why}")


def _stream_of(facts: Facts, organization: Organization) -> tuple[str, str]:
    """Which, and what says so."""
    if organization.marketing.covers(facts.sender, facts.day):
        return MARKETING, "by its sender"
    if organization.transactional.covers(facts.sender, facts.day):
        return TRANSACTIONAL, "by its sender"
    names = {name for name, _ in facts.headers}
    if "list-post" in names and not _has(facts, "list-post", {"no"}):
        return PERSONAL, "on a discussion list"
    if names & _BULK_FIELDS or _has(facts, "precedence", _BULK):
        return MARKETING, "by its header"
    if "auto-submitted" in names and not _has(facts, "auto-submitted", {"no"}):
        return TRANSACTIONAL, "by its header"
    return PERSONAL, "nothing says otherwise"


def _has(facts: Facts, name: str, words: Iterable[str]) -> bool:
    """Whether a field of that name begins with one of the words."""
    values = (
        value.partition(";")[0].partition("(")[0].strip().lower() for field, value in facts.headers if field == name
    )
    return any(value in words for value in values)
