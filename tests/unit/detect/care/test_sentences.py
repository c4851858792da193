"""Sentences by themselves: half of one about somebody's illness counts among other matters."""

from pathlib import Path

import pytest

from gateway.detect.care.classifier import NOTE, READ, classifier_of
from gateway.detect.care.network import network_of
from gateway.detect.care.reading import sentences_of
from gateway.detect.care.sentences import SURE, SURE_OF_LONG, Sentences

MODELS = Path(__file__).parents[4] / "models" / "care-classifier"
OTHERS = (
    b"The van goes to the garage on Monday. Please bring the blue folder and the keys of the shed. The meeting moves "
    b"to room four, since the projector is broken again. Coffee is on the firm. "
)
TOLD = b"My mom is back in the hospital with pneumonia. "


@pytest.fixture(scope="session")
def sentences() -> Sentences:
    """As shipped."""
    lines = (MODELS / "sentences.txt").read_text("utf-8").splitlines()
    return Sentences(classifier_of(lines[1:], network_of((MODELS / "sentences.npz").read_bytes())))


def cut(text: bytes) -> list[bytes]:
    return [text[start:end] for start, end in sentences_of(text)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (b"", []),
        (b"Only one here", [b"Only one here"]),
        (b"He is back now. She is not; they wait!", [b"He is back now. ", b"She is not; ", b"they wait!"]),
        (b"We saw Dr. Smith at St. Mary's today. Good.", [b"We saw Dr. Smith at St. Mary's today. ", b"Good."]),
        (b"Yes. No. The van broke down.", [b"Yes. No. The van broke down."]),
        (b"one two three\n- milk and bread\nBob", [b"one two three\n", b"- milk and bread\n", b"Bob"]),
        (b"It costs 4.50 at www.shop.example now", [b"It costs 4.50 at www.shop.example now"]),
        (b'She said "it is gone." And he left.', [b'She said "it is gone." ', b"And he left."]),
    ],
)
def test_a_sentence_ends_at_its_stop_or_its_line(text: bytes, sentences: list[bytes]) -> None:
    assert cut(text) == sentences


@pytest.mark.parametrize(
    "text", [b". " * 50_000, b"Dr. " * 50_000, b"\n" * 100_000, b"a b c. " * 20_000, b" " * 100_000]
)
def test_nothing_is_left_out_and_no_sentence_grows_without_end(text: bytes) -> None:
    found = cut(text)

    assert b"".join(found) == text
    assert max(map(len, found)) < 1_000 or (b"\n" not in text and b"." not in text)


def test_a_sentence_tells_whatever_the_mail_around_it_is_about(sentences: Sentences) -> None:
    """It alone is the passage, and its words the reasons."""
    for text in (TOLD, OTHERS + TOLD + OTHERS, 4 * OTHERS + b"\n\n" + TOLD + 4 * OTHERS):
        (passage,) = sentences.passages(text)

        assert text[passage.start : passage.end] == TOLD.rstrip(b". ")
        assert passage.sure
        assert "pneumonia" in passage.words
        assert sentences.insists(text)
    assert not sentences.insists(8 * OTHERS)


def test_of_a_longer_text_it_is_surer() -> None:
    """There are more of them to be wrong about. What scores between the two marks is none there."""
    small = Sentences(classifier_of(["-200", "300 fever", "440 his fever", "400 is", "1 and", "1 still"]))
    (passage,) = small.passages(b"his fever is still and")

    assert SURE <= passage.score < SURE_OF_LONG
    assert [p.sure for p in small.passages(b"his fever is still and" + b" " * NOTE)] == [False]


@pytest.mark.parametrize(
    ("text", "passage"),
    [
        (b"Hi Bob,\nhis fever is still high.\nBye", b"his fever is still high"),
        (b"his fever is up, says Dr.\nSmith and he waits.\nBye", b"his fever is up, says Dr.\nSmith and he waits"),
    ],
    ids=["a greeting", "a title at the end of a line"],
)
def test_what_tells_is_within_its_passage(text: bytes, passage: bytes) -> None:
    """Of a short line before it, it is none; of the rest nothing is left out."""
    small = Sentences(classifier_of(["-100", "900 fever", "300 his", "100 is", "1 still"]))
    (found,) = small.passages(text)

    assert text[found.start : found.end] == passage


@pytest.mark.parametrize("text", [b"", b"fever", b"heart attack", b"\x00\xff" * 500])
def test_too_few_words_tell_nothing(sentences: Sentences, text: bytes) -> None:
    assert not list(sentences.passages(text))


def test_beyond_its_bound_a_text_is_not_read(sentences: Sentences) -> None:
    assert sentences.insists(b"x " * (READ // 2 - 100) + b".\n" + TOLD)
    assert not sentences.insists(b"x " * (READ // 2) + b".\n" + TOLD)


def test_several_are_read_as_if_each_were_read_alone(sentences: Sentences) -> None:
    """The network reads many at once; none may see its neighbours."""
    others = [b"She starts chemo on Tuesday, poor thing. ", b"The invoice is late again and nobody knows why. "]
    text = b"".join([TOLD, *others] * 20)
    network = sentences.classifier.network
    assert network is not None

    network._known.clear()
    together = {text[p.start : p.end]: p.score for p in sentences.passages(text)}
    network._known.clear()  # else it would say what it said before

    for sentence in (TOLD, others[0]):
        (alone,) = sentences.passages(sentence)
        assert abs(alone.score - together[sentence.rstrip(b". ")]) <= 1


def test_a_table_of_figures_and_single_words_is_not_read(sentences: Sentences, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has thousands of lines, each of which would be weighed."""
    table = b"2211;surgery;12.50;pneumonia;3\n" * 1_000
    monkeypatch.setattr("gateway.detect.care.sentences.sentences_of", lambda _: pytest.fail("it was read"))

    assert not list(sentences.passages(table))
