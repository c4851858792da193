"""Detectors that name a model: their files, the model's card, and where the model's library may be imported."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateway.core.detector import DetectorSpec
from gateway.core.errors import Fault, SetupError
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment
from gateway.detect import Engine
from gateway.detect.load import load_detectors
from gateway.detect.names.card import DIGESTS, ModelRefused, digest_of, verified
from gateway.detect.names.nlp import SpacyTagger, build_tagger

MODEL = Path(__file__).parents[3] / "models" / "names-en"
GOOD = """\
id: people
entity: PERSON
title: People
groups: [person]
engine: names
model: toy
labels: [PERSON]
staff: staff.txt
"""


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A model folder of one file, with its card's digests."""
    folder = tmp_path / "toy"
    (folder / "model").mkdir(parents=True)
    (folder / "model" / "weights").write_bytes(b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()
    (folder / DIGESTS).write_text(f"{digest}  model/weights\n")
    (tmp_path / "staff.txt").write_text("# nobody yet\n")
    return folder


def _load(folder: Path, text: str) -> tuple[tuple[DetectorSpec, ...], list[str]]:
    (folder / "people.yaml").write_text(text, encoding="utf-8")
    faults: list[Fault] = []
    specs = load_detectors(folder, faults)
    return specs, [str(fault).replace(f"{folder}/", "") for fault in faults]


def test_model_and_lists_become_part_of_the_spec(toy: Path) -> None:
    """The digest of the model is in the spec, so the policy's digest changes with the model; its place is not."""
    (spec,), faults = _load(toy.parent, GOOD)

    assert faults == []
    assert (spec.engine, spec.model, spec.labels, spec.staff_names) == ("names", "toy", ("PERSON",), ())
    assert spec.model_digest == verified(toy)
    assert len(spec.model_digest) == 64


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("model: toy", "model: joy", "people.yaml:6:8: people: the model is refused: joy/SHA256SUMS: cannot be read"),
        ("model: toy\n", "", 'people.yaml:1:1: people: "model" is missing'),
        ("labels: [PERSON]\n", "", 'people.yaml:1:1: people: "labels" is missing'),
        ("engine: names", "engine: nmaes", 'people.yaml:5:9: people: unknown engine "nmaes": did you mean "names"?'),
        ("engine: names\n", "", "people.yaml:5:8: people: this setting goes only with another engine"),
        ("staff: staff.txt", "staff: stuff.txt", 'people.yaml:8:8: people: the list "stuff.txt" cannot be read'),
        ("staff: staff.txt", "validator: luhn", 'people.yaml:8:12: people: "validator" does not go with an engine'),
    ],
)
def test_fault_in_a_declaration_is_said_with_its_place(toy: Path, old: str, new: str, fault: str) -> None:
    """Each mistake with line, column and remedy."""
    specs, faults = _load(toy.parent, GOOD.replace(old, new))

    assert specs == ()
    assert any(line.startswith(fault) for line in faults), faults


def test_changed_missing_and_added_files_are_refused(toy: Path) -> None:
    """One bit, one file less, one file more: the model is not the one of its card."""
    weights = toy / "model" / "weights"

    weights.write_bytes(b"weightS")
    with pytest.raises(ModelRefused, match=r"model/weights is not the file that SHA256SUMS lists"):
        verified(toy)
    weights.write_bytes(b"weights")
    (toy / "model" / "more").touch()
    with pytest.raises(ModelRefused, match=r"model/more is not listed in SHA256SUMS"):
        verified(toy)
    (toy / "model" / "more").unlink()
    weights.unlink()
    with pytest.raises(ModelRefused, match=r"model/weights is missing, but in SHA256SUMS"):
        verified(toy)


@pytest.mark.parametrize("text", ["", "no digest\n", "ab  model/weights\n", "../../etc/passwd\n"])
def test_list_that_is_none_is_refused(toy: Path, text: str) -> None:
    """Only what sha256sum writes."""
    (toy / DIGESTS).write_text(text)

    with pytest.raises(ModelRefused, match="not a list as sha256sum writes it"):
        verified(toy)


def test_loading_the_rules_imports_no_model_library() -> None:
    """The front process checks the model's bytes, and leaves spaCy to the process that builds the engine."""
    code = (
        "import sys; from pathlib import Path\n"
        "import gateway.cli.main\n"
        "from gateway.cli.ruleset import kept\n"
        "from gateway.detect.database import keep_on\n"
        "from gateway.ruleset import load_ruleset\n"
        "keep_on(kept())\n"
        "rules = load_ruleset(Path('rules/policy.yaml'))\n"
        "assert any(spec.engine for spec in rules.detectors)\n"
        "print(sorted({'spacy', 'presidio_analyzer', 'thinc', 'numpy'} & sys.modules.keys()))"
    )
    root = Path(__file__).parents[3]

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=120, check=True
    )

    assert done.stdout.strip() == "[]"


def test_engine_refuses_a_model_that_changed_after_loading(toy: Path) -> None:
    """What was checked at load is what is used."""
    from gateway.detect.names.nlp import build_tagger

    with pytest.raises(SetupError, match="has changed since the detectors were loaded"):
        build_tagger(toy, "0" * 64)


def test_engine_says_when_a_model_cannot_be_loaded(toy: Path) -> None:
    """A folder with the right digests that is no pipeline."""
    from gateway.detect.names.nlp import build_tagger

    with pytest.raises(SetupError, match="the model cannot be loaded"):
        build_tagger(toy, verified(toy))


def test_presidio_configuration_takes_the_place_of_the_model(tmp_path: Path) -> None:
    """Another pipeline, by Presidio's own configuration: its labels, as Presidio calls them, become findings."""
    import spacy

    pipeline = spacy.blank("en")
    ruler: Any = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "PER", "pattern": "Zyx Vuts"}])
    pipeline.to_disk(tmp_path / "other")
    (tmp_path / "other.yaml").write_text(
        "nlp_engine_name: spacy\n"
        f"models:\n  - lang_code: en\n    model_name: {tmp_path / 'other'}\n"
        "ner_model_configuration:\n  model_to_presidio_entity_mapping:\n    PER: PERSON\n"
    )
    (tmp_path / "staff.txt").write_text("# nobody\n")
    (tmp_path / "detectors").mkdir()
    text = GOOD.replace("model: toy", "model: ../other.yaml").replace("staff: ", "staff: ../")
    specs, faults = _load(tmp_path / "detectors", text)

    findings = Engine(specs, anywhere={"PERSON"}).detect([Segment("1", Place.BODY, "lunch with Zyx Vuts")], Limits())

    assert faults == []
    assert [(f.entity, f.value) for f in findings.findings] == [("PERSON", "Zyx Vuts")]
    assert findings.failures == ()


def test_folder_of_another_spacy_pipeline_takes_the_place_of_the_model(tmp_path: Path) -> None:
    """Any pipeline with an NER, its files listed as sha256sum does."""
    shutil.copytree(MODEL / "model", tmp_path / "toy" / "model")
    files = sorted(path for path in (tmp_path / "toy" / "model").rglob("*") if path.is_file())
    digests = (f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {f.relative_to(tmp_path / 'toy')}\n" for f in files)
    (tmp_path / "toy" / DIGESTS).write_text("".join(digests))
    (tmp_path / "staff.txt").write_text("# nobody\n")
    specs, faults = _load(tmp_path, GOOD)

    text = "I had lunch with Maria Hernandez yesterday."
    findings = Engine(specs, anywhere={"PERSON"}).detect([Segment("1", Place.BODY, text)], Limits()).findings

    assert faults == []
    assert [f.value for f in findings] == ["Maria Hernandez"]


def test_the_model_brings_no_command_line_and_no_http_client() -> None:
    """spaCy's own imports would: half of the time it takes to load, in processes that read hostile mail."""
    code = (
        "import sys; from pathlib import Path\n"
        "from gateway.detect.names.nlp import SpacyTagger\n"
        "SpacyTagger(Path('models/names-en/model'))\n"
        "unwanted = {'spacy.cli', 'weasel', 'requests', 'httpx', 'jinja2', 'presidio_analyzer'}\n"
        "print(sorted(unwanted & sys.modules.keys()))\n"
        "from spacy.cli import info\n"
        "print(callable(info))"
    )
    root = Path(__file__).parents[3]

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=120, check=True
    )

    assert done.stdout.split("\n")[:2] == ["[]", "True"]


def test_the_model_takes_one_thread_and_leaves_the_environment_as_it_was() -> None:
    """Threads that wait for each other cost a worker more than they bring, and workers are forked from one thread."""
    code = (
        "import os; from pathlib import Path\n"
        "from gateway.detect.names.nlp import SpacyTagger\n"
        "tagger = SpacyTagger(Path('models/names-en/model'))\n"
        "tagger.tag(['Maria Hernandez was seen for asthma on Monday. ' * 40])\n"
        "print(len(os.listdir('/proc/self/task')), os.environ.get('OPENBLAS_NUM_THREADS'))"
    )
    clean = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}

    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env=clean,
    )

    assert done.stdout.split() == ["1", "None"]


def test_words_learned_before_change_no_answer() -> None:
    """They are kept beyond a text; those of mail are not."""
    text = "Please call Maria Hernandez, 742 Orchard Lane, Springfield, about the appointment: Zyxvuts won't be there."
    fresh = SpacyTagger(MODEL / "model")
    learned = build_tagger(MODEL, digest_of(MODEL))
    assert isinstance(learned, SpacyTagger)

    assert learned.tag([text, GOOD]) == fresh.tag([text, GOOD])
    assert learned.tag([text])[0]
    assert "appointment" in learned.nlp.vocab
    assert "appointment" not in fresh.nlp.vocab
    assert "Zyxvuts" not in learned.nlp.vocab
