"""gateway.workers.handing"""

from datetime import UTC, datetime

import pytest

from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.verdict import Means, Method
from gateway.workers.handing import dumps_transaction, loads_transaction

SESSION = Session("submission", "192.0.2.7", "client.example", "ada")
ENVELOPE = Envelope(
    "ada@clinic.example", (Recipient("bo@x.example", ("NOTIFY=NEVER",)), Recipient("cy@x.example")), ("BODY=8BITMIME",)
)
MEANS = {"bo@x.example": (Means(Method.SMIME, "gcm"),)}


@pytest.mark.parametrize("means", [{}, MEANS], ids=["no keys", "keys"])
def test_a_transaction_arrives_as_it_was_sent(means: dict[str, tuple[Means, ...]]) -> None:
    """All of it, with the bytes of the spool in place of its own."""
    sent = Transaction(SESSION, ENVELOPE, b"", "4F1", "20261126-a", datetime(2026, 11, 26, tzinfo=UTC), means)

    got = loads_transaction(dumps_transaction(sent, b"Subject: x\r\n\r\n"))

    assert got == Transaction(
        SESSION, ENVELOPE, b"Subject: x\r\n\r\n", "4F1", "20261126-a", datetime(2026, 11, 26, tzinfo=UTC), means
    )


def test_bytes_that_came_beside_take_the_place_of_none() -> None:
    """A large body travels as a descriptor."""
    sent = Transaction(SESSION, ENVELOPE, b"")

    assert loads_transaction(dumps_transaction(sent, b""), b"large").raw == b"large"
