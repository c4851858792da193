"""`gatepost detect eval`: figures, the page, and the comparison with a baseline."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.exits import Exit
from gateway.cli.main import app

RULES = Path(__file__).resolve().parents[3] / "rules"
SSN = "078-05-1120"
Run = Callable[..., Result]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """One SSN that is found, and one value that nothing can find."""
    found = {"id": "a", "text": f"ssn {SSN}", "spans": [{"entity": "US_SSN", "start": 4, "end": 15}]}
    missed = {"id": "b", "text": "the canary sings", "spans": [{"entity": "CANARY", "start": 4, "end": 10}]}
    file = tmp_path / "set.jsonl"
    file.write_text("".join(json.dumps({**row, "protected": False}) + "\n" for row in (found, missed)))
    return file


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """The shipped policy with its smallest pack and two detectors, so that workers start at once."""
    for name in ("detectors/credit-card.yaml", "detectors/us-ssn.yaml", "lists", "packs/pci"):
        target = tmp_path / "rules" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (RULES / name).is_dir() else shutil.copy)(RULES / name, target)
    text = re.sub(r"^packs: .*$", "packs: [pci]", (RULES / "policy.yaml").read_text(), flags=re.MULTILINE)
    (tmp_path / "rules" / "policy.yaml").write_text(text)
    return tmp_path / "rules" / "policy.yaml"


@pytest.fixture
def run(settings: Path, policy: Path) -> Run:
    """The command with that policy."""

    def call(*words: object) -> Result:
        told = [str(word) for word in words]
        return CliRunner().invoke(app, ["detect", "eval", *told, "--policy", str(policy), "--config", str(settings)])

    return call


def test_json_has_figures_and_no_value(run: Run, corpus: Path) -> None:
    """Counts by entity and by message."""
    result = run(corpus, "--format", "json")
    plain: dict[str, Any] = json.loads(result.stdout)["corpora"][0]

    assert result.exit_code == 0
    assert plain["entities"]["US_SSN"]["recall"]["count"] == 1
    assert plain["entities"]["CANARY"]["recall"]["count"] == 0
    assert plain["messages"]["flagged"]["n"] == 2
    assert SSN not in result.stdout


def test_table_names_every_label(run: Run, corpus: Path) -> None:
    """For people, on one line each."""
    result = run(corpus)

    assert "US_SSN" in result.stdout
    assert "CANARY" in result.stdout


def test_page_has_values_only_if_asked(run: Run, corpus: Path, tmp_path: Path) -> None:
    """And is for its owner alone."""
    masked, revealed = tmp_path / "masked.html", tmp_path / "revealed.html"
    run(corpus, "--html", masked)
    run(corpus, "--html", revealed, "--reveal")

    assert "<mark>aaaaaa</mark>" in masked.read_text()
    assert "canary" not in masked.read_text()
    assert "<mark>canary</mark>" in revealed.read_text()
    assert revealed.stat().st_mode & 0o777 == 0o600


def test_baseline_is_written_kept_and_compared(run: Run, corpus: Path, tmp_path: Path) -> None:
    """Equal figures end with 0, a worse one with 8."""
    baseline = tmp_path / "baseline.json"
    written = run(corpus, "--baseline", baseline, "--update-baseline")
    same = run(corpus, "--baseline", baseline, "--jobs", 2)
    kept = json.loads(baseline.read_text())
    kept["corpora"]["set"]["higher_is_better"]["recall of CANARY"] = 0.5
    baseline.write_text(json.dumps(kept))
    worse = run(corpus, "--baseline", baseline)

    assert (written.exit_code, same.exit_code, worse.exit_code) == (0, 0, Exit.WORSE)
    assert "recall of CANARY: 0.5000 before, 0.0000 now" in worse.stderr


def test_values_are_measured_with_all_text_read_and_messages_as_mail(run: Run, corpus: Path, tmp_path: Path) -> None:
    """A corpus that only labels values asks what can be found; one that judges messages asks what mail gets."""
    values = tmp_path / "values.jsonl"
    rows = [json.loads(line) for line in corpus.read_text().splitlines()]
    values.write_text("".join(json.dumps({k: row[k] for k in ("id", "text", "spans")}) + "\n" for row in rows))

    auto = json.loads(run(corpus, values, "--format", "json").stdout)["corpora"]
    told = json.loads(run(values, "--names", "as-mail", "--format", "json").stdout)["corpora"]

    assert [plain["names"] for plain in auto] == ["as mail", "anywhere"]
    assert [plain["names"] for plain in told] == ["as mail"]


@pytest.mark.parametrize("content", ["no json", "[]", "{}"])
def test_what_is_no_baseline_is_refused(run: Run, corpus: Path, tmp_path: Path, content: str) -> None:
    """Before anything is measured."""
    (tmp_path / "baseline.json").write_text(content)

    assert run(corpus, "--baseline", tmp_path / "baseline.json").exit_code == Exit.USAGE


def test_updating_needs_a_file(run: Run, corpus: Path) -> None:
    """Which baseline, nobody can guess."""
    assert run(corpus, "--update-baseline").exit_code == Exit.USAGE
