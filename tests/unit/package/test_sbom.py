"""The bill of materials: complete, valid, with digests and licences, and the same each time."""

import hashlib
import json
import os
import subprocess
from typing import Any

import pytest
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from package.locked import ROOT, declared, read, running
from package.sbom import bill, shipped


def told(*, development: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(JsonV1Dot6(bill(development=development)).output_as_string())
    return found


@pytest.fixture(scope="module")
def runs() -> dict[str, Any]:
    return told()


def libraries(bill: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {part["name"]: part for part in bill["components"] if part["type"] == "library"}


def test_it_names_everything_in_the_lock(runs: dict[str, Any]) -> None:
    """What runs; for development all of it, and there what does not run is marked as excluded."""
    lock = read()
    needed = {entry.name for entry in running(lock)}
    all_of_it = libraries(told(development=True))

    assert {(name, part["version"]) for name, part in libraries(runs).items()} == {(n, lock[n].version) for n in needed}
    assert {(name, part["version"]) for name, part in all_of_it.items()} == {(n, e.version) for n, e in lock.items()}
    assert {name for name, part in all_of_it.items() if part["scope"] == "excluded"} == lock.keys() - needed


def test_every_library_has_the_digests_of_the_lock_and_a_licence(runs: dict[str, Any]) -> None:
    """A licence that is named as SPDX names it, so that a program can compare it."""
    lock = read()
    for name, part in libraries(runs).items():
        (files,) = part["externalReferences"]
        assert {each["content"] for each in files["hashes"]} == {digest for _, digest in lock[name].hashes}
        (licence,) = part["licenses"]
        assert "expression" in licence or "id" in licence["license"], name


def test_every_model_and_list_that_is_shipped_is_in_it(runs: dict[str, Any]) -> None:
    """By the files that Git knows: all but cards, recipes and what weights are trained from."""
    tracked = subprocess.run(
        ["git", "ls-files", "models", "rules/lists", "gateway/detect/kind/weights.txt"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    making = ("README.md", ".py", "requirements.txt", "SHA256SUMS", "vocabulary.yaml")
    learned = (
        "positive.txt",
        "negative.txt",
        "notes-protected.txt",
        "notes-clear.txt",
        "mails-clear.txt",
        "notes-private.txt",
        "notes-business.txt",
        "mails-ordinary.txt",
        "mails-told.txt",
        "passing-ordinary.txt",
        "passing-told.txt",
        "labels.txt",
        "number-kinds/texts.txt",
        "number-kinds/letters.txt",
    )
    wanted = {
        name
        for name in tracked.stdout.split()
        if not name.endswith((*making, *learned)) and "/recipe/" not in name and (ROOT / name).exists()
    }
    assert wanted == {name for each in shipped() for name in each.files}

    for part in (part for part in runs["components"] if part["type"] != "library"):
        for digest in part["properties"]:
            octets = (ROOT / digest["name"].removeprefix("gatepost:sha256:")).read_bytes()
            assert digest["value"] == hashlib.sha256(octets).hexdigest()


def test_what_needs_what_is_told(runs: dict[str, Any]) -> None:
    """From the program down."""
    below = {each["ref"]: set(each.get("dependsOn", ())) for each in runs["dependencies"]}

    assert set(declared()) <= below["gatepost"]
    assert "jinja2" not in below["pymilter"]
    assert "markupsafe" in below["jinja2"]


def test_it_is_valid_and_the_same_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """By CycloneDX's own schema; the time is that of the source."""
    monkeypatch.setitem(os.environ, "SOURCE_DATE_EPOCH", "1790000000")
    first, second = (JsonV1Dot6(bill()).output_as_string() for _ in range(2))

    assert first == second
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(first) is None
    assert json.loads(first)["metadata"]["timestamp"].startswith("2026-09-21")


def test_no_host_of_a_registry_is_named(runs: dict[str, Any]) -> None:
    """Where a library is fetched from is set where it is built."""
    assert "://" not in json.dumps(runs["components"])
