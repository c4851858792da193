"""Which values an event names: all that a list of two thousand has, in little room."""

import json

from gateway.audit.fingerprints import MOST, WHOLE, carries, is_cut, named

PRINTS = [f"{n:032x}"[::-1] for n in range(1, MOST + 50)]


def test_a_few_values_are_named_whole() -> None:
    """Each once, in order; nothing else stands there."""
    assert named(["b", "a", "b"]) == {"distinct": 2, "fingerprints": ["b", "a"]}


def test_further_values_are_named_by_their_beginnings() -> None:
    """Still found, and not by another value's."""
    fields = named(PRINTS[:500])

    assert all(carries(fields, {each}) for each in PRINTS[:500])
    assert not any(carries(fields, {each}) for each in PRINTS[500:600])
    assert len(json.dumps(fields)) < 500 * 20
    assert not is_cut(fields)


def test_more_than_are_named_are_counted() -> None:
    """A search says that it may have missed some."""
    fields = named(PRINTS)

    assert (fields["distinct"], is_cut(fields)) == (len(PRINTS), True)
    assert not carries(fields, {PRINTS[-1]})


def test_whole_ones_are_not_found_by_their_beginnings() -> None:
    """A search by a shortened fingerprint finds nothing by accident."""
    assert not carries(named(PRINTS[:WHOLE]), {PRINTS[0][:12]})


def test_an_event_of_an_older_log_is_read_too() -> None:
    """Without a count, or with something else in its place."""
    assert carries({"fingerprints": ["f1"]}, {"f1"})
    assert not carries({"fingerprints": "f1", "further": [1]}, {"f1"})
    assert not is_cut({"distinct": "many"})
