"""What was found in the messages of cases is remembered; nothing else is, and nothing is taken on trust."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from gateway.casework import remembering, trial
from gateway.casework.remembering import Remembering
from gateway.cli.keeping import Kept
from gateway.core.detector import Confidence
from gateway.core.finding import Also, Detection, DetectorFailure, FailureKind, Finding, Mark
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment, Span
from gateway.detect import Engine, database, load
from gateway.detect.database import adopt, compiled, keep_on
from gateway.detect.load import load_detectors
from gateway.lint import clean

TEXTS = (Segment("1", Place.SUBJECT, "Your form", header="Subject"), Segment("1", Place.BODY, "SSN 536-22-1874 \udc80"))
FINDING = Finding(
    entity="US_SSN",
    groups=frozenset({"identity", "patient-identifier"}),
    detector="us-ssn",
    confidence=Confidence.HIGH,
    score=0.85,
    part_path="1",
    place=Place.BODY,
    segment=1,
    span=Span(4, 15),
    masked="***-**-1874",
    value="536-22-1874",
    why=("pattern dashes",),
    marks=frozenset({Mark.FAMILY}),
    row=2,
    paragraph=1,
    also=(Also("US_ITIN", Confidence.LOW, "f"),),
)
FOUND = Detection((FINDING,), (DetectorFailure("names", FailureKind.LIMIT),), (FINDING,))


class Shelf(dict[str, bytes]):
    """A shelf in memory."""

    def put(self, key: str, octets: bytes) -> None:
        self[key] = octets


class Answers:
    """Finds the same in everything, and counts how often it is asked."""

    def __init__(self, found: Detection = FOUND) -> None:
        self.found = found
        self.asked = 0

    def detect(self, segments: Sequence[Segment], limits: Limits) -> Detection:
        self.asked += 1
        return self.found


@pytest.fixture
def shelf() -> Shelf:
    """An empty one."""
    return Shelf()


def remembering_of(engine: Answers, shelf: Shelf, digest: str = "d") -> Remembering:
    return Remembering(lambda: engine, digest, shelf)  # type: ignore[arg-type, return-value]


def filled(shelf: Shelf) -> Answers:
    """One run with one message."""
    engine = Answers()
    first = remembering_of(engine, shelf)
    assert first.detect(TEXTS, Limits()) == FOUND
    first.keep()
    return engine


def test_the_same_is_found_without_an_engine(shelf: Shelf) -> None:
    """To the last field, the value out of the text."""
    engine = filled(shelf)

    assert remembering_of(engine, shelf).detect(TEXTS, Limits()) == FOUND
    assert engine.asked == 1


def test_no_value_is_on_the_shelf(shelf: Shelf) -> None:
    """Only how it is masked and where it stands."""
    filled(shelf)

    octets = b"".join(shelf.values())
    assert b"***-**-1874" in octets
    assert b"536" not in octets


@pytest.mark.parametrize(
    ("texts", "limits", "digest"),
    [
        ((TEXTS[0], Segment("1", Place.BODY, "SSN 536-22-1875 \udc80")), Limits(), "d"),
        ((TEXTS[0], Segment("1", Place.ATTACHMENT, TEXTS[1].text)), Limits(), "d"),
        (TEXTS[::-1], Limits(), "d"),
        (TEXTS, Limits(findings=7), "d"),
        (TEXTS, Limits(), "other"),
    ],
    ids=["text", "place", "order", "limits", "detectors"],
)
def test_anything_else_is_searched(shelf: Shelf, texts: tuple[Segment, ...], limits: Limits, digest: str) -> None:
    """Another text, another place for it, other limits, other detectors."""
    engine = filled(shelf)

    remembering_of(engine, shelf, digest).detect(texts, limits)

    assert engine.asked == 2


@pytest.mark.parametrize("octets", [b"", b"{", b"[]", b"null", b'{"KEY": 1}', b'{"KEY": {"findings": [{}]}}', b"\xff"])
def test_what_is_not_understood_is_searched_again(shelf: Shelf, octets: bytes) -> None:
    """A file of another version of Gatepost, for instance."""
    engine = filled(shelf)
    (name,) = shelf
    (key,) = json.loads(shelf[name])
    shelf[name] = octets.replace(b"KEY", key.encode())

    assert remembering_of(engine, shelf).detect(TEXTS, Limits()) == FOUND
    assert engine.asked == 2


def test_a_value_that_is_not_in_the_text_is_not_remembered(shelf: Shelf) -> None:
    """It could not be told again."""
    engine = Answers(Detection((replace(FINDING, value="somebody"),)))
    first = remembering_of(engine, shelf)
    first.detect(TEXTS, Limits())
    first.keep()

    assert remembering_of(engine, shelf).detect(TEXTS, Limits()) == engine.found
    assert engine.asked == 2


def test_only_so_much_is_remembered(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was asked for last stays."""
    monkeypatch.setattr(remembering, "MOST", 3)
    engine = Answers(Detection())
    for run in range(3):
        each = remembering_of(engine, shelf)
        for number in range(2):
            each.detect([Segment("1", Place.BODY, f"{run} {number}")], Limits())
        each.keep()

    (octets,) = shelf.values()
    assert len(json.loads(octets)) == 3
    asked = engine.asked
    remembering_of(engine, shelf).detect([Segment("1", Place.BODY, "2 1")], Limits())
    assert engine.asked == asked


def counted(monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> list[str]:
    """Grows by one whenever that function of the module is called."""
    calls: list[str] = []
    original = getattr(module, name)

    def call(*given: Any, **named: Any) -> Any:
        calls.append(name)
        return original(*given, **named)

    monkeypatch.setattr(module, name, call)
    return calls


def test_unchanged_cases_need_no_engine(
    call: Callable[..., Result], rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second run makes none; a message that changed needs one again; verdicts are of the rules as they are."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = counted(monkeypatch, trial, "Engine")
    file = rules / "cases" / "local-ssn" / "cases.yaml"
    rule = rules / "packs" / "local" / "local-ssn.yaml"

    codes = [call("rules", "test").exit_code, call("rules", "test").exit_code]
    assert (codes, len(made)) == ([0, 0], 1)

    rule.write_text(rule.read_text("utf-8").replace("quarantine: {}", "block: {}"), "utf-8")
    assert "came out as block" in call("rules", "test").stdout
    assert len(made) == 1

    file.write_text(file.read_text("utf-8").replace("The SSN is", "A SSN is"), "utf-8")
    call("rules", "test")
    assert len(made) == 2


def test_samples_of_unchanged_detectors_are_tried_once(
    call: Callable[..., Result], rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sample that fails is told every time, and one that was changed is tried."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    tried = counted(monkeypatch, load, "_sample_faults")
    detector = rules / "detectors" / "us-ssn.yaml"
    good = detector.read_text("utf-8")

    assert [call("policy", "check").exit_code for _ in range(2)] == [0, 0]
    assert len(tried) == 1

    detector.write_text(good.replace("no-match:", "no-match:\n    - My SSN is 536-22-1874.", 1), "utf-8")
    assert [call("policy", "check").exit_code for _ in range(2)] == [2, 2]
    assert len(tried) == 3


def test_workers_are_handed_what_was_compiled_before(
    rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also by a process that had nothing to compile itself; without the databases the samples are tried again."""
    shelf = Kept(tmp_path / "cache")
    keep_on(shelf)
    specs = load_detectors(rules / "detectors", [], shelf)
    Engine(specs)
    monkeypatch.setattr(database, "_memory", database._Memory())
    keep_on(shelf)

    assert load_detectors(rules / "detectors", [], shelf) == specs
    handed = compiled()

    monkeypatch.setattr(database, "_memory", database._Memory())
    with monkeypatch.context() as patch:
        patch.setattr(database, "_compile", None)  # calling it would fail
        adopt(handed)
        Engine(specs)
    for path in (tmp_path / "cache").iterdir():
        if not path.name.startswith("detectors-"):
            path.unlink()
    monkeypatch.setattr(database, "_memory", database._Memory())
    keep_on(shelf)
    tried = counted(monkeypatch, load, "_sample_faults")
    load_detectors(rules / "detectors", [], shelf)
    assert len(tried) == 1


def test_of_mail_given_to_lint_nothing_is_remembered(
    call: Callable[..., Result], rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be anybody's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    mail = tmp_path / "mail"
    mail.mkdir()
    (mail / "one.eml").write_bytes(b"From: a@clinic.example\r\nTo: b@x.example\r\n\r\nSSN 536-22-1874\r\n")

    assert "1 of 1 clean messages" in call("rules", "lint", "--clean", mail).stdout
    assert [
        path.name for path in (tmp_path / "cache" / "gatepost").iterdir() if path.name.startswith(("found-", "timed-"))
    ] == []


def test_patterns_are_timed_once_on_the_same_texts(
    call: Callable[..., Result], rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another text or another pattern is timed, and so is what is not understood."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    timed = counted(monkeypatch, clean, "_patterns")
    detector = rules / "detectors" / "us-ssn.yaml"
    mail = rules / "clean" / "one.eml"
    mail.parent.mkdir(exist_ok=True)
    mail.write_bytes(b"From: a@clinic.example\r\nTo: b@x.example\r\n\r\nLunch at noon\r\n")

    said = [call("rules", "lint").output for _ in range(2)]
    assert said[0] == said[1]
    assert len(timed) == 1

    mail.write_bytes(mail.read_bytes() + b"or later\r\n")
    call("rules", "lint")
    assert len(timed) == 2

    detector.write_text(detector.read_text("utf-8").replace("title:", "title: Another", 1), "utf-8")
    call("rules", "lint")
    assert len(timed) == 3


@pytest.mark.parametrize("octets", [b"", b"null", b"[[1]]", b"{", b'[["a","b","x",1]]'])
def test_times_that_are_not_understood_are_taken_again(octets: bytes) -> None:
    """A file of another version, or half of one."""
    assert clean._read(octets) is None
