"""gateway.desk.agreeing"""

from datetime import UTC, datetime

import pytest

from gateway.desk.agreeing import is_own
from gateway.desk.rights import Caller
from gateway.people import Role
from gateway.quarantine import Item
from gateway.quarantine.items import State


def item(mail_from: str) -> Item:
    when = datetime(2026, 3, 4, tzinfo=UTC)
    return Item("i", "i", when, State.HELD, mail_from, (), 1, "", "", (), (), (), "", None, None, "", "")


@pytest.mark.parametrize(
    ("mail_from", "own"),
    [
        ("ann@clinic.example", True),
        ("Ann+home@Clinic.example", True),
        ("ann+@clinic.example", True),
        ("anna@clinic.example", False),
        ("ann@other.example", False),
        ("+ann@clinic.example", False),
        ("", False),
    ],
)
def test_mail_of_the_own_mailbox_is_own_however_it_is_written(mail_from: str, own: bool) -> None:
    """Who has ann@ sends as ann+anything@ as well, and would release it."""
    assert is_own(item(mail_from), Caller("ann", Role.REVIEWER, "ann@clinic.example")) is own
