"""Detector files: what is wrong is said with its place and a remedy."""

from pathlib import Path

import pytest

from gateway.core.detector import Confidence, Context, DetectorSpec
from gateway.core.errors import Fault
from gateway.detect.load import load_detectors

GOOD = """\
id: badge
entity: BADGE_NUMBER
title: Number of a badge
groups: [staff]
patterns:
  - name: dashed
    regex: '\\bB-(?P<value>\\d{4})\\b'
    alone: low
    with-context: high
    invalid-alone: none
context:
  words: [badge]
  before: 30
exclude: ['0000']
mask: all
samples:
  match: ['badge B-1234']
  no-match: ['B-0000']
references: ['made up']
"""


def _load(folder: Path, text: str, name: str = "badge.yaml") -> tuple[tuple[DetectorSpec, ...], list[str]]:
    (folder / name).write_text(text, encoding="utf-8")
    faults: list[Fault] = []
    specs = load_detectors(folder, faults)
    return specs, [str(fault).removeprefix(f"{folder}/") for fault in faults]


def test_file_becomes_a_spec(tmp_path: Path) -> None:
    """Every setting lands where it belongs."""
    (spec,), faults = _load(tmp_path, GOOD)

    assert faults == []
    assert (spec.id, spec.entity, spec.groups, spec.mask) == ("badge", "BADGE_NUMBER", frozenset({"staff"}), "all")
    assert (spec.patterns[0].alone, spec.patterns[0].with_context) == (Confidence.LOW, Confidence.HIGH)
    assert spec.patterns[0].invalid_alone is None
    assert spec.context == Context(("badge",), 30, 40)
    assert (spec.exclude, spec.line, spec.samples.no_match) == (("0000",), 1, ("B-0000",))


@pytest.mark.parametrize("name", [".#badge.yaml", "#badge.yaml", "~badge.yaml", "._badge.yaml"])
def test_what_an_editor_leaves_is_no_detector(tmp_path: Path, name: str) -> None:
    """As among the rules: a reload while a file is open in an editor is not refused for that."""
    (tmp_path / name).symlink_to("ada@desk.example.4711")

    (spec,), faults = _load(tmp_path, GOOD)

    assert (spec.id, faults) == ("badge", [])


def test_hint_and_enough_land_in_the_spec(tmp_path: Path) -> None:
    """What is cheaper to look for, and how many findings are enough."""
    text = GOOD.replace("    alone: low", "    hint: 'B-\\d'\n    alone: low") + "enough: 5\n"

    (spec,), faults = _load(tmp_path, text)

    assert faults == []
    assert (spec.patterns[0].hint, spec.enough) == ("B-\\d", 5)


def test_hint_that_does_not_occur_with_its_pattern_is_seen_by_the_samples(tmp_path: Path) -> None:
    """A wrong hint would hide values; the samples do not let it."""
    _, faults = _load(tmp_path, GOOD.replace("    alone: low", "    hint: 'C-\\d'\n    alone: low"))

    assert len(faults) == 1
    assert "sample match[0] is not found" in faults[0]


def test_enough_is_a_number_of_findings(tmp_path: Path) -> None:
    """Too many is as wrong as a word."""
    _, faults = _load(tmp_path, GOOD + "enough: 99999\n")

    assert faults == ['badge.yaml:20:9: badge: "enough" is not a number of findings: write a number from 0 to 10000']


FAULTS = [
    ("entity: BADGE", "entty: BADGE", ['badge.yaml:2:1: badge: unknown setting "entty": did you mean "entity"?',
                                       'badge.yaml:1:1: badge: "entity" is missing: add "entity: …"']),
    ("id: badge", "id: bagde", [('badge.yaml:1:5: badge: the id is "bagde" but the file is named "badge.yaml": '
                                'write "id: badge", or rename the file')]),
    ("entity: BADGE_NUMBER", "entity: badge number", [('badge.yaml:2:9: badge: "badge number" is no entity name: '
                                                      "write it in capitals with underscores, such as US_SSN")]),
    ("mask: all", "validator: us_snn", ['badge.yaml:15:12: badge: unknown validator "us_snn": did you mean "us_ssn"?']),
    ("mask: all", "mask: al", ['badge.yaml:15:7: badge: unknown mask "al": did you mean "all"?']),
    ("alone: low", "alone: sure", [('badge.yaml:8:12: badge: unknown alone "sure": '
                                   "write one of low, medium, high, none")]),
    ("mask: all", "lexicon: lost.txt", [('badge.yaml:15:10: badge: the list "lost.txt" cannot be read: '
                                        "give its path relative to this file; it is UTF-8 text, one term a line")]),
    ("mask: all", "validator: in_list", ['badge.yaml:15:12: badge: "in_list" needs a list: name it with "lexicon: …"']),
    ("\\bB-", "(?<=x)B-", [("badge.yaml:7:12: badge: RE2 refuses the regex: invalid perl operator: (?<=: "
                           "use RE2 syntax: no look-around, no back-references")]),
    ("'\\bB-(?P<value>\\d{4})\\b'", "'\\d*'", [("badge.yaml:7:12: badge: the regex fits an empty text: "
                                              "make at least one character of it compulsory")]),
    ("before: 30", "before: far", [('badge.yaml:13:11: badge: "before" is not a number of characters: '
                                   "write a number from 0 to 1000")]),
    ("groups: [staff]", "groups: staff", [('badge.yaml:4:9: badge: "groups" is not a list: '
                                          "write each entry on a line of its own, with a dash before it")]),
    ("['badge B-1234']", "['badge C-1234']", [("badge.yaml:1:1: badge: sample match[0] is not found: "
                                              "mend the patterns, levels or context words, or the sample")]),
    ("['B-0000']", "['x', 'B-0001']", [("badge.yaml:1:1: badge: sample no-match[1] is found: "
                                       "mend the patterns, levels or context words, or the sample")]),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), FAULTS, ids=[new for _, new, _ in FAULTS])
def test_mistake_is_told_with_place_and_remedy(tmp_path: Path, old: str, new: str, expected: list[str]) -> None:
    """File, line, column, what is wrong, how to mend it."""
    assert old in GOOD

    _, faults = _load(tmp_path, GOOD.replace(old, new, 1))

    assert sorted(faults) == sorted(expected)


def test_neither_patterns_nor_lexicon(tmp_path: Path) -> None:
    """A detector that can find nothing is a mistake."""
    _, faults = _load(tmp_path, "id: badge\nentity: BADGE\ntitle: Badge\ngroups: [staff]\n")

    assert faults == [
        "badge.yaml:1:1: badge: it has no patterns, labelled, lexicon or classifier: give it one of the four"
    ]


def test_a_network_that_cannot_be_used(tmp_path: Path) -> None:
    """It settles the doubts of a classifier, is a file of its recipe, and is not tried on samples."""
    (tmp_path / "weights.txt").write_text("-100\n200 fever\n", encoding="utf-8")
    (tmp_path / "network.npz").write_bytes(b"no network")
    head = "id: badge\nentity: BADGE\ntitle: Badge\ngroups: [staff]\n"

    _, alone = _load(tmp_path, f"{head}network: network.npz\n")
    _, other = _load(tmp_path, f"{head}classifier: weights.txt\nnetwork: network.npz\nsamples:\n  match: [fever]\n")

    assert (
        "badge.yaml:5:10: badge: there is a network but no classifier: give it the weights whose doubts it settles"
        in (alone)
    )
    assert [fault.partition(" refused: ")[0] for fault in other] == [
        "badge.yaml:8:3: badge: samples are not tried with a network: write cases of the rules that use it instead",
        "badge.yaml:6:10: badge: the network is",
    ]


def test_what_is_read_is_notes_or_sentences_by_a_classifier(tmp_path: Path) -> None:
    """Notes where nothing is said."""
    (tmp_path / "weights.txt").write_text("-100\n200 fever\n", encoding="utf-8")
    head = "id: badge\nentity: BADGE\ntitle: Badge\ngroups: [staff]\n"

    (notes,), _ = _load(tmp_path, f"{head}classifier: weights.txt\n")
    (sentences,), _ = _load(tmp_path, f"{head}classifier: weights.txt\nreads: sentences\n")
    _, alone = _load(tmp_path, f"{head}reads: sentences\n")
    _, other = _load(tmp_path, f"{head}classifier: weights.txt\nreads: lines\n")

    assert (notes.reads, sentences.reads) == ("notes", "sentences")
    assert (
        "badge.yaml:5:8: badge: it says what is read, and there is no classifier: give it the weights to read by"
        in alone
    )
    assert [fault.partition(": badge: ")[0] for fault in other] == ["badge.yaml:6:8"]


def test_file_that_is_no_mapping(tmp_path: Path) -> None:
    """A list at the top is told as such."""
    _, faults = _load(tmp_path, "- one\n")

    assert faults == ['badge.yaml:1:1: badge: the file is not a list of settings: begin it with "id: name-of-the-file"']


def test_faulty_file_leaves_the_others_in(tmp_path: Path) -> None:
    """Every file is read, whatever the one before was like."""
    (tmp_path / "again.yaml").write_text(GOOD.replace("id: badge", "id: again"), encoding="utf-8")

    specs, faults = _load(tmp_path, "id: [")

    assert [spec.id for spec in specs] == ["again"]
    assert len(faults) == 1


def test_missing_folder_is_a_fault(tmp_path: Path) -> None:
    """No folder, no detectors, and it is said."""
    faults: list[Fault] = []

    assert load_detectors(tmp_path / "none", faults) == ()
    assert [fault.problem for fault in faults] == ["there is no such folder"]


def test_lexicon_is_read_beside_the_file(tmp_path: Path) -> None:
    """Comments and empty lines of a list are no terms."""
    (tmp_path / "words.txt").write_text("# words\n\nalpha\n=BETA\n", encoding="utf-8")
    text = "id: badge\nentity: WORD\ntitle: Words\ngroups: [x]\nlexicon: words.txt\nconfidence: low\n"
    text += "samples:\n  match: [Alpha, BETA]\n  no-match: [beta]\n"

    (spec,), faults = _load(tmp_path, text)

    assert (spec.lexicon_terms, spec.confidence, faults) == (("alpha", "=BETA"), Confidence.LOW, [])
