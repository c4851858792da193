"""`gatepost exact`: from an export with its faults to findings in mail."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.exits import Exit
from gateway.cli.main import app
from gateway.config import load_config
from gateway.core.errors import FaultyFiles
from gateway.ruleset import load_ruleset

LIST = """\
Last Name;First Name;DOB;Chart No
de la Cruz;Ana;03/14/1984;MRN-00123456
O'Brien;Will;12/31/1990;00987654
M\u00fcller;J\u00fcrgen;07/09/2001;A1234567
"""
COLUMNS = "family=last name, given=First Name, born=dob, mrn=4"
DETECTOR = """\
id: patient-record
entity: PATIENT_RECORD
title: A patient on our list
groups: [patient-identifier]
engine: exact
index: {index}
columns: [family, born]
within: 100
"""

RULE = """\
id: lists-patient
title: Somebody on our list goes outside
status: enforce
severity: high
owner: p@clinic.example
description: Values of one row of our list, to a recipient outside.
when:
  all:
    - recipient: {outside: organization}
    - finds: {entity: PATIENT_RECORD}
then:
  quarantine: {}
false-positives:
  - Somebody outside with the name and birth date of a patient
references:
  - 45 CFR 164.514(b)
"""
RELOAD = "A running gateway takes it at its next reload."
Call = Callable[..., Result]


@pytest.fixture
def call(settings: Path) -> Call:
    """Run a command with the configuration of the test; `typed` goes to standard input."""

    def run(*words: str, typed: bytes = b"") -> Result:
        options = () if words[:2] == ("exact", "show") else ("--config", str(settings))
        return CliRunner().invoke(app, [*words, *options], input=typed)

    assert run("keys", "init").exit_code == 0
    return run


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    path = tmp_path / "patients.csv"
    path.write_text(LIST, encoding="utf-8")
    return path


@pytest.fixture
def index(call: Call, exported: Path, tmp_path: Path) -> Path:
    """The index of the list, where it is put by default."""
    result = call("exact", "build", str(exported), "--columns", COLUMNS)
    assert result.exit_code == 0, result.stderr
    return tmp_path / "state" / "exact" / "patients.index"


def test_a_list_becomes_an_index_that_only_its_owner_reads(index: Path, call: Call) -> None:
    """In the store, mode 0600; the audit log knows who made it of how many rows."""
    assert stat.S_IMODE(index.stat().st_mode) == 0o600
    events = [json.loads(line) for line in call("audit", "export").stdout.splitlines()]
    built = [event for event in events if event["metadata"]["event_code"] == "index-built"]
    assert [(event["entity"]["uid"], event["unmapped"]["rows"]) for event in built] == [("patients.index", 3)]


def test_what_is_printed_is_stable(call: Call, exported: Path, tmp_path: Path) -> None:
    """The golden output, without what differs from run to run."""
    result = call("exact", "build", str(exported), "--columns", COLUMNS)
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]

    assert [line for line in lines if line.split(" ")[0] not in {"index", "digest", "created", "bytes"}] == [
        "rows 3",
        "dates mdy",
        "calling_code 1",
        "",
        "column kind filled distinct most alike",
        "family name 3 5 1",
        "given name 3 4 1",
        "born date 3 3 1",
        "mrn id 3 5 1",
        "name names 3 7 1",
    ]
    assert result.stderr.splitlines() == [
        "Read as utf-8, separated by ';', dates mdy. 0 rows left out.",
        f"A detector names it with `engine: exact` and `index: {tmp_path}/state/exact/patients.index`. " + RELOAD,
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "windows-1252"])
def test_encodings_of_office_programs_are_seen(call: Call, exported: Path, index: Path, encoding: str) -> None:
    """By mark, or since it is not UTF-8."""
    exported.write_text(LIST, encoding=encoding)

    assert call("exact", "build", str(exported), "--columns", COLUMNS).exit_code == 0
    assert call("exact", "test", str(index), typed="M\u00fcller, 7/9/2001".encode()).exit_code == 0


def test_bad_rows_are_told_by_line_and_left_out_up_to_a_share(call: Call, exported: Path) -> None:
    """Never with what is in them."""
    good = "".join(f"Fam{chr(97 + n)}x;Ann;01/13/19{n + 50};55{n:05}\n" for n in range(24))
    exported.write_text(LIST + good + "Canary;x\nCanary;;;\nCanary;Ann;soon;1234567\n", encoding="utf-8")

    strict = call("exact", "build", str(exported), "--columns", COLUMNS)
    lenient = call("exact", "build", str(exported), "--columns", COLUMNS, "--tolerate", "10", "--format", "json")

    assert strict.exit_code == Exit.USAGE
    assert strict.stderr.splitlines() == [
        "line 29: left out: it has 2 fields where the first line has 4",
        "line 30: left out: it has fewer than two values to be known by",
        "born: 1 of 28 values cannot be used (lines 31)",
        "2 of 30 rows are unusable, more than 1 %",
        "born: more than 1 % of its values are unusable: is it the right column, the right kind?",
        "no index was made: mend the list or the options, or raise --tolerate",
    ]
    assert (json.loads(lenient.stdout)["rows"], json.loads(lenient.stdout)["left_out"]) == (28, 2)
    assert "Canary" not in strict.output + lenient.output


@pytest.mark.parametrize(
    ("columns", "options", "text", "said"),
    [
        ("family=Sex,mrn=4", (), LIST, 'no column "Sex"; it has Last Name, First Name, DOB, Chart No'),
        ("family=Last Nmae,mrn=4", (), LIST, 'did you mean "Last Name"?'),
        ("family=name,mrn=4", (), LIST.split("\n", 1)[1], "its first line does not look like titles: see --no-header"),
        ("family=9,mrn=4", ("--no-header",), LIST, '"9" is no number from 1 to 4'),
        ("family=1,born=3", (), LIST.replace("14", "04").replace("31", "01"), "give --dates mdy or --dates dmy"),
        ("family=1,born=3", (), LIST.replace("03/14", "14/03"), "some dates of the list are month first, some day"),
        ("family=1,born=3", ("--encoding", "nonsense"), LIST, 'no encoding "nonsense"'),
        ("family=1,mrn=4", (), "", "the list is empty"),
        ("family=1,mrn=4", (), "a;b;c;d\n", "no usable row"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(
    call: Call, exported: Path, columns: str, options: tuple[str, ...], text: str, said: str
) -> None:
    """Before anything is written."""
    exported.write_text(text, encoding="utf-8")

    result = call("exact", "build", str(exported), "--columns", columns, *options)

    assert result.exit_code == Exit.USAGE
    assert said in result.stderr
    assert not (exported.parent / "state" / "exact" / "patients.index").exists()


@pytest.mark.parametrize("columns", ["family", "family=1", "shoe=1,mrn=2", "shoe:size=1,mrn=2", "mrn=1,mrn=2"])
def test_columns_that_make_no_sense_are_wrong_usage(call: Call, exported: Path, columns: str) -> None:
    """A kind that nobody knows, a name twice, one column alone."""
    assert call("exact", "build", str(exported), "--columns", columns).exit_code == Exit.USAGE


def test_a_list_may_come_by_standard_input(call: Call, tmp_path: Path) -> None:
    """So that it need not lie where Gatepost's user can read it."""
    output = tmp_path / "piped.index"

    result = call("exact", "build", "-", "--columns", COLUMNS, "-o", str(output), typed=LIST.encode())

    assert result.exit_code == 0, result.stderr
    assert call("exact", "show", str(output), "--format", "json").exit_code == 0


def test_texts_are_tried_without_their_values_being_shown(call: Call, index: Path) -> None:
    """From standard input, never from the command line."""
    found = call("exact", "test", str(index), typed=b"Will O'Brien, born 31 Dec 1990")
    asked = call("exact", "test", str(index), "--columns", "given,mrn", typed=b"Will O'Brien, born 31 Dec 1990")

    assert found.exit_code == 0
    assert "family and born of one row of patients (3 rows) within 25 characters" in found.stdout
    assert "Brien" not in found.output
    assert (asked.exit_code, asked.stdout) == (Exit.NOT_FOUND, "no two values of one row stand in it\n")


def test_damage_is_found_by_verify(call: Call, index: Path) -> None:
    """To the last byte, and another keyring too."""
    assert call("exact", "verify", str(index)).exit_code == 0
    octets = index.read_bytes()
    index.write_bytes(octets[:-1] + bytes([octets[-1] ^ 1]))

    result = call("exact", "verify", str(index))

    assert result.exit_code == Exit.BROKEN
    assert "it is damaged" in result.stdout


def _rules(folder: Path, detector: str) -> Path:
    (folder / "rules" / "detectors").mkdir(parents=True)
    (folder / "rules" / "packs" / "lists").mkdir(parents=True)
    (folder / "rules" / "packs" / "lists" / "lists-patient.yaml").write_text(RULE)
    (folder / "rules" / "policy.yaml").write_text(
        "organization:\n  name: Example Clinic\n  domains: [clinic.example]\n  notices-from: g@clinic.example\n"
        "  officers: [p@clinic.example]\npacks: [lists]\n"
    )
    (folder / "rules" / "detectors" / "patient-record.yaml").write_text(detector)
    return folder / "rules" / "policy.yaml"


def test_scan_finds_people_of_the_list(call: Call, index: Path, tmp_path: Path) -> None:
    """With the keyring of the configuration, through the workers."""
    policy = _rules(tmp_path, DETECTOR.format(index=index))
    message = tmp_path / "m.eml"
    message.write_bytes(b"From: a@clinic.example\r\nSubject: x\r\n\r\nMs. de la Cruz (born 3/14/84) called.\r\n")

    result = call("scan", "--policy", str(policy), "--format", "json", str(message))

    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["verdict"]["disposition"] == "quarantine"
    (finding,) = report["findings"]
    assert (finding["entity"], finding["confidence"], finding["masked"]) == ("PATIENT_RECORD", "high", "***")


def test_the_digest_of_the_policy_is_that_of_the_index_too(call: Call, index: Path, tmp_path: Path) -> None:
    """Another index is another policy: what an event names by its digest is what decided."""
    policy = _rules(tmp_path, DETECTOR.format(index=index))
    before = load_ruleset(policy).digest
    assert load_ruleset(policy).digest == before

    call("exact", "build", str(tmp_path / "patients.csv"), "--columns", COLUMNS)

    assert load_ruleset(policy).digest != before


@pytest.mark.parametrize(
    ("change", "line", "said"),
    [
        (("{index}", "nowhere.index"), 6, 'the index "nowhere.index" is refused: there is no such index'),
        (("born]", "birth]"), 7, 'the index has no column "birth"'),
        (("[family, born]", "[born]"), 7, "one value says nothing about whose it is"),
        (("[family, born]", "[family, given]"), 7, "stand in too much ordinary mail"),
        (("[family, born]", "[family, family]"), 7, "a column is asked for twice"),
        (("within: 100", "within: far"), 8, '"within" is not a number of characters'),
        (("engine: exact\n", ""), 5, 'add "engine: exact", or leave it out'),
        (("within: 100", "patterns: []"), 8, '"patterns" does not go with an engine'),
    ],
)
def test_a_detector_that_cannot_work_is_refused_with_its_line(
    index: Path, tmp_path: Path, change: tuple[str, str], line: int, said: str
) -> None:
    """At start and at a reload alike."""
    policy = _rules(tmp_path, DETECTOR.replace(*change).format(index=index))

    with pytest.raises(FaultyFiles) as refused:
        load_ruleset(policy)

    assert f"patient-record.yaml:{line}:" in str(refused.value)
    assert said in str(refused.value)


def test_an_index_of_another_keyring_stops_the_start(call: Call, index: Path, tmp_path: Path, settings: Path) -> None:
    """It would find nobody, and nobody would notice."""
    from gateway.wiring.equip import worker_setup

    policy = _rules(tmp_path, DETECTOR.format(index=index))

    with pytest.raises(Exception, match="another keyring than yours"):
        worker_setup(load_config(settings, {}), load_ruleset(policy), exact_key=b"x" * 32)
