"""Every fault is found by its check, and by no other; the healthy machine is silent.

Postfix is read by its own postconf, the gateway is a real one that serves, what is kept are real files.
"""

import shutil

import pytest

from tests.makers.patient import Patient
from tests.makers.planted import FAULTS

pytestmark = pytest.mark.skipif(shutil.which("postconf") is None, reason="Postfix is not installed")


def test_a_healthy_machine_is_silent(patient: Patient) -> None:
    """As `gatepost postfix apply` leaves it, with a gateway that serves: no check has anything to say."""
    assert patient.troubles() == []


def test_at_least_forty_kinds_of_fault_are_planted() -> None:
    """What the table promises is tried."""
    assert len({check for check, _ in FAULTS.values()}) >= 40


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found(patient: Patient, name: str) -> None:
    """By its check, with a reason and a remedy in words."""
    check, plant = FAULTS[name]
    plant(patient)

    troubles = patient.troubles(check)

    assert troubles
    assert all(trouble.found.reason and trouble.found.remedy for trouble in troubles)
    assert "could not be looked at" not in str(troubles)
