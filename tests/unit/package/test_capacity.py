"""bench/capacity.py: arithmetic that can be followed, and a page that says what was measured last."""

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "bench"))

import capacity
from capacity import DAYS, PAGE, Assumed, Measured, need, page, size, tables
from written import read

MEASURED = Measured(cpu=0.030, postfix=0.010, octets=100_000, events=2, event_octets=2_000, memory=400, cores=2)


def test_a_day_is_followed_to_machines() -> None:
    """1,000,000 a day: 15 % in an hour, twice as dense in its worst minutes; 40 ms each at 60 %."""
    found = need(1_000_000, MEASURED, Assumed(peak=0.15, burst=2, full=0.6, cores=4))

    assert found.a_second == pytest.approx(83.3, rel=0.01)
    assert found.cores == pytest.approx(5.56, rel=0.01)
    assert found.machines == 3  # two, and one that may be away
    assert found.syncs == pytest.approx(166.7, rel=0.01)
    assert found.audit == 1_000_000 * 2_000 * 2_190
    assert found.quarantine == 1_000_000 * 0.005 * 100_000 * 90


def test_a_small_day_still_has_a_machine_in_reserve() -> None:
    """And never less memory than was measured."""
    found = need(10, MEASURED, Assumed())

    assert found.machines == 2
    assert found.memory == 400e6


@pytest.mark.parametrize(
    ("octets", "shown"), [(512, "1 KB"), (3.21e6, "3.21 MB"), (4e9, "4 GB"), (1.5e13, "15 TB"), (2e15, "2 PB")]
)
def test_sizes_are_for_people(octets: float, shown: str) -> None:
    """Three figures and a unit."""
    assert size(octets) == shown


def test_the_page_has_the_figures_that_were_measured_last() -> None:
    """`make bench`, or `python bench/capacity.py --page`, writes it anew."""
    text = PAGE.read_text()
    assert page(text, tables(read("relay"), DAYS, Assumed())) == text


def test_own_assumptions_are_heard() -> None:
    """As a command, the way the page says."""
    command = [sys.executable, capacity.__file__, "--day", "250000", "--cores", "8", "--held", "0.02", "--peak", "0.2"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout

    assert "| 250,000 |" in told
    assert "2.0% of messages" in told
