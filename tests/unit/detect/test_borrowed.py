"""Detectors that were written for Presidio."""

import inspect
import re
from pathlib import Path
from typing import Any

import presidio_analyzer
import presidio_analyzer.predefined_recognizers as predefined
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.detector import Confidence, DetectorSpec, Pattern
from gateway.core.errors import Fault
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment
from gateway.detect import Engine
from gateway.detect.load import load_detectors
from gateway.detect.patterns import RefusedPattern, compile_pattern
from gateway.detect.translating import translated

EXAMPLE = Path(presidio_analyzer.__file__).parent / "conf" / "example_recognizers.yaml"
BADGES = r"""
recognizers:
  - name: Badge
    supported_entity: BADGE
    supported_languages:
      - language: en
        context: [badge, door]
      - language: de
        context: [Ausweis]
    patterns:
      - {name: strong, regex: "\\bB-\\d{6}\\b", score: 0.85}
      - {name: middle, regex: "(?<!\\d)7\\d{5}(?!\\d)", score: 0.5}
      - {name: weak, regex: "\\b9\\d{5}\\b", score: 0.05}
  - name: Projects
    supported_entity: Secret project
    deny_list: [Blue Moon, "C++ 2"]
    deny_list_score: 0.6
  - name: switched off
    supported_entity: OFF
    enabled: false
    patterns: [{name: x, regex: "(?<=a)(?=b)", score: 1}]
"""


def load(folder: Path, text: str) -> tuple[tuple[DetectorSpec, ...], list[str]]:
    (folder / "badges.yaml").write_text(text, encoding="utf-8")
    faults: list[Fault] = []
    specs = load_detectors(folder, faults)
    return specs, [str(fault).replace(f"{folder}/", "") for fault in faults]


def found(specs: tuple[DetectorSpec, ...], text: str) -> list[tuple[str, str, str]]:
    findings = Engine(specs).detect((Segment("1", Place.BODY, text),), Limits()).findings
    return [(finding.entity, finding.value, finding.confidence.word) for finding in findings]


def test_presidios_own_example_loads_unchanged(tmp_path: Path) -> None:
    """The file as the package ships it: a zip code that needs context, and a list of titles."""
    specs, faults = load(tmp_path, EXAMPLE.read_text(encoding="utf-8"))

    assert faults == []
    assert [(spec.id, spec.entity) for spec in specs] == [
        ("badges-zip-code-recognizer", "ZIP"),
        ("badges-titles-recognizer", "TITLE"),
    ]
    assert found(specs, "zip 97301 or 97302-1234, said Dr. Roe") == [
        ("ZIP", "97301", "low"),
        ("ZIP", "97302-1234", "low"),
        ("TITLE", "Dr.", "high"),
    ]
    assert found(specs, "item 97301") == []


def test_scores_become_confidence_and_context_raises_them(tmp_path: Path) -> None:
    """0.8, 0.5 and 0.25 are the steps; context adds 0.35, and 0.4 at least; the words of all languages count."""
    specs, faults = load(tmp_path, BADGES)

    assert faults == []
    assert found(specs, "B-123456, 712345, 912345") == [("BADGE", "B-123456", "high"), ("BADGE", "712345", "medium")]
    assert found(specs, "door 712345") == [("BADGE", "712345", "high")]
    assert found(specs, "Ausweis 912345") == [("BADGE", "912345", "low")]
    assert found(specs, "x712345, 0712345, 7123456") == [("BADGE", "712345", "medium")]


def test_a_deny_list_is_of_whole_words_as_they_are_written(tmp_path: Path) -> None:
    """Signs of regular expressions are just signs; letters of any case."""
    specs, _ = load(tmp_path, BADGES)

    assert found(specs, "blue moon and C++ 2, no C++ 20 in bluemoon") == [
        ("SECRET_PROJECT", "blue moon", "medium"),
        ("SECRET_PROJECT", "C++ 2", "medium"),
    ]


def test_a_recognizer_belongs_to_the_groups_of_its_entity(tmp_path: Path) -> None:
    """Another detector that finds the same says which: so that rules by group see it too."""
    own = "id: own\nentity: BADGE\ntitle: Own\ngroups: [staff]\npatterns: [{name: x, regex: 'X-[0-9]{3}'}]\n"
    (tmp_path / "own.yaml").write_text(own, encoding="utf-8")
    specs, faults = load(tmp_path, BADGES)

    assert faults == []
    assert {spec.id: spec.groups for spec in specs} == {
        "badges-badge": {"staff"},
        "badges-projects": frozenset(),
        "own": {"staff"},
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "recognizers:\n  - name: CreditCardRecognizer\n    type: predefined\n",
            (
                '2:5: badges: "CreditCardRecognizer" is a program inside Presidio: take it out, or give it patterns or '
                "a deny_list: Gatepost has detectors of its own"
            ),
        ),
        (
            "recognizers:\n  - SpacyRecognizer\n",
            (
                '2:5: badges: "SpacyRecognizer" is a program inside Presidio: take it out, or give it patterns or a '
                "deny_list: Gatepost has detectors of its own"
            ),
        ),
        (
            "recognizers:\n  - name: A\n    supported_entity: A\n    patterns:\n      - regex: '([ -])x\\1'\n",
            (
                r"5:16: badges: the regex cannot be taken over: invalid escape sequence: \1: write it without "
                "look-around inside and without back-references (RE2 has neither)"
            ),
        ),
        (
            "recognizers:\n  - name: A\n    supported_entity: A\n    deny_lst: [x]\n    patterns: [{regex: x}]\n",
            '4:5: badges: unknown setting "deny_lst": did you mean "deny_list"?',
        ),
        ("recognizers: []\n", '1:14: badges: there is no recognizer in the list: write "- name: …" below it'),
        (
            "recognizers:\n  - name: A\n    patterns: [{regex: x, score: much}]\n",
            '2:5: badges: "supported_entity" is missing: add "supported_entity: NAME_OF_WHAT_IT_FINDS"',
        ),
    ],
)
def test_what_cannot_be_taken_over_is_refused_with_the_reason(tmp_path: Path, text: str, expected: str) -> None:
    """At its place; nothing is left out in silence."""
    specs, faults = load(tmp_path, text)

    assert faults == [f"badges.yaml:{expected}"]
    assert specs == ()


def patterns_of_presidio() -> list[str]:
    classes: list[Any] = [c for c in vars(predefined).values() if inspect.isclass(c)]
    return [pattern.regex for c in classes for pattern in getattr(c, "PATTERNS", None) or ()]


def test_most_patterns_of_presidio_itself_can_be_taken_over() -> None:
    """157 of the 173 that version 2.2.363 has; the rest has look-around inside, or back-references."""
    taken = 0
    for regex in patterns_of_presidio():
        try:
            translated(regex, re.IGNORECASE | re.MULTILINE | re.DOTALL)
        except RefusedPattern:
            continue
        taken += 1

    assert taken >= 0.9 * len(patterns_of_presidio()) > 100


LOOKING = (
    r"(?<!\d)\d{3}-\d{2}(?!\d)",
    r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?![A-Z0-9])",
    r"(?<=no )\d+",
    r"(?<!\w)a.b(?!\W)",
    r"^\d{2}$",
    r"(?<!-)\d(?![\d\-])",
)


@given(regex=st.sampled_from(LOOKING), text=st.text("0123-AB ab\nno", max_size=40))
def test_a_translated_pattern_finds_what_the_original_finds(regex: str, text: str) -> None:
    """The same values at the same places, also where two of them share the sign between them."""
    flags = re.MULTILINE | re.DOTALL
    ours = compile_pattern(Pattern("x", translated(regex, flags), case_sensitive=True)).spans(text.encode())

    assert list(ours) == [found.span() for found in re.finditer(regex, text, flags)]


def test_level_of_a_finding_is_never_made_up() -> None:
    """A recognizer without context words stays at its own level, whatever stands near."""
    spec = DetectorSpec("x", "X", "X", frozenset(), (Pattern("p", "x[0-9]{3}", Confidence.LOW, Confidence.LOW),))

    assert found((spec,), "badge x123") == [("X", "x123", "low")]
