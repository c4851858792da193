"""Real workers that misbehave as the subject of a message says."""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from gateway.actions import Notices
from gateway.core.limits import Limits
from gateway.core.verdict import Action, Verb
from gateway.policy import Organization, Policy, Rule, Status
from gateway.policy.conditions.trouble import Failure
from gateway.policy.model import When
from gateway.ruleset import RuleSet
from gateway.workers.comparing import Comparing, Naming
from gateway.workers.nursery import Setup
from gateway.workers.pool import Pace, Workers

SUPPORT = Path(__file__).parent / "support"
FAILED = Rule(
    "failed", "test", "Failed", Status.ENFORCE, "low", "o@clinic.example", When(all=(Failure(("any",)),)),
    (Action(Verb.BLOCK),),
)  # fmt: skip
Start = Callable[..., Workers]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts workers whose policy holds what has the subject "hold", and misbehaves as other subjects say."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(SUPPORT), *sys.path]))
    monkeypatch.syspath_prepend(str(SUPPORT))
    when = When(all=(import_module("misbehaving").Misbehave(),))
    held = (Action(Verb.QUARANTINE),)
    rule = Rule("hold", "test", "Held", Status.ENFORCE, "low", "o@clinic.example", when, held)
    ruleset = RuleSet(Policy(Organization("Clinic", ("clinic.example",)), (rule,)), ())
    milder = replace(rule, then=(Action(Verb.TAG, {"text": "[held]"}),))
    other = RuleSet(Policy(Organization("Clinic", ("clinic.example",)), (milder, FAILED)), ())
    notices = Notices("gatepost@clinic.example", "Clinic", "")
    running: list[Workers] = []

    def begin(*, memory_mib: int = 1024, cpu_seconds: int = 30, compares: bool = False, **pace: Any) -> Workers:
        setup = Setup(ruleset, Limits(), notices, memory_bytes=memory_mib << 20, cpu_seconds=cpu_seconds)
        if compares:
            setup = replace(setup, comparing=Comparing(other, Naming("a@clinic.example")))
        running.append(Workers(setup, Pace(**{"count": 1, "progress": 0.05, **pace})))
        return running[-1]

    yield begin
    for workers in running:
        workers.close()
