"""How a text is set down changes nothing about what is found in it, for samples of every shipped detector.

Line breaks, transfer encoding, mark-up and letter case are not what a value is; and what stands farther off than a
detector looks takes nothing away. Each example tries one sample of each detector.
`pytest --hypothesis-profile=thorough tests/property/test_same_entity.py` tries many more.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from html import escape
from pathlib import Path
from random import Random
from string import ascii_letters, ascii_uppercase, digits
from textwrap import wrap
from types import MappingProxyType

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from gateway.cli.ruleset import rules_of
from gateway.core.detector import DetectorSpec
from gateway.core.limits import Limits
from gateway.detect import Engine
from gateway.detect.masking import known_by
from gateway.detect.text import fold
from gateway.extract import extract
from gateway.parse import parse

THOROUGH = settings.get_current_profile_name() == "thorough"
EXAMPLES = 300 if THOROUGH else 3
SAME = not THOROUGH  # the same cases in each run of all tests: new ones are looked for on purpose
SHIPPED = rules_of(Path(__file__).parents[2] / "rules" / "policy.yaml").detectors
SPECS = [spec for spec in SHIPPED if not spec.engine]
HEAD = "Date: Mon, 2 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
PLAIN, HTML = (f'Content-Type: text/{kind}; charset="utf-8"\r\n' for kind in ("plain", "html"))
FLOWED = 'Content-Type: text/plain; charset="utf-8"; format=flowed\r\n'
WORDS = ("the", "house", "garden", "with", "small", "trees", "beside", "it", "stands", "quiet", "and", "green")
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # a seed has no smaller one
SEEDS = st.integers(0, 2**32 - 1)
NARROWEST = 60  # columns to which mail programs wrap, and more

Make = Callable[[Random], str]
Known = tuple[str, str]  # entity, and what its value is known by
Change = Callable[[str, Random], set[Known]]


def drawn(random: Random, length: int, letters: str = ascii_letters + digits) -> str:
    """What nobody guesses, with a letter and a digit in it."""
    return f"{random.choice(ascii_uppercase)}7" + "".join(random.choices(letters, k=length - 2))


# Secrets are made while a test runs: nothing in this repository looks like one.
SECRETS: Mapping[str, Make] = {
    "aws-key": lambda random: f"AKIA{''.join(random.choices(ascii_uppercase + '234567', k=16))}",
    "connection-string": lambda random: f"AccountKey={drawn(random, 43)}=",
    "generic-secret": lambda random: f"api_key: {drawn(random, 32)}",
    "github-token": lambda random: f"ghp_{drawn(random, 36)}",
    "gitlab-token": lambda random: f"glpat-{drawn(random, 20)}",
    "password-value": lambda random: f'password = "{drawn(random, 14)}"',
    "private-key": lambda random: (
        f"-----BEGIN RSA PRIVATE KEY-----\n{drawn(random, 64)}\n{drawn(random, 40)}\n-----END RSA PRIVATE KEY-----"
    ),
    "stripe-key": lambda random: f"sk_live_{drawn(random, 24)}",
}
OF_PEOPLE = (
    "Anna Silva was admitted to the ICU with pneumonia on Monday",
    "please call Marisol Quintero back, her biopsy shows melanoma and she is afraid",
    "Mr. Tyrell Hodges still has chest pain after the stent, his troponin was 0.42",
)  # with names that the language model finds

# Of these detectors a property does not hold, and why.
CAPITALS_MATTER = {
    "care-of-somebody": "a name of one word beside a test is known by its capital and by the small letters behind it",
    "facility": "where all is in capitals nothing tells where a name begins",
    "health-record": "the signs of HL7, X12, FHIR and C-CDA are written so and not otherwise",
    "member-beside-name": "a full name without a comma is known by its small letters",
    "number-of-a-person": "a full name without a comma is known by its small letters",
    "job-title": "DR stands for drive too, where all is in capitals",
    "origin": "polish and turkey are everyday words; only a capital at the head alone makes them a people",
    "password-in-url": "a secret is another one in another case",
    "person-title": "where all is in capitals nothing tells where a name ends",
}
CAPITALS_MATTER |= dict.fromkeys(SECRETS, "a secret is another one in another case")
SMALL_LETTERS_MATTER = CAPITALS_MATTER | {
    "age-over-89": "a bare number is an age behind a name, which is known by its capital",
    "city-state-zip": "in, or, me and hi are words: a town is known by its capital",
    "health-plan-member-id": "letters before groups of digits are part of a number where they are capitals",
    "health-term": "aids, als and ms are words of everyday English",
    "iban": "without a label near, small letters and digits are what digests of files look like",
    "icd10-code": "without a label near, e11.9 is the number of a version or a section",
    "insurance-card-number": "a number without a label is known by its capitals",
    "license-plate": "a plate is known by its capitals: any word stands before a number",
    "plan-number-near-word": "letters before groups of digits are part of a number where they are capitals",
    "written-number": "letters before groups of digits are part of a number where they are capitals",
    "record-number-near-word": "letters before groups of digits are part of a number where they are capitals",
    "medical-record-number": "letters before groups of digits are part of a number where they are capitals",
    "id-of-a-person": "letters before groups of digits are part of a number where they are capitals",
    "pathology-number": "the letters of a kind are capitals: sp-25 is any code",
    "patient-address": "drive, court and way are words: a street is known by its capital, or by a label before it",
    "person-labelled": "what follows the word patient is a name by its capital",
    "street-address": "drive, court and way are words: a street is known by its capital, or by a label before it",
    "unlabelled-member-number": "a number without a label is known by its capitals",
    "unlabelled-number": "a number without a label is known by its capitals",
    "us-dea": "without a label near, two small letters and seven digits are any code",
    "us-driver-license": "letters before groups of digits are part of a number where they are capitals",
    "us-mbi": "without a label near, small letters and digits are any code",
}
NOT_WITHIN_A_LINE = {
    "health-record": "a message of HL7 or X12 begins a line",
}
NOT_IN_CELLS = NOT_WITHIN_A_LINE | {
    "health-record": "nobody sets JSON or HL7 in cells",
    "insurance-card-number": "where other cells speak of care, too, the same value is a reference number, and surer",
}


@cache
def engine() -> Engine:
    """All that needs no language model."""
    return Engine(SPECS)


@cache
def reader() -> Engine:
    """All that is shipped, with the language model."""
    return Engine(SHIPPED)


def samples_of(spec: DetectorSpec, random: Random) -> tuple[str, ...]:
    """Its own, or a secret of its kind; none of a detector that asks a language model."""
    made = SECRETS.get(spec.id)
    return (made(random),) if made else spec.samples.match


_readers = [engine]  # the last is in use


def found(head: str, body: str) -> list[tuple[str, Known]]:
    """Detector and value of all findings of a message, by the way that mail goes."""
    message = parse(f"{HEAD}{head}\r\n{body}".encode(), Limits())
    detection = _readers[-1]().detect(extract(message, Limits()).segments, Limits())
    assert detection.failures == ()
    return [
        (each.detector, (each.entity, known_by(each.entity, fold(each.value, join=True).octets.decode()).lower()))
        for each in detection.findings
        if "passage" not in each.groups
    ]


def plain(text: str) -> set[Known]:
    """In a message of plain text, with the line breaks of mail."""
    return {known for _, known in found(PLAIN + "Content-Transfer-Encoding: 8bit\r\n", crlf(text))}


def crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def of_detector(spec: DetectorSpec, text: str) -> set[Known]:
    """What one detector finds in a text as it stands."""
    return {
        known
        for name, known in found(PLAIN + "Content-Transfer-Encoding: 8bit\r\n", crlf(text))
        if name == spec.id
    }  # fmt: skip


def missed(
    seed: int,
    change: Change,
    but: Mapping[str, str] = MappingProxyType({}),
    around: Callable[[str, Random], str] = lambda text, _: text,
) -> Iterator[tuple[str, str, set[Known]]]:
    """Of one sample of each detector, what is no longer found after a change of the text around it."""
    for spec in SPECS:
        random = Random(seed)
        samples = samples_of(spec, random)
        if samples and spec.id not in but:
            text = around(random.choice(samples), random)
            lost = of_detector(spec, text) - change(text, random)
            if lost:
                yield spec.id, text, lost


def paragraph(sample: str, random: Random) -> str:
    """A sample within a sentence; one of several lines, or a row between bars, stays by itself."""
    if "\n" in sample or "|" in sample:
        return sample
    before = " ".join(random.choices(WORDS, k=random.randint(0, 14)))
    return f"{before}{': ' if before else ''}{sample}, and that was all there was to say about {prose(random, 12)}."


def prose(random: Random, number: int) -> str:
    return " ".join(random.choices(WORDS, k=number))


def with_bare_line_feeds(text: str, _random: Random) -> set[Known]:
    return {known for _, known in found(PLAIN, text.replace("\r\n", "\n"))}


def lines_of(text: str, random: Random) -> list[str]:
    """As a mail program breaks it."""
    width = random.randint(NARROWEST, 90)
    return [
        line
        for piece in text.split("\n")
        for line in wrap(piece, width, break_long_words=False, break_on_hyphens=False) or [""]
    ]


def wrapped(text: str, random: Random) -> set[Known]:
    return plain("\n".join(lines_of(text, random)))


def wrapped_and_quoted(text: str, random: Random) -> set[Known]:
    marks = "> " * random.randint(1, 3)
    return plain("\n".join(marks + line for line in lines_of(text, random)))


def flowed(text: str, random: Random) -> set[Known]:
    return {known for _, known in found(FLOWED, crlf(" \n".join(lines_of(text, random))))}


def quoted_printable(text: str, random: Random) -> set[Known]:
    """Any character may be written as its octets, and a line be broken behind any of them (RFC 2045 section 6.7)."""
    out: list[str] = []
    for octet in crlf(text).encode():
        safe = octet in b"\r\n" or (32 < octet < 127 and octet != 61 and random.random() < 0.9)
        out.append(chr(octet) if safe else f"={octet:02X}")
        if octet not in b"\r\n" and random.random() < 0.1:
            out.append("=\r\n")
    return {known for _, known in found(f"{PLAIN}Content-Transfer-Encoding: quoted-printable\r\n", "".join(out))}


def html(body: str) -> set[Known]:
    return {known for _, known in found(HTML, f"<html><body>{body}</body></html>")}


def escaped(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")


def inline_tags(text: str, random: Random) -> set[Known]:
    """Around any character, within words and numbers too."""
    tags = ("<b>%s</b>", '<span style="color: red">%s</span>', "<i><u>%s</u></i>", "%s<span></span>", "%s<!-- x -->")
    return html("".join(random.choice(tags) % escaped(c) if random.random() < 0.2 else escaped(c) for c in text))


def entities(text: str, random: Random) -> set[Known]:
    """Any character by its number."""
    ways = ("&#%d;", "&#x%x;", "&#%05d;")
    return html("".join("<br>" if c == "\n" else random.choice(ways) % ord(c) for c in text))


def nested_spans(text: str, random: Random) -> set[Known]:
    """As word processors write it: each word in spans of its own."""
    words = ["<br>" if word == "\n" else escaped(word) for word in text.replace("\n", " \n ").split(" ")]
    depth = random.randint(1, 4)
    return html("<div><p>" + " ".join("<span>" * depth + word + "</span>" * depth for word in words) + "</p></div>")


def table_cell(text: str, random: Random) -> set[Known]:
    """In one cell, among others."""
    cells = [prose(random, 2), escaped(text), prose(random, 3)]
    return html("<table><tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr></table>")


def label_and_value_in_cells(text: str, _random: Random) -> set[Known]:
    """What follows a label and its colon in the cell beside it."""
    cells = "</td><td>".join(escaped(piece) for piece in text.replace(": ", ":\0", 1).split("\0"))
    return html(f"<table><tr><td>{cells}</td></tr></table>")


@pytest.mark.parametrize("change", [wrapped, wrapped_and_quoted, flowed])
@given(seed=SEEDS)
@example(seed=328)
@settings(max_examples=EXAMPLES, phases=PHASES, deadline=None, derandomize=SAME)
def test_where_a_mail_program_breaks_lines_changes_nothing(change: Change, seed: int) -> None:
    """A sample in a sentence, broken wherever the margin is, quoted or not."""
    assert list(missed(seed, change, NOT_WITHIN_A_LINE, paragraph)) == []


@pytest.mark.parametrize("change", [with_bare_line_feeds, quoted_printable])
@given(seed=SEEDS)
@settings(max_examples=EXAMPLES, phases=PHASES, deadline=None, derandomize=SAME)
def test_how_octets_are_carried_changes_nothing(change: Change, seed: int) -> None:
    """LF for CRLF, and lines broken behind any character by quoted-printable."""
    assert list(missed(seed, change)) == []


@pytest.mark.parametrize("change", [inline_tags, entities, nested_spans, table_cell, label_and_value_in_cells])
@given(seed=SEEDS)
@settings(max_examples=EXAMPLES, phases=PHASES, deadline=None, derandomize=SAME)
def test_mark_up_changes_nothing(change: Change, seed: int) -> None:
    """Tags around any letter of a value, characters by number, words in nested spans, cells of tables."""
    but = NOT_IN_CELLS if change in {table_cell, label_and_value_in_cells} else {}
    assert list(missed(seed, change, but)) == []


@pytest.mark.parametrize(
    ("case", "but"), [(str.upper, CAPITALS_MATTER), (str.lower, SMALL_LETTERS_MATTER)], ids=["capitals", "small"]
)
@given(seed=SEEDS)
@example(seed=139)
@settings(max_examples=EXAMPLES, phases=PHASES, deadline=None, derandomize=SAME)
def test_letter_case_changes_nothing(case: Callable[[str], str], but: Mapping[str, str], seed: int) -> None:
    """But where the case is what tells a value from a word, which the tables above say with the reason."""
    assert list(missed(seed, lambda text, _: plain(case(text)), but)) == []


@given(seed=SEEDS)
@settings(max_examples=2 * EXAMPLES, phases=PHASES, deadline=None, derandomize=SAME)
def test_harmless_text_takes_nothing_away(seed: int) -> None:
    """Inserted farther off than the detector looks, before and behind, in the same paragraph or another."""

    def farther(text: str, random: Random) -> set[Known]:
        gap, spread = random.choice(("\n\n", "\n", " ")), random.randint(1, 60)
        return plain(f"{prose(random, spread)}.{gap}{text}{gap}{prose(random, spread)}.")

    def reach(sample: str, random: Random) -> str:
        asked = [spec for spec in SPECS if sample in spec.samples.match] or SPECS
        far = max(max(spec.context.before, spec.context.after) for spec in asked)
        near = prose(random, far // 3 + 2)
        return f"{near}.\n{sample}\n{near}."

    assert list(missed(seed, farther, {}, reach)) == []


@pytest.mark.parametrize(
    "change", [wrapped, wrapped_and_quoted, flowed, quoted_printable, inline_tags, entities, nested_spans]
)
@given(seed=SEEDS)
@settings(max_examples=EXAMPLES, phases=PHASES, deadline=None, derandomize=SAME)
def test_a_language_model_finds_the_same_people(change: Change, seed: int) -> None:
    """Names in prose, for which no pattern can have a sample."""
    random = Random(seed)
    text = random.choice(OF_PEOPLE)
    _readers.append(reader)
    try:
        people = {known for known in plain(text) if known[0] == "PERSON"}
        assert people
        assert people - change(text, random) == set()
    finally:
        _readers.pop()


def test_no_reason_outlives_its_detector() -> None:
    """The tables name detectors that are shipped and have samples."""
    shipped = {spec.id for spec in SPECS if samples_of(spec, Random(0))}

    assert (SMALL_LETTERS_MATTER.keys() | NOT_WITHIN_A_LINE.keys()) - shipped == set()
