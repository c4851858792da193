"""Conditions about encryption: what the sender did already, and what the gateway could not do."""

from dataclasses import dataclass
from typing import ClassVar, Self

from gateway.policy.conditions.base import Condition, Seen, Situation
from gateway.policy.kinds import Flag
from gateway.policy.settings import Form, Known, Readings, Setting


@dataclass(frozen=True, slots=True)
class Encrypted(Condition):
    """The sender encrypted the whole message already (S/MIME, PGP/MIME), as its structure shows."""

    word: ClassVar[str] = "encrypted"
    form: ClassVar[Form] = Form("encrypted", (Setting("is", Flag(), required=True),), shorthand="is")
    wanted: bool = True

    @classmethod
    def build(cls, readings: Readings, known: Known) -> Self:
        return cls(readings["is"].value)

    @property
    def english(self) -> str:
        return f"the sender {'encrypted' if self.wanted else 'did not encrypt'} the message"

    def evaluate(self, situation: Situation) -> Seen:
        encrypted = situation.facts.encrypted
        return Seen(encrypted is self.wanted, "encrypted by the sender" if encrypted else "not encrypted by the sender")


@dataclass(frozen=True, slots=True)
class Unprotected(Condition):
    """A rule in force asks for encryption, and there is none that this recipient could read.

    Asked when all other rules have been judged. A rule with it cannot ask for encryption itself, and cannot ask for
    the contrary: so that one rule more never makes an outcome milder.
    """

    word: ClassVar[str] = "unprotected"
    form: ClassVar[Form] = Form("unprotected")
    per_recipient: ClassVar[bool] = True
    after_encryption: ClassVar[bool] = True

    @property
    def english(self) -> str:
        return "encryption is asked for and cannot be had"

    def evaluate(self, situation: Situation) -> Seen:
        held = situation.unprotected
        return Seen(held, "no method that this recipient can read" if held else "encrypted, or not asked for")
