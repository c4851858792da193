"""Hyperscan may say too much, never too little."""

import pytest

from gateway.core.detector import Context, DetectorSpec, Pattern
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment
from gateway.detect import Engine
from gateway.detect.database import Expression, Occurrences
from gateway.detect.patterns import Prefilter, RefusedPattern, compile_pattern
from gateway.detect.relaxing import alternatives, relaxed


@pytest.mark.parametrize(
    ("regex", "core"),
    [
        (r"\bmrn[: ]*(?P<value>\d{4,8})\b", r"\bmrn[: ]*"),
        (r"(?:^|[^0-9])(?P<value>\d{3}-(?:\d{2}|x))(?:$|,)", r"\d{3}-(?:\d{2}|x)"),
        (r"(?P<value>[A-Z]+) is ill", r"(?P<value>[A-Z]+) is ill"),
        (r"abc(?P<value>\d)|(?:x)", r"abc(?P<value>\d)|(?:x)"),
        (r"\bPV1[\-.]19\b[ :]{1,8}(?P<value>\d{4,8})\b", r"\bPV1[\-.]19\b[ :]{1,}"),
        (r"a{36}b{2,300}c{3}\{9}[{5}]", r"a{4,}b{2,}c{3}\{9}[{5}]"),
    ],
)
def test_pattern_is_relaxed(regex: str, core: str) -> None:
    """Of label and value the label stays, of a value between boundaries the value; high counts become open."""
    assert relaxed(regex) == core


def test_prefilter_says_all_that_occur() -> None:
    """Indexes of all patterns that can occur, ascending, once each."""
    patterns = [Pattern("a", r"\d{3}"), Pattern("b", r"never"), Pattern("c", "CASE", case_sensitive=True)]

    assert Prefilter(patterns).of(b"123 456 NEVER case") == [0, 1]


def test_pattern_that_hyperscan_cannot_take_is_left_to_re2() -> None:
    """What can never occur for Hyperscan counts as always possible; nothing is lost."""
    assert Occurrences([Expression(b"$^"), Expression(b"x")]).of(b"y") == [0]


def test_no_patterns_no_pass() -> None:
    """An engine of word lists alone works."""
    assert Prefilter([]).of(b"x") == []


@pytest.mark.parametrize(
    "text", [b"patient record 5", b"patient\trecord_5", b"a_patient record_5", b"impatient record 5"]
)
def test_a_long_word_is_looked_for_without_its_edges(text: bytes) -> None:
    """More can occur than does, never less: RE2 has the last word."""
    pattern = Pattern("edges", r"(?:\b|_)patient\s+record(?:\b|_) ?\d")

    assert Prefilter([pattern]).of(text) == [0]
    assert bool(list(compile_pattern(pattern).spans(text))) == (b"im" not in text)


@pytest.mark.parametrize("letters", [r"[a-z\x{e9}]", r"[\w\x{c0}-\x{24f}]", r"[\W\w]", r"\x{e9}", r"[\S]", r"[\p{L}]"])
def test_a_class_of_more_than_ascii_stands_for_a_letter_and_not_for_an_octet(letters: str) -> None:
    """A letter of two octets is one of the class, else a pattern of it would be looked for nowhere."""
    assert list(Prefilter([Pattern("p", f"zz{letters}9")]).of("zz\u00e99".encode())) == [0]


def test_refused_pattern_tells_why() -> None:
    """RE2's reason is kept."""
    with pytest.raises(RefusedPattern, match="invalid perl operator"):
        compile_pattern(Pattern("bad", "(?!x)"))


def test_shipped_samples_pass_the_prefilter(shipped: tuple[DetectorSpec, ...]) -> None:
    """Wherever RE2 finds a shipped pattern, Hyperscan lets it through."""
    for spec in shipped:
        for pattern in spec.patterns:
            compiled = compile_pattern(pattern)
            for sample in (*spec.samples.match, *spec.samples.no_match):
                if any(compiled.spans(sample.encode())):
                    assert Prefilter([pattern]).of(sample.encode()) == [0], (spec.id, pattern.name)


def test_value_across_the_edge_of_a_window_is_found_once_and_whole() -> None:
    """Searches see 64 KiB at a time; wherever a value lies, it is found."""
    pattern = compile_pattern(Pattern("p", r"\bx\d+y"))
    for shift in range(-8, 9, 2):
        for edge in (16_384, 49_152, 65_536, 114_688, 131_072):
            octets = b" " * (edge + shift) + b"x12345y" + b" " * 200_000

            assert list(pattern.spans(octets)) == [(edge + shift, edge + shift + 7)]


def test_search_within_bounds_sees_what_stands_around_them() -> None:
    """The edge of a range is no edge of a word."""
    pattern = compile_pattern(Pattern("p", r"\b\d{3}\b"))

    assert list(pattern.spans(b"12345 678", 2, 9)) == [(6, 9)]
    assert list(pattern.spans(b"678901", 0, 3)) == []


def test_pattern_that_needs_context_is_found_near_its_words_alone() -> None:
    """A long text with one context word is looked at around that word."""
    spec = DetectorSpec(
        "n", "NUMBER", "n", frozenset({"x"}), (Pattern("p", r"\b\d{4}\b"),), context=Context(("badge",), 20, 10)
    )
    text = "1111 " * 5_000 + "badge: 2222" + " 3333" * 5_000

    found = Engine((spec,)).detect([Segment("1", Place.BODY, text)], Limits()).findings

    assert [f.value for f in found] == ["1111", "2222", "3333", "3333"]


@pytest.mark.parametrize(
    ("regex", "parts"),
    [
        ("a|b c|d", ["a", "b c", "d"]),
        (r"(?:\bdob\b|date\s+of (?:birth|death)|[|)]x)", [r"\bdob\b", r"date\s+of (?:birth|death)", "[|)]x"]),
        (r"a\|b|[]|]|[^]|]", [r"a\|b", "[]|]", "[^]|]"]),
        ("(?:a|b)c|(?:d)", ["(?:a|b)c|(?:d)"]),
        ("(?:a|b)+", ["(?:a|b)+"]),
        ("(?:Apt|Suite)[.]? #", ["Apt[.]? #", "Suite[.]? #"]),
        ("(?:Apt|Suite)+x", ["(?:Apt|Suite)+x"]),
        ("(?:Apt|Suite)x|y", ["(?:Apt|Suite)x", "y"]),
        ("(?i)a|b", ["(?i)a|b"]),
        (r"\Qa|b\E|c", [r"\Qa|b\E|c"]),
        ("[[:alpha:]|]|c", ["[[:alpha:]|]|c"]),
    ],
)
def test_only_what_is_clearly_apart_is_taken_apart(regex: str, parts: list[str]) -> None:
    """Bars in classes, behind backslashes and within groups divide nothing; flags and quotations stay."""
    assert alternatives(regex) == parts


def test_an_expression_occurs_where_one_of_its_alternatives_does() -> None:
    """And is named once, by its own number, whatever stands before and behind it."""
    occurrences = Occurrences([Expression(b"x"), Expression(b"(?:cat|dog|cow)"), Expression(b"y|z")])

    assert [occurrences.of(text) for text in (b"a dog and a cow", b"z", b"", b"xy cat")] == [[1], [2], [], [0, 1, 2]]
