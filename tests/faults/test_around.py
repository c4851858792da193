"""What the gateway needs fails it, and is there again: what the client hears, and that all is well afterwards."""

import pytest

from tests.makers.faults.cases import case
from tests.makers.faults.preload import Mode
from tests.makers.faults.sweep import Lab

DAY = 86_400


def test_a_locked_database_defers_what_it_has_to_keep(lab: Lab) -> None:
    """Another process holds the database for longer than we wait: 451, and once it lets go, kept exactly once."""
    tried = case("quarantine")
    folder = lab.ready(tried)

    life = lab.serve(folder, tried, circumstance="locked")

    assert life.heard == [451, 451, 250]
    assert lab.taken_up(folder, tried, life).problems == []


def test_mail_that_needs_no_store_passes_while_the_database_is_locked(lab: Lab) -> None:
    """Nothing has to be kept or looked up for it: its evidence is in the audit log."""
    tried = case("deliver")
    folder = lab.ready(tried)

    life = lab.serve(folder, tried, circumstance="locked")

    assert life.heard == [250]
    assert lab.taken_up(folder, tried, life).problems == []


@pytest.mark.parametrize(
    ("name", "left", "heard"),
    # what is delivered needs two: the audit log and its lock
    [("deliver", 1, 451), ("deliver", 2, 250), *(("fan-out", left, 451) for left in (1, 2, 3))],
)
def test_used_up_descriptors_defer(lab: Lab, name: str, left: int, heard: int) -> None:
    """So many files may still be opened: with too few 451, with enough done; with more of them, done once."""
    tried = case(name)
    folder = lab.ready(tried)

    life = lab.serve(folder, tried, circumstance="descriptors", left=left)

    assert life.heard[0] == heard
    assert lab.taken_up(folder, tried, life).problems == []


@pytest.mark.parametrize("left", [5, 9])
def test_hardly_enough_descriptors_defer_or_do(lab: Lab, left: int) -> None:
    """Each step opens some, and a library keeps some: 451 or done, never half of it."""
    tried = case("fan-out")
    folder = lab.ready(tried)

    life = lab.serve(folder, tried, circumstance="descriptors", left=left)

    assert life.heard[0] in {250, 451}
    assert lab.taken_up(folder, tried, life).problems == []


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_jumps_by_a_day_repeats_nothing(lab: Lab, days: int) -> None:
    """Killed half way, started again a day earlier or later: the steps that were done are known."""
    tried = case("fan-out")
    calls = len(lab.run(tried).hurt.kinds)
    folder = lab.ready(tried)
    hurt = lab.serve(folder, tried, mode=int(Mode.KILL), at=calls * 2 // 3)
    assert hurt.killed

    assert lab.taken_up(folder, tried, hurt, shift=days * DAY).problems == []


def test_a_silent_postfix_defers(lab: Lab) -> None:
    """Its listener takes the connection and says nothing: 451 after `postfix.timeout-seconds`, nothing sent."""
    tried = case("split")
    folder = lab.ready(tried)
    with lab.relay.silent() as port:
        file = folder / "gatepost.yaml"
        usual = file.read_text()
        file.write_text(usual.replace(f'"submit-port": {lab.relay.port}', f'"submit-port": {port}').replace("5,", "1,"))
        life = lab.serve(folder, tried, tries=1)
        file.write_text(usual)

    assert life.heard == [451]
    assert lab.relay.taken == []
    assert lab.taken_up(folder, tried, life).problems == []
