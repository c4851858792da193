"""Messages compared under two rule sets in a worker, several at a time."""

import pytest

from gateway.core.envelope import Envelope, Recipient
from gateway.replay import ask
from gateway.workers.comparing import Kept
from gateway.workers.pool import Workers
from tests.makers.misbehaved import transaction
from tests.unit.workers.conftest import Start


def kept(subject: str, body: bytes = b"") -> Kept:
    return Kept("r", transaction(subject, body).raw, Envelope("a@clinic.example", (Recipient("b@x.example"),)))


def dispositions(workers: Workers, *batch: Kept) -> list[tuple[str, str] | None]:
    """Under the old rules and under the new, of each message."""
    return [told and (told[0][0][1][0], told[0][0][2][0]) for told in ask(workers, batch)]


def test_messages_are_compared_several_at_a_time(start: Start) -> None:
    """Each by both rule sets, in order; a large one that comes by itself travels as a file."""
    workers = start(compares=True)
    large = kept("hold", b"x" * 100_000)

    assert dispositions(workers, kept("fine"), kept("hold"), large) == [
        ("deliver", "deliver"),
        ("quarantine", "deliver"),
        ("quarantine", "deliver"),
    ]
    assert dispositions(workers, large) == [("quarantine", "deliver")]


@pytest.mark.parametrize("subject", ["kill SIGSEGV", "exit 3", "sleep 60", "raise", "swell 4000"])
def test_a_message_that_costs_its_worker_costs_the_others_beside_it_nothing(start: Start, subject: str) -> None:
    """Both rule sets decide about it as about an inspection that did not finish."""
    workers = start(compares=True, deadline=3.0)

    assert dispositions(workers, kept("hold"), kept(subject), kept("fine")) == [
        ("quarantine", "deliver"),
        ("deliver", "block"),
        ("deliver", "deliver"),
    ]
    assert [told and told[4] for told in ask(workers, [kept(subject), kept("fine")])] == [True, False]


def test_a_message_whose_worker_is_killed_from_outside_is_left_for_another_time(start: Start) -> None:
    """That says nothing about it."""
    workers = start(compares=True)

    assert dispositions(workers, kept("hold"), kept("kill SIGKILL")) == [("quarantine", "deliver"), None]
