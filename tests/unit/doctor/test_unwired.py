"""A Postfix that Gatepost is not in, as `gatepost postfix remove` leaves it: one finding, one command that mends it."""

import json
import shutil

import pytest

from gateway.demo.postfix import date_back
from gateway.postfix import PostfixTools, propose
from tests.makers.patient import Patient
from tests.unit.doctor.conftest import MAIN, MASTER
from tests.unit.doctor.test_command import doctor

pytestmark = pytest.mark.skipif(shutil.which("postconf") is None, reason="Postfix is not installed")


@pytest.fixture
def unwired(patient: Patient) -> Patient:
    """Byte for byte as before Gatepost came."""
    (patient.postfix / "main.cf").write_text(MAIN.format(queue=patient.queue))
    date_back(patient.postfix)
    (patient.postfix / "master.cf").write_text(MASTER)
    return patient


def told(patient: Patient, *arguments: str) -> list[dict[str, str]]:
    troubles: list[dict[str, str]] = json.loads(doctor(patient, "--format", "json", *arguments, code=10))["troubles"]
    return troubles


def test_a_postfix_without_gatepost_is_one_finding(unwired: Patient) -> None:
    """It says so, names the command, and leaves out what that command mends with it."""
    (trouble,) = told(unwired)

    assert (trouble["check"], trouble["severity"]) == ("wired", "critical")
    assert "Postfix is not wired to Gatepost" in trouble["reason"]
    assert trouble["remedy"] == "gatepost postfix apply"


def test_the_command_that_it_names_mends_all_that_was_left_out(unwired: Patient) -> None:
    """What `gatepost postfix apply` would change is carried out, and nothing is left to tell."""
    tools = PostfixTools(unwired.postfix)
    tools.carry_out(propose(tools.survey(), unwired.machine().wish).changes)

    assert unwired.troubles() == []


def test_what_that_command_leaves_as_it_is_is_told_beside(unwired: Patient) -> None:
    """A setting that somebody chose does not go away with wiring, nor does one that has nothing to do with it."""
    unwired.main("smtpd_forbid_bare_newline=no", "notify_classes=bounce")

    assert {trouble["check"] for trouble in told(unwired)} == {"wired", "smuggling", "bounces"}


def test_who_skips_it_is_told_the_rest_one_by_one(unwired: Patient) -> None:
    """Left out is only what a finding that is told stands for."""
    checks = {trouble["check"] for trouble in told(unwired, "--skip", "wired")}

    assert checks == {"listener-past", "local-mail", "listener-missing", "smuggling", "nul"}


def test_a_postfix_wired_in_part_is_told_what_is_missing(patient: Patient) -> None:
    """One list that leads to Gatepost is enough for the others to be told by name."""
    patient.main("smtpd_milters=")

    checks = {trouble["check"] for trouble in told(patient)}

    assert "listener-past" in checks
    assert "wired" not in checks
