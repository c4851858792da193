"""What a plan says of wishes that could not be met."""

from typing import Any

from gateway.core.plan import Hindrance
from gateway.core.verdict import Action, Disposition, Outcome, Verb

SSN = "219-09-9999"
ANN, BOB, CAT = (f"{name}@partner.example" for name in ("ann", "bob", "cat"))
REDACT = Action(Verb.REDACT, {"entities": ("US_SSN",), "style": "label"})


def deliver(who: str, *actions: Action) -> Outcome:
    return Outcome(who, Disposition.DELIVER, actions, ("tagging",))


def test_a_plan_says_for_whom_what_could_not_be_done_and_why(bench: Any) -> None:
    """A value in an attachment: its kind, its part and the obstacle. No way to encrypt: the obstacle alone."""
    case = bench(f"Content-Disposition: attachment\r\n\r\nSSN {SSN}\r\n".encode())
    case.find(SSN)

    plan = case.plan(deliver(ANN, REDACT), deliver(BOB), deliver(CAT, Action(Verb.ENCRYPT)), mixed="split")

    assert plan.hindrances == (Hindrance(ANN, "attachment", "US_SSN", "1"), Hindrance(CAT, "encryption"))


def test_a_plan_that_is_what_the_policy_asked_has_no_hindrances(bench: Any) -> None:
    """A value that can be taken out is none."""
    case = bench(f"Subject: results\r\n\r\nSSN {SSN}\r\n".encode())
    case.find(SSN)

    assert (
        case.plan(
            deliver(ANN, REDACT), Outcome(BOB, Disposition.QUARANTINE, (REDACT,), ("phi-out",)), mixed="split"
        ).hindrances
        == ()
    )
