"""Mistakes that people make in rule files: each is a file, and its message stands in `mistakes/messages.txt`.

A message is what a lawyer reads at night: the line it names must be the right one, and its remedy must help. `schema`
behind a file's name: an editor with the shipped JSON Schema marks it too; `meaning`: only the loader can know; `text`:
it is no YAML, or no text, so that there is nothing for a schema to look at.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest

from gateway.core.detector import DetectorSpec
from gateway.core.errors import Fault
from gateway.detect.load import load_detectors
from gateway.documents import MAX_BYTES, load_document
from gateway.policy import load_policy
from gateway.ruleset.schemas import schemas
from tests.unit.policy.conftest import POLICY

FOLDER = Path(__file__).parent / "mistakes"
RULE = """\
id: test-it
title: A rule
status: enforce
severity: high
owner: privacy@clinic.example
when:
  all:
    - recipient: {outside: organization}
then:
  quarantine: {}
"""
DETECTORS = (
    DetectorSpec("us-ssn", "US_SSN", "SSN", frozenset({"patient-identifier"})),
    DetectorSpec("icd10", "ICD10_CODE", "ICD-10", frozenset({"health"})),
)
PLACES = {
    "rule": "packs/test/test-it.yaml",
    "policy": "policy.yaml",
    "list": "lists/partners.txt",
    "detector": "detectors/test-it.yaml",
}


@dataclass(frozen=True)
class Mistake:
    """A file, who notices, and the messages about it, without the place of the file."""

    file: str
    noticed: str
    messages: tuple[str, ...]


def read_table() -> tuple[Mistake, ...]:
    blocks = re.split(r"\n\n", (FOLDER / "messages.txt").read_text(encoding="utf-8").strip())
    return tuple(
        Mistake(head.split()[0], head.split()[1], tuple(line.strip() for line in lines))
        for head, *lines in (block.splitlines() for block in blocks)
    )


MISTAKES = read_table()


def faults_of(path: Path, folder: Path) -> tuple[str, ...]:
    """What the loader says about the file in the place of a sound one."""
    (folder / "packs/test").mkdir(parents=True)
    (folder / "lists").mkdir()
    (folder / "detectors").mkdir()
    (folder / "policy.yaml").write_text(POLICY, encoding="utf-8")
    (folder / "lists/partners.txt").write_text("partner.example\n", encoding="utf-8")
    (folder / "lists/loop.txt").write_text("include lists/partners.txt\n", encoding="utf-8")
    (folder / PLACES["rule"]).write_text(RULE, encoding="utf-8")
    kind = path.parent.name
    shutil.copy(path, folder / PLACES[kind])
    faults: list[Fault] = []
    if kind == "detector":
        load_detectors(folder / "detectors", faults)
    else:
        load_policy(folder / "policy.yaml", DETECTORS, faults)
    return tuple(str(fault).replace(f"{folder}/", "") for fault in sorted(faults))


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.file)
def test_a_mistake_is_explained_at_its_place(mistake: Mistake, tmp_path: Path) -> None:
    """file:line:column: rule: what is wrong: how to mend it; and nothing else is reported."""
    assert faults_of(FOLDER / mistake.file, tmp_path) == mistake.messages


def test_every_file_has_its_messages() -> None:
    """None is left out of the table, and there are a good many."""
    files = {str(path.relative_to(FOLDER)) for path in FOLDER.glob("*/*")}

    assert {mistake.file for mistake in MISTAKES} == files
    assert len(files) >= 100


def noticed(path: Path) -> str:
    """Who notices: the schema, the meaning pass alone, or whoever opens the file."""
    kind = path.parent.name
    faults: list[Fault] = []
    node = None if kind == "list" else load_document(path, faults)
    if node is None or faults:
        return "text"
    validator = jsonschema.Draft202012Validator(schemas()[f"{kind}.json"])
    return "meaning" if validator.is_valid(node.plain) else "schema"


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.file)
def test_what_the_loader_refuses_for_its_shape_the_schema_refuses(mistake: Mistake) -> None:
    """So that an editor shows it while the rule is written."""
    assert noticed(FOLDER / mistake.file) == mistake.noticed


@pytest.mark.parametrize(("kind", "most"), [("rule", MAX_BYTES), ("list", 8 << 20)])
def test_ten_megabytes_that_were_pasted_are_told_at_once(kind: str, most: int, tmp_path: Path) -> None:
    """Neither parsed nor kept in memory."""
    pasted = tmp_path / kind / "pasted.txt"
    pasted.parent.mkdir()
    pasted.write_bytes(b"name: value\n" * (10_485_760 // 12))

    (message,) = faults_of(pasted, tmp_path / "rules")

    unit = f"{most >> 20} MiB" if kind == "list" else f"{most >> 10} KiB"
    assert message.startswith(f"{PLACES[kind]}: ")
    assert f"larger than {unit}" in message


def test_no_message_speaks_the_language_of_programmers() -> None:
    """Nothing of YAML's or Python's own words."""
    words = re.compile(
        r"\b(parser?|token|scalar|mapping|node|NoneType|dict|str|exception|null|traceback)\b", re.IGNORECASE
    )

    assert [text for mistake in MISTAKES for text in mistake.messages if words.search(text)] == []
