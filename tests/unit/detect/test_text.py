"""Folding: what looks the same is read the same, and offsets come back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.message import Span
from gateway.detect.text import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("a\u00a0b", b"a b"),
        ("１２‑３", b"12-3"),
        ("٣٤", b"34"),
        ("José", b"Jose"),
        ("Jose\u0301", b"Jose"),
        ("so\u00adci\u200bal", b"social"),
        ("“x” ’s", b'"x" \'s'),
        ("Ж中", "Ж中".encode()),
        ("\ud800", b"?"),
        ("②⑴⒐❼🯳²𜳲", b"2197322"),
        ("一二三四五六", b"123456"),
        ("十二月一日", "十二月一日".encode()),
        ("ЅЅN dіаbеtеs", b"SSN diabetes"),
        ("219-О9 ⳊⳊ", b"219-09 99"),
        ("сор Ѕ", "сор Ѕ".encode()),
        ("ꜱꜱɴ", b"SSN"),
        ("2\u31641\ue0009\u0086\ufffd·\u2043\u30fc", b"219.--"),
    ],
)
def test_text_is_folded(text: str, folded: bytes) -> None:
    """Spaces, dashes, digits, quotes, accents, look-alikes and invisible characters become plain; whole words stay."""
    assert fold(text).octets == folded


@given(st.text(st.sampled_from("aé中🙂\u200b\u00ad\u0301１-\ud800"), max_size=60))
def test_every_folded_character_leads_back_to_its_original(text: str) -> None:
    """Each character of the folded text has a place of one character in the original, in order."""
    folded = fold(text)
    plain = folded.octets.decode("utf-8")
    starts = [len(plain[:index].encode()) for index in range(len(plain))]
    spans = [folded.span(start, start + len(char.encode())) for start, char in zip(starts, plain, strict=True)]

    assert all(span.end == span.start + 1 for span in spans)
    assert spans == sorted(spans, key=lambda span: span.start)
    assert [fold(text[span.start : span.end]).octets.decode() for span in spans] == list(plain)


def test_many_foreign_characters_fold_like_few() -> None:
    """The quick way for few distinct characters and the other one agree."""
    text = "".join(chr(point) for point in range(0xA1, 0x250)) + "é219"

    assert fold(text).octets.endswith(b"e219")
    assert fold(text).span(len(fold(text).octets) - 3, len(fold(text).octets)) == Span(len(text) - 3, len(text))
