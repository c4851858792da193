"""Killed, or failed by the system, at some of the calls of every action; `make faults` goes through all of them."""

from itertools import islice

import pytest

from tests.makers.faults.cases import CASES, Case, case
from tests.makers.faults.records import Point
from tests.makers.faults.sweep import Lab

SAMPLE = 2  # of each case
BLACKOUTS = ("quarantine", "fan-out", "rotate", "start")


def spread(points: list[Point], count: int, shift: int) -> list[Point]:
    """So many of them from beginning to end, other ones for each shift."""
    step = max(1, len(points) // count)
    return points[shift % step :: step][:count]


@pytest.mark.parametrize("name", [case.name for case in CASES])
def test_killed_or_failed_at_any_call_nothing_is_lost_leaked_or_repeated(lab: Lab, name: str) -> None:
    """Hurt, started again, and the client comes again: the ledger outside finds each recipient with what is theirs."""
    tried: Case = case(name)
    kills, errors = lab.points(tried)
    shift = CASES.index(tried) * 7
    points = [*spread(kills, SAMPLE, shift), *spread(errors, SAMPLE, shift)]

    assert [f"{point}: {problem}" for point in points for problem in lab.run(tried, point).problems] == []


@pytest.mark.parametrize("name", BLACKOUTS)
def test_what_was_answered_outlives_the_power(lab: Lab, name: str) -> None:
    """A disk that holds what was synced, and some of the rest: what the client was told is true."""
    images = islice(lab.blackouts(case(name), ("none", "some"), every=29), 8)

    assert [f"{where}: {problem}" for where, result in images for problem in result.problems] == []


def test_the_ledger_sees_a_loss_a_leak_and_a_repetition(lab: Lab) -> None:
    """A ledger that finds nothing wrong anywhere would prove nothing."""
    tried = case("encrypt")
    result = lab.run(tried)
    assert result.problems == []

    lab.relay.taken.append(lab.relay.taken[0])
    assert any("too many" in problem for problem in lab.problems_now(tried, result))
    del lab.relay.taken[:]
    assert any("lost" in problem for problem in lab.problems_now(tried, result))
    lab.relay.taken.append(lab.clear_copy(tried))
    assert any("unprotected" in problem for problem in lab.problems_now(tried, result))
