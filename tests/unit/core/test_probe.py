"""gateway.core.probe"""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.core.probe import ProbeMark

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MARK = ProbeMark(b"k" * 32)


def test_a_mark_is_known_by_its_key() -> None:
    """And by nobody else's; the local part keeps to RFC 5321's 64 octets."""
    sender = MARK.sender(NOW, "mail.clinic.example")

    assert MARK.is_on(sender, NOW)
    assert not ProbeMark(b"x" * 32).is_on(sender, NOW)
    assert len(sender.split("@")[0]) <= 64


@pytest.mark.parametrize(("minutes", "good"), [(-9, True), (9, True), (11, False), (-11, False)])
def test_a_mark_lasts_ten_minutes(minutes: int, good: bool) -> None:
    """A copy of an old one is an ordinary address."""
    assert MARK.is_on(MARK.sender(NOW, "a.example"), NOW + timedelta(minutes=minutes)) is good


@pytest.mark.parametrize(
    "sender", ["", "gatepost-probe@a.example", "gatepost-probe.0000000000.@a.example", "ada@a.example"]
)
def test_other_addresses_are_no_probe(sender: str) -> None:
    """However alike."""
    assert not MARK.is_on(sender, NOW)


def test_a_changed_time_is_no_probe() -> None:
    """The code covers it."""
    assert not MARK.is_on(
        MARK.sender(NOW, "a.example").replace(f"{int(NOW.timestamp())}", f"{int(NOW.timestamp()) + 1}"), NOW
    )
