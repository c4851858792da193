"""What a nursery reads before its workers do is mail like any other."""

from gateway.core.limits import Limits
from gateway.core.message import Place
from gateway.extract import extract
from gateway.parse import parse
from gateway.workers.rehearsal import TIMES, transactions


def test_a_rehearsal_reads_text_pages_and_tables() -> None:
    """All of it, in one way; what a failure ends early gets nothing ready."""
    for transaction in transactions():
        content = extract(parse(transaction.raw, Limits()), Limits())

        assert not content.opaque
        assert not content.ambiguous
        assert {line.reader for line in content.ledger} >= {"text", "html"}
        assert [segment for segment in content.segments if segment.place is Place.BODY and "Budget" in segment.text]
        assert [segment for segment in content.segments if ";Contract" in segment.text or ";*;0." in segment.text]


def test_no_message_of_a_rehearsal_comes_twice() -> None:
    """One that was seen before would be remembered, and nothing looked for in it."""
    assert len({transaction.raw for transaction in transactions()}) == TIMES
