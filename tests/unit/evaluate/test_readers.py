"""Each format, on tiny samples made up here."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway.core.errors import SetupError
from gateway.core.message import Span
from gateway.evaluate.layout import Layout
from gateway.evaluate.readers import read_corpora
from gateway.evaluate.sample import Corpus, Expected


def lines(*rows: Mapping[str, object]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def only(path: Path, layout: Layout = Layout.AUTO) -> Corpus:
    """The one corpus that is there."""
    (corpus,) = read_corpora(path, layout)
    return corpus


def test_jsonl(tmp_path: Path) -> None:
    """Spans, optional ones, and whether rules ought to act."""
    row = {"id": "a", "text": "Ann Lee", "spans": [{"entity": "PERSON", "start": 0, "end": 7}], "areas": ["hipaa"]}
    other = {"id": "b", "text": "Dr. Roe", "spans": [{"entity": "PER", "start": 4, "end": 7, "optional": True}]}
    (tmp_path / "texts.jsonl").write_text(lines(row, {**other, "areas": []}, {**other, "protected": True}))
    corpus = only(tmp_path)

    assert (corpus.form, corpus.name, corpus.kinds) == ("jsonl", tmp_path.name, frozenset({"PERSON"}))
    assert [sample.protected for sample in corpus] == [True, False, True]
    assert corpus.samples[0].expected == (Expected("PERSON", Span(0, 7)),)
    assert corpus.samples[1].expected == (Expected("PERSON", Span(4, 7), optional=True),)
    assert corpus.samples[0].raw.endswith(b"\r\n\r\nAnn Lee")


def test_presidio_research(tmp_path: Path) -> None:
    """A JSON list with start and end positions."""
    span = {"entity_type": "GPE", "entity_value": "Utica", "start_position": 9, "end_position": 14}
    rows = [{"full_text": "I live in Utica", "spans": [{**span, "start_position": 10, "end_position": 15}]}]
    (tmp_path / "synth.json").write_text(json.dumps(rows))
    corpus = only(tmp_path)

    assert corpus.form == "presidio-research"
    assert corpus.samples[0].expected == (Expected("LOCATION", Span(10, 15)),)
    assert corpus.samples[0].protected is None


def test_presidio_tests(tmp_path: Path) -> None:
    """Generic and American cases in all the ways they are written; the others are left out."""
    cases = [
        (["US_SSN"], {"text": "a 078-05-1120", "expected_len": 1, "expected_positions": [[2, 13]]}),
        (["IBAN_CODE"], {"iban": "XX00", "expected_len": 0, "expected_res": []}),
        (["US_NPI"], {"text": "123", "expected_len": 0, "expected_position": [0, 3]}),
        (None, {"text": "b 555", "entities": ["PHONE_NUMBER"], "expected_positions": [[2, 5]]}),
        (["DE_PLZ"], {"text": "10115", "expected_positions": [[0, 5]]}),
        (["US_SSN", "PERSON"], {"text": "x", "expected_positions": []}),
        (["CREDIT_CARD"], {"number": "4111", "expected": True}),
        (["CREDIT_CARD"], {"text": "no places", "expected_len": 2}),
        (["IP_ADDRESS"], {"text": "::1", "expected_len": 1, "expected_positions": []}),
    ]
    rows = [{"test": "t", "entities": entities, "case": case} for entities, case in cases]
    (tmp_path / "cases.jsonl").write_text(lines(*rows))
    corpus = only(tmp_path)

    assert corpus.form == "presidio-tests"
    assert [sample.id for sample in corpus] == ["1 US_SSN", "2 IBAN_CODE", "3 US_NPI", "4 PHONE_NUMBER"]
    assert [len(sample.expected) for sample in corpus] == [1, 0, 0, 1]
    assert corpus.samples[1].kinds == frozenset({"IBAN_CODE"})


def test_conll(tmp_path: Path) -> None:
    """First and last column, sentences put together as people write, B- and I- made into spans."""
    rows = "Ann\tB-person\nLee\tI-person\n,\tO\nUtica\tB-location\n(\tO\nNY\tB-location\n)\tO\n\nHi\tO\n"
    (tmp_path / "dev.conll").write_text(rows)
    corpus = only(tmp_path)

    assert [sample.text for sample in corpus] == ["Ann Lee, Utica (NY)", "Hi"]
    assert corpus.samples[0].expected == (
        Expected("PERSON", Span(0, 7)),
        Expected("LOCATION", Span(9, 14)),
        Expected("LOCATION", Span(16, 18)),
    )
    assert corpus.name == "dev"


def test_conll_without_beginnings(tmp_path: Path) -> None:
    """IOB1 writes I- for the first token too; a change of label ends a span."""
    (tmp_path / "x.conll.txt").write_text("Ann I-PER\nLee I-PER\nUtica I-LOC\nRoe I-PER\nPoe B-PER\n")
    spans = [(e.kind, e.span) for e in only(tmp_path).samples[0].expected]

    assert spans == [
        ("PERSON", Span(0, 7)),
        ("LOCATION", Span(8, 13)),
        ("PERSON", Span(14, 17)),
        ("PERSON", Span(18, 21)),
    ]


def test_ccda(tmp_path: Path) -> None:
    """A document is an attachment; its values are known, their places are not."""
    truth = {"file": "a.xml", "given": ["Ann"], "family": ["Lee"], "telecom": ["tel:212"], "birth": ["195001021200"]}
    (tmp_path / "truth.jsonl").write_text(lines(truth))
    (tmp_path / "a.xml").write_text("<ClinicalDocument/>")
    corpus = only(tmp_path)

    assert corpus.form == "ccda"
    assert corpus.samples[0].protected
    assert {(e.kind, e.values) for e in corpus.samples[0].expected} == {
        ("PERSON", ("Ann",)),
        ("PERSON", ("Lee",)),
        ("PHONE_NUMBER", ("212",)),
        ("DATE_OF_BIRTH", ("19500102",)),
    }
    assert b'filename="a.xml"' in corpus.samples[0].raw


def test_hl7v2(tmp_path: Path) -> None:
    """With a PID segment it is about a patient; of others nobody said."""
    (tmp_path / "a.hl7").write_bytes(b"MSH|^~\\&|A\rPID|1||42\r")
    (tmp_path / "b.hl7").write_bytes(b"MSH|^~\\&|A\rZZZ|1\r")

    assert [sample.protected for sample in only(tmp_path)] == [True, None]


def test_secrets(tmp_path: Path) -> None:
    """Any finding of a secret counts, wherever; label 0 is clear."""
    rows = [{"rule": "r", "label": 1, "text": "key=x"}, {"rule": "r", "label": 0, "text": "key"}]
    (tmp_path / "examples.jsonl").write_text(lines(*rows))
    corpus = only(tmp_path)

    assert [(sample.expected, sample.protected) for sample in corpus] == [((Expected("SECRET"),), True), ((), False)]


def test_folders_of_both_sorts(tmp_path: Path) -> None:
    """Sorted by folder; a text file is the text of a message."""
    for folder, name in (("protected", "a.eml"), ("clear", "b.txt"), ("clear", "README.md"), ("other", "c.eml")):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / name).write_bytes(b"Subject: x\n\nHello\n")
    corpus = only(tmp_path)

    assert [(sample.id, sample.protected) for sample in corpus] == [("clear/b.txt", False), ("protected/a.eml", True)]
    assert corpus.samples[1].raw == b"Subject: x\r\n\r\nHello\r\n"
    assert corpus.samples[0].raw.startswith(b"MIME-Version: 1.0\r\n")


def test_files_named_by_sort(tmp_path: Path) -> None:
    """The layout of rules/cases."""
    (tmp_path / "positive-referral.eml").write_bytes(b"From x 1\nSubject: x\n\nHello\n")
    (tmp_path / "negative-news.eml").write_bytes(b"Subject: x\n\nHello\n")
    corpus = only(tmp_path)

    assert [(sample.id, sample.protected) for sample in corpus] == [
        ("negative-news.eml", False),
        ("positive-referral.eml", True),
    ]
    assert corpus.samples[1].raw.startswith(b"Subject: x")


def test_ham_is_clear(tmp_path: Path) -> None:
    """By the name of its folder, or because somebody says so."""
    folder = tmp_path / "ham"
    folder.mkdir()
    (folder / "1.eml").write_bytes(b"Subject: x\n\nHello\n")
    (folder / "LICENSE").write_text("public")

    assert [sample.protected for sample in only(folder)] == [False]
    assert [sample.protected for sample in only(folder, Layout.PROTECTED)] == [True]


def test_folders_below_are_found_and_the_rest_passed_over(tmp_path: Path) -> None:
    """One path for many corpora."""
    for name in ("ham", "stuff/deep/negative"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "1.eml").write_bytes(b"Subject: x\n\nHello\n")
    (tmp_path / "notes.txt").write_text("not a corpus")

    assert [corpus.name for corpus in read_corpora(tmp_path)] == ["ham", "negative"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("notes.txt", "canary", "no labelled data"),
        ("a.jsonl", '{"text": "x", "spans": []}\ncanary\n', "line 2 is not JSON"),
        ("a.jsonl", '{"text": "x", "spans": [{"entity": "P", "start": 0, "end": 9}]}\n', "outside of its text"),
        ("a.jsonl", '{"text": "x", "spans": []}\n{"canary": 1}\n', "is no good jsonl"),
        ("a.conll", "canary\n", "line 1 has one column"),
    ],
)
def test_what_cannot_be_read_is_told_without_content(tmp_path: Path, name: str, content: str, told: str) -> None:
    """A fault of the set-up, with its place and none of its words."""
    (tmp_path / name).write_text(content)

    with pytest.raises(SetupError) as caught:
        list(read_corpora(tmp_path / name))
    assert told in str(caught.value)
    assert "canary" not in str(caught.value)


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    """Said in so many words."""
    with pytest.raises(SetupError, match="no such file"):
        list(read_corpora(tmp_path / "nowhere"))
