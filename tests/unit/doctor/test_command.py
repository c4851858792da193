"""`gatepost doctor` as a program: what it prints, its exit codes, its metrics."""

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import postfix
from gateway.cli.main import app
from gateway.config import load_config
from gateway.doctor import Severity
from gateway.doctor.table import CHECKS
from tests.makers.patient import Patient

PAGE = Path(__file__).parents[3] / "docs" / "doctor.md"
ELSEWHERE = ("disk", "inodes", "memory", "sandbox", "pictures", "units", "clock")  # of the machine that runs the tests
pytestmark = pytest.mark.skipif(shutil.which("postconf") is None, reason="Postfix is not installed")


def doctor(patient: Patient, *arguments: str, code: int) -> str:
    skipped = [word for name in ELSEWHERE for word in ("--skip", name)]
    command = ["doctor", "--config", str(patient.config), "--postfix-config", str(patient.postfix), *skipped]
    done = CliRunner().invoke(app, [*command, *arguments])
    assert done.exit_code == code, done.output
    return done.stdout


def test_a_healthy_machine_ends_with_nought(patient: Patient) -> None:
    """Says how much was looked at."""
    assert f"all is well: {len(CHECKS) - len(ELSEWHERE)} checks" in doctor(patient, code=0)


def test_what_an_earlier_look_remembered_hides_no_fault(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Patterns and samples are kept for the next look; a detector that is another by then is read and tried anew."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(patient.folder / "cache"))
    doctor(patient, code=0)
    (detector,) = (patient.rules / "detectors").glob("*.yaml")
    assert any((patient.folder / "cache" / "gatepost").glob("detectors-*"))

    text = detector.read_text()
    detector.write_text(text.replace("SSN: 219-09-9999", "lunch at noon"))
    told = json.loads(doctor(patient, "--format", "json", code=10))
    assert "rules" in [trouble["check"] for trouble in told["troubles"]]
    detector.write_text(text)
    doctor(patient, code=0)


def test_a_warning_and_something_critical_have_codes_of_their_own(patient: Patient) -> None:
    """Each trouble with its place, reason and remedy; what is accepted can be left out."""
    patient.main("notify_classes=bounce")
    assert "postmaster" in doctor(patient, code=9)
    patient.main("non_smtpd_milters=")
    told = json.loads(doctor(patient, "--format", "json", code=10))
    assert [(t["check"], t["severity"]) for t in told["troubles"]] == [
        ("local-mail", "critical"),
        ("bounces", "warning"),
    ]
    assert all(t["place"] and t["reason"] and t["remedy"] for t in told["troubles"])
    doctor(patient, "--skip", "local-mail", "--skip", "bounces", code=0)


def test_a_monitoring_plug_in_gets_one_line(patient: Patient) -> None:
    """With the exit codes and the performance data that Nagios and its kin expect."""
    assert doctor(patient, "--format", "nagios", code=0).startswith("GATEPOST OK - 0 critical, 0 warnings of ")
    patient.main("non_smtpd_milters=")
    line = doctor(patient, "--format", "nagios", code=2)
    assert line.startswith("GATEPOST CRITICAL - 1 critical, 0 warnings of ")
    assert line.endswith(" | critical=1 warning=0\n")
    patient.config.write_text("no-such-section: {}\n")
    assert doctor(patient, "--format", "nagios", code=2).startswith("GATEPOST CRITICAL - ")


def test_metrics_go_to_a_file(patient: Patient) -> None:
    """Every check has a series from the start, so that an alert sees it rise; node_exporter may read the file."""
    file = patient.folder / "gatepost.prom"
    patient.main("non_smtpd_milters=")
    doctor(patient, "--textfile", str(file), code=10)

    lines = file.read_text().splitlines()
    assert 'gatepost_doctor_troubles{check="local-mail",severity="critical"} 1' in lines
    assert 'gatepost_doctor_troubles{check="nul",severity="critical"} 0' in lines
    assert len([line for line in lines if line.startswith("gatepost_doctor_troubles{")]) == len(Severity) * (
        len(CHECKS) - len(ELSEWHERE)
    )
    assert file.stat().st_mode & 0o777 == 0o644


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_root_makes_a_probe_with_the_keyring_of_another_user(patient: Patient) -> None:
    """`sudo gatepost postfix apply` reads the keyring that the user gatepost made."""
    for path in (patient.state, *patient.state.rglob("*")):
        os.chown(path, 65_534, 65_534)

    assert postfix._prober(load_config(patient.config, {})).mark.sender(datetime.now(UTC), "clinic.example")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_root_looks_into_the_store_as_its_owner(patient: Patient) -> None:
    """The keyring of the user gatepost is no stranger's to root, and root leaves no file of its own in the store."""
    nobody = 65_534
    for path in (patient.state, *patient.state.rglob("*")):
        os.chown(path, nobody, nobody)

    doctor(patient, "--skip", "writable", code=0)

    assert {path.stat().st_uid for path in patient.state.rglob("*")} == {nobody}


def test_the_page_lists_every_check() -> None:
    """docs/doctor.md has the table as it is in the code."""
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    assert rows == [f"| `{check.id}` | {check.about} |" for check in CHECKS]


def test_the_command_needs_no_gateway_that_runs(patient: Patient) -> None:
    """A stopped gateway is what it is asked about: said, not a failure of the command."""
    patient.set("status", port=1)
    patient.set("milter", socket=f"unix:{patient.queue}/gatepost/none.sock")

    told = json.loads(doctor(patient, "--format", "json", code=10))

    found = {trouble["check"]: trouble["reason"] for trouble in told["troubles"]}
    assert {"milter", "metrics"} <= set(found)
    assert "(Connection refused)" in found["metrics"]


def test_a_cause_is_told_once(patient: Patient) -> None:
    """A missing keyring keeps several checks from looking: they name the one that says so, and no other remedy."""
    (patient.state / "keyring.json").unlink()

    told = json.loads(doctor(patient, "--format", "json", code=10))

    found = {
        trouble["check"]: (trouble["severity"], trouble["reason"], trouble["remedy"]) for trouble in told["troubles"]
    }
    severity, reason, remedy = found.pop("keyring")
    assert severity == "critical"
    assert "there is no keyring" in reason
    assert "restore it from your copy" in remedy
    assert not any("there is no keyring" in each for _, each, _ in found.values())
    assert found["lists"] == ("warning", "could not be looked at: see keyring", "mend what keyring says")
