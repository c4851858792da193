"""gateway.desk.evidence: what the log says to people."""

from datetime import UTC, datetime

import pytest

from gateway.audit.events import log_recovered
from gateway.audit.index import Entry
from gateway.desk.evidence import told


@pytest.mark.parametrize(
    ("octets", "unsigned", "said"),
    [
        (0, 2, "nobody had signed the 2 before this one"),
        (40, 0, "40 bytes of an unfinished line were moved aside"),
        (40, 2, "moved aside and nobody had signed"),
    ],
)
def test_a_log_that_went_on_behind_a_torn_end_says_what_was_there(octets: int, unsigned: int, said: str) -> None:
    """In the list of events it was two words, and whether anybody had a hand in it was in the raw event alone."""
    event = {**log_recovered(1, octets, unsigned), "seq": 9, "time": 0}
    entry = Entry(9, datetime.fromtimestamp(0, UTC), "log-recovered", "", "", 3, "audit-000001.jsonl", event)

    assert said in told(entry).what
