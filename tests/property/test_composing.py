"""The messages of short cases: the quick way writes what the library does, octet by octet, or nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.casework.composing import by_the_library, composed, plainly

WHEN = datetime(2026, 3, 16, 12, tzinfo=UTC)
_words = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=90)
_lines = st.lists(
    st.one_of(_words, st.text(max_size=20), st.sampled_from(["", " ", "\t", "From here", ".", "a" * 150]))
)
_address = st.from_regex(r"[a-z0-9._+-]{1,20}@[a-z0-9.-]{1,30}", fullmatch=True) | st.just("a@b.example")
_values = st.fixed_dictionaries(
    {"name": st.just("case"), "from": _address, "to": st.lists(_address, min_size=1, max_size=4)},
    optional={
        "subject": _words,
        "body": _lines.map("\n".join),
        "headers": st.lists(
            st.tuples(st.sampled_from(["List-Unsubscribe", "X-Mark", "Precedence"]), _words), max_size=2
        ),
    },
)


@given(_values)
def test_the_quick_way_writes_what_the_library_writes(values: Mapping[str, Any]) -> None:
    """What was found in a message is remembered by its octets, and a case means the same by either way."""
    quick = plainly(values, WHEN)

    assert quick is None or quick == by_the_library(values, WHEN)


def test_an_ordinary_case_goes_the_quick_way() -> None:
    """Short lines as they are, long ones quoted-printable, as mail programs write them."""
    short = {
        "name": "x",
        "from": "a@clinic.example",
        "to": ["b@other.example"],
        "subject": "Hello",
        "body": "One\ntwo\n",
    }
    long = {**short, "body": "word " * 40, "headers": (("List-Unsubscribe", "<https://clinic.example/u>"),)}

    for values in (short, long):
        assert plainly(values, WHEN) == by_the_library(values, WHEN) == composed(values, WHEN)


def test_what_the_quick_way_does_not_know_goes_to_the_library() -> None:
    """Letters beyond ASCII, mark-up, fields with a grammar of their own."""
    plain = {"name": "x", "from": "a@clinic.example", "to": ["b@other.example"]}
    others: list[dict[str, Any]] = [
        {"subject": "Grüße"}, {"html": "<p>Hello</p>"}, {"body": "é"}, {"headers": (("Reply-To", "c@clinic.example"),)}
    ]  # fmt: skip

    for more in others:
        assert plainly({**plain, **more}, WHEN) is None
        assert composed({**plain, **more}, WHEN) == by_the_library({**plain, **more}, WHEN)
