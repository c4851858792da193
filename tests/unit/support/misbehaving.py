"""A condition that does to its worker what a hostile message might: the subject says what."""

import os
import signal
import time
from dataclasses import dataclass
from typing import ClassVar

from gateway.policy.conditions.base import Condition, Seen, Situation


@dataclass(frozen=True, slots=True)
class Misbehave(Condition):
    """Does what the subject says."""

    word: ClassVar[str] = "misbehave"

    @property
    def english(self) -> str:
        return "misbehaves"

    def evaluate(self, situation: Situation) -> Seen:
        verb, _, argument = situation.facts.subject.partition(" ")
        match verb:
            case "sleep":
                time.sleep(float(argument))
            case "kill":
                os.kill(os.getpid(), getattr(signal, argument))
                time.sleep(30)
            case "exit":
                os._exit(int(argument))
            case "raise":
                raise RuntimeError("text that must not be shown")
            case "swell":
                bytearray(int(argument) << 20)
            case "spin":
                while True:
                    pass
        return Seen(held=verb == "hold", words="")
