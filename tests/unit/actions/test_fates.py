"""Outcomes settled for all recipients of a message."""

from typing import Any

import pytest

from gateway.actions.fates import Fate, fates_of, raised, strictest
from gateway.actions.settle import Settled
from gateway.core.plan import AddHeader
from gateway.core.verdict import Action, Disposition, Outcome, Verb

MARK = Action(Verb.ADD_HEADER, {"name": "X-Mark", "value": "1"})


def fates(case: Any, *outcomes: Outcome) -> tuple[Fate, ...]:
    return fates_of(outcomes, case.message, case.content, case.findings)


def test_same_actions_are_rendered_once(bench: Any) -> None:
    """Equal settings are equal, whatever mapping or order they come in."""
    other = Action(Verb.ADD_HEADER, {"value": "1", "name": "X-Mark"})

    one, two = fates(
        bench(b"\r\nx"),
        Outcome("a@b.test", Disposition.DELIVER, (MARK,)),
        Outcome("c@b.test", Disposition.DELIVER, (other,)),
    )

    assert one.settled is two.settled


@pytest.mark.parametrize("value", [True, 1.0, "one"])
def test_values_that_only_look_alike_are_kept_apart(bench: Any, value: object) -> None:
    """1, 1.0, true and "1" are different settings."""
    other = Action(Verb.ADD_HEADER, {"name": "X-Mark", "value": value})
    one, two = fates(
        bench(b"\r\nx"),
        Outcome("a@b.test", Disposition.DELIVER, (Action(Verb.ADD_HEADER, {"name": "X-Mark", "value": 1}),)),
        Outcome("c@b.test", Disposition.DELIVER, (other,)),
    )

    assert one.settled.edits != two.settled.edits


@pytest.mark.parametrize(
    ("disposition", "entities", "kind"),
    [
        (Disposition.DELIVER, (), "delivered"),
        (Disposition.DELIVER, ("US_SSN",), "redacted"),
        (Disposition.QUARANTINE, (), "held"),
        (Disposition.BLOCK, (), "blocked"),
    ],
)
def test_kind_of_fate_names_the_template(disposition: Disposition, entities: tuple[str, ...], kind: str) -> None:
    """What the notices go by."""
    assert Fate(Outcome("a@b.test", disposition), Settled(disposition, entities=entities)).kind == kind


def test_raising_takes_edits_and_keeps_reasons() -> None:
    """A held copy is the original."""
    settled = Settled(Disposition.DELIVER, (AddHeader("A", "b"),), ("filename",), ("US_SSN",))
    fate = Fate(Outcome("a@b.test", Disposition.DELIVER), settled)

    (found,) = raised((fate,), Disposition.QUARANTINE)

    assert found.settled == Settled(Disposition.QUARANTINE, obstacles=("filename",))


def test_strictest_of_nobody_is_delivery() -> None:
    """A message for nobody is no case for quarantine."""
    assert strictest(()) is Disposition.DELIVER
