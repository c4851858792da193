"""gateway.extract.inner: what a text says in other forms, and where in it."""

import time
from base64 import b64encode
from gzip import compress
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.message import Place, Segment, Span
from gateway.extract.further import Room, further
from gateway.extract.inner import readings, readings_of
from gateway.extract.inner.ciphers import deciphered, from_the_end, signalled
from gateway.extract.inner.columns import columns
from gateway.extract.inner.pieces import Change, changed, compose
from gateway.extract.inner.spelled import exponents, spelled, spelled_abroad
from gateway.extract.inner.typeset import put_together, typeset
from gateway.extract.inner.unseen import unseen_bits
from gateway.parse.enclosed import enclosed_entities, may_enclose

LINE = "SSN 219-09-9999, diabetes"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("q=SSN%20219%2D09%2D9999", "q=SSN 219-09-9999"),
        ("a%252D1%252D2", "a-1-2"),
        (r"SSN \u0032\x31\071-09", "SSN 219-09"),
        (r"x \ud835\udfd0", "x 𝟐"),
        (r"219\-09\,9", "219-09,9"),
        (r"a\n219", "a\n219"),
        ("1 &amp;#50;&#x33; 4", "1 23 4"),
        ("=32=31=39-0=\r\n9", "219-09"),
        ("219=-09", "219-09"),
        (f"see {b64encode(LINE.encode()).decode()} end", f"see {LINE} end"),
        (f"see {LINE.encode().hex()} end", f"see {LINE} end"),
        (f"> {b64encode(LINE.encode()).decode()[:20]}\r\n> {b64encode(LINE.encode()).decode()[20:]}", f"> {LINE}"),
        (f"{'-' * 25}\r\n{b64encode(LINE.encode()).decode()}", f"{'-' * 25}\r\n{LINE}"),
        ("data:text/plain,SSN%20219", "SSN 219"),
        ("x \u202e9999-90-912\u202c y", "x 219-09-9999 y"),
        ("x" + "".join(chr(0xE0000 + ord(c)) for c in "1234") + "y", "x1234y"),
        ("a =?utf-8?q?b=32?= c", "a b2 c"),
        ("<html>1<b>2</b>3", "123"),
        (r"x 2\ 1\relax{}9-\textcolor{red}{0}9-9", "x 219-09-9"),
        (r"x \fB2\fP\fB1\fP9-09-9", "x  219-09-9"),
        (r"219\\u201309", "219–09"),
        ("SSN 1;ssn 2;SSN 3;x\n219;9;9999;y", "SSN 1;ssn 2;SSN 3;x\nSSN 219-09-9999;y"),
        ("ssn3|n|ssn1|ssn2\n9999|y|219|09\n", "ssn3|n|ssn1|ssn2\nSSN 219-09-9999 y\n"),
        ("a: ssn_1=219 ssn_2=9 ssn_3=9999.", "a: ssn_1=219-09-9999."),
        (f"{b64encode(LINE.encode('utf-32-le')).decode()}", LINE),
    ],
)
def test_a_text_is_read_in_its_other_form(text: str, said: str) -> None:
    """Among its readings is the plain one."""
    assert said in {reading.text.replace("\u2060", "") for reading in readings_of(text).readings}


@pytest.mark.parametrize(
    "text",
    [
        "Dear Ada, 20 % off: call 202-555-0143 before 10:30, regards = Bo <bo@x.example>",
        "https://x.example/a%C3%A9b/report.pdf?id=12&amp;x=yes",
        "ssn,name,ssn\r\n219,Ada,9\r\n",
        "C:\\temp\\new & old; the price is 5 < 6",
        "-- \r\n-------------------------\r\n" + "word " * 200,
        "key: " + b64encode(bytes(range(128, 228))).decode(),
        "a1b2c3d4-e5f6-7890-abcd-ef1234567890 " + "0123456789" * 3,
    ],
)
def test_ordinary_text_has_no_other_form(text: str) -> None:
    """No sign, or nothing behind it that is a text: nothing is read twice."""
    inner = readings_of(text)

    assert (inner.readings, inner.files, inner.cut) == ([], [], False)


_PIECES = (
    *(
        "seven",
        "twenty",
        "double",
        "hundred",
        "uno",
        "12",
        "1",
        "2345",
        "and",
        "hyphen",
        " ",
        " - ",
        "\r\n",
        ", ",
        "a",
        ".",
    ),
    *(
        "*",
        "**",
        "~~x~~",
        "_",
        "__",
        "`",
        "'",
        "''",
        '"',
        "[b]",
        "](x)[",
        "\\fB",
        "\\,",
        "}",
        "&",
        "+",
        "|",
        "2.19099999E+08",
    ),
    *(
        "\\relax{}",
        "\\kern0pt ",
        "\\ ",
        ":sub:`",
        "{x}",
        "$",
        "#",
        "@@",
        "\\s0",
        "\\h'0'",
        "'\\o'",
        "/*x*/",
        "${x}",
        ")$(",
        "<%x%>",
        "\\e[0m",
        "^[[0m",
        "%\n",
        "]pass:[",
        "![]()",
        "++",
        "; name*1=",
    ),
    *("ssn1", "ssn2", "ssn,", "social security", "first", "219", "09", "9999", ";", "\n"),
    *(
        "cngvrag",
        "tneitap",
        "nss",
        "backwards",
        "in the mirror",
        "from right",
        "-.",
        ".-",
        "-- ",
        "/",
        "...",
        "<",
        "=3",
    ),
)


_PAGES = "Dear Bo, the meeting is at the office\r\n" * 1_750


def _get_ready() -> None:
    for glance in readings.GLANCES:
        glance.of(b"")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=30).map("".join))
def test_the_look_ahead_leaves_out_no_finder_that_finds_something(text: str) -> None:
    """Whoever is not asked after it would have found nothing; a large text is asked in another way."""
    _get_ready()
    seen = readings.look(text)
    asked = seen.finders

    assert readings.look(_PAGES + text) == seen
    assert [find for find in (*readings.FINDERS, from_the_end) if find not in asked and list(find(text))] == []


def test_the_label_of_a_day_of_service_is_no_spanish_number() -> None:
    """DOS 12/19/25 is a day; two of something in words of Spanish is a number."""
    assert list(spelled("seen, DOS 12/19/25, and DOS: 02/03/2026-02/05/2026")) == []
    assert [reading.text for reading in spelled("dos uno nueve 09 9999")] == ["219099999"]


@pytest.mark.parametrize(
    ("text", "find"),
    [
        ("cngvrag 219", deciphered),
        ("-. --- .-- / -. --- .-- / -. ---", signalled),
        ("2*1*9", typeset),
        ("2\\relax{}1\\relax{}9", typeset),
        ('219"&"09', put_together),
        ('219-0"; name*1="9-9999', put_together),
        ("ssn1,ssn2,ssn3\n219,09,9999", columns),
        ("two one nine", spelled),
        ("zwei eins neun", spelled_abroad),
        ("2.19099999E+08", exponents),
        ("tneitap", from_the_end),
        ("read 219-09-9999 from the back", from_the_end),
    ],
)
def test_the_look_ahead_sees_what_each_finder_is_for(text: str, find: readings.Finder) -> None:
    """And ordinary words are a sign of none of them, be they few or many."""
    _get_ready()

    assert find in readings.look(text).finders
    assert find in readings.look(_PAGES + text).finders
    assert find not in readings.look(_PAGES[:40]).finders
    assert find not in readings.look(_PAGES).finders


def test_a_file_in_a_text_is_no_text() -> None:
    """Octets of a known format are handed on as a file."""
    octets = compress(LINE.encode())

    assert readings_of(f"unpack {b64encode(octets).decode()} please").files == [octets]


def test_only_what_stands_near_is_read_again() -> None:
    """A long text with one escape gives a short reading, and its runs lead to the places in the long one."""
    text = "x" * 10_000 + " %31%32 " + "y" * 10_000
    (reading,) = readings_of(text).readings

    assert len(reading.text) < 1_000
    segment = Segment("1", Place.BODY, reading.text, runs=reading.runs)
    at = reading.text.index("12")
    assert segment.origin(Span(at, at + 2)) == (Span(10_001, 10_007),)


def test_a_text_that_is_written_to_grow_is_cut() -> None:
    """Every escape hides another one: what lies deeper than is looked is named as cut, never left out in silence."""
    deep = readings_of(f"1%{'25' * 20}2D2")

    assert deep.cut
    assert len(deep.readings) < 10
    assert not readings_of(f"1%{'25' * 4}2D2").cut


def test_readings_end_where_the_message_is_too_small_for_them() -> None:
    """Alternatives of alternatives are held, not read on and on; what says nothing more is no reason to hold."""
    pages = [Segment("1", Place.BODY, f"<p>{word}<b>219</b>-09-9999 {'y' * 5_000}") for word in ("a", "b", "c")]
    room = Room(6_000)

    several = further(pages, room)

    assert several.cut
    assert any("b219" in segment.text for segment in several.segments)
    assert not any("c219" in segment.text for segment in several.segments)
    assert not further([Segment("1", Place.BODY, "no more than it says")], room).cut
    assert further([Segment("1", Place.BODY, "a%31b")], room).cut


def test_segments_carry_part_place_and_field_of_what_they_were_read_in() -> None:
    """A reading of a field is found in that field, and can be edited where the field can."""
    more = further([Segment("1.2", Place.HEADER, "a%31b", header="X-A", editable=True)], Room())

    assert [(s.part_path, s.header, s.text, s.editable) for s in more.segments] == [("1.2", "X-A", "a1b", True)]


HOSTILE = (
    "*" * 23 + "x1*1*1*1*1*1*1 ",
    "1++++++" * 5 + "x ",
    "aa ",
    "aag ",
    "A" * 20 + "a ",
    "0101010101010101 x",
    "12 ",
    "%31",
    "\\u0031",
    "&#49;",
    "=31",
    "=?a?q?",
    "1<a",
    "+AD",
    "1\x08",
    "data:,",
    "Content-Type: text/html\n\n",
    "\nM" + "!" * 60,
)


@pytest.mark.parametrize(
    "field", ["Content-Transfer-Encoding", "CONTENT-TRANSFER-ENCODING", "cOnTeNt-tRaNsFeR-eNcOdInG"]
)
def test_fields_in_a_text_are_found_whatever_their_case(field: str) -> None:
    """RFC 5322 minds none."""
    text = f"see\n\n{field}: base64\n\n{b64encode(b'SSN 219-55-0999').decode()}\n".encode()

    assert may_enclose(text)
    assert [entity.octets for entity in enclosed_entities(text)] == [b"SSN 219-55-0999"]


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_grows_with_the_length_only(piece: str) -> None:
    """No repeated sign makes it quadratic: 16 times the text, far less than 256 times the time."""
    short, long = piece * 300, piece * 4_800

    def seconds(text: str) -> float:
        started = time.process_time()
        readings_of(text)
        list(islice(enclosed_entities(text.encode()), 200))
        return time.process_time() - started

    seconds(short)
    assert seconds(long) < 100 * seconds(short) + 0.3


words = st.lists(st.sampled_from(["%31", "&#50;", r"\x33", "=34", "a ", "219", "\u202e1-2\u202c", "\r\n", "é"]))


@settings(deadline=None)
@given(words.map("".join))
def test_runs_of_readings_are_sorted_and_inside(text: str) -> None:
    """Every reading can be mapped back, and its text can be written down."""
    for reading in readings_of(text).readings:
        reading.text.encode("utf-8")
        position = 0
        for run in reading.runs or ():
            assert position <= run.text.start < run.text.end <= len(reading.text)
            assert 0 <= run.origin.start < run.origin.end <= len(text)
            position = run.text.end


def test_runs_of_a_reading_of_a_reading_lead_to_the_source() -> None:
    """Twice escaped, once found: the span is that of the whole escape."""
    (first,) = changed("ab%2531cd", [Change(2, 7, "%31")])
    (second,) = changed(first.text, [Change(2, 5, "1")])
    runs = compose(first.runs, second.runs)
    segment = Segment("1", Place.BODY, second.text, runs=runs)

    assert segment.origin(Span(1, 4)) == (Span(1, 2), Span(2, 7), Span(7, 8))


@pytest.mark.parametrize("signs", ["\u200b\u200c", "\u200c\u200b", "\u2060\ufeff"])
def test_bits_without_width_are_read(signs: str) -> None:
    """Whichever of the two signs is the one."""
    hidden = "".join(signs[octet >> place & 1] for octet in b"Jane Roe, ward 7" for place in range(7, -1, -1))

    assert [reading.text for reading in unseen_bits(f"ab{hidden}cd")] == ["ab Jane Roe, ward 7cd"]


@pytest.mark.parametrize("text", ["ab", "\u200b" * 999, "\u200b\u200c\u200d" * 99, "\u200b\u200c" * 9])
def test_signs_without_width_that_spell_nothing_are_left_alone(text: str) -> None:
    """Mail of shops is full of them."""
    assert [reading.text for reading in unseen_bits(text)] == []
