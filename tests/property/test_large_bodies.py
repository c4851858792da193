"""Large bodies are decoded and split in a quicker way: what comes out is the same."""

import base64

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.message import ByteRange
from gateway.parse import codings, multipart

_ENDS = st.sampled_from([b"\r\n", b"\n", b"\r", b"\n\n", b" \r\n"])
_ODD = st.sampled_from([b"\r", b"\n", b" ", b"=", b"-", b"\0", b"A", b"\r\n", b"==\r\n", b""])
_LINES = st.sampled_from(
    [
        b"\r\n--b",
        b"\n--b--",
        b"\n--",
        b"--b",
        b"\r\n",
        b"\n",
        b"--",
        b"\r\n--bx",
        b"\r\n--b  \r\n",
        b"text",
        b"\r\n--b--\r\n",
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    octets=st.binary(min_size=3_100, max_size=3_300),
    width=st.sampled_from([1, 3, 4, 64, 76]),
    end=_ENDS,
    last=_ENDS | st.just(b""),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 1), _ODD), max_size=4),
)
def test_base64_in_lines_of_one_length_is_decoded_as_any_other(
    octets: bytes, width: int, end: bytes, last: bytes, changes: list[tuple[int, int, bytes]]
) -> None:
    """Whatever stands between, before or behind its lines."""
    coded = base64.b64encode(octets)
    body = end.join(coded[at : at + width] for at in range(0, len(coded), width)) + last
    for place, gone, odd in changes:
        at = place % len(body)
        body = body[:at] + odd + body[at + gone :]
    # a first line of its own length is decoded by the look at each octet
    assert codings.decode_base64(body) == codings.decode_base64(b"\n" + body)


@settings(max_examples=200, deadline=None)
@given(st.lists(_LINES, max_size=40), st.lists(_LINES, max_size=40), st.integers(0, 9), st.sampled_from([1, 3, 100]))
def test_a_large_body_is_split_as_a_small_one(before: list[bytes], behind: list[bytes], cut: int, most: int) -> None:
    """What stands between does not matter, however long it is."""
    first, rest = b"".join(before), b"".join(behind)

    def parts(filling: bytes) -> list[bytes]:
        whole = first + filling + rest
        split = multipart.split(whole, ByteRange(min(cut, len(first)), len(whole)), b"b", most)
        assert all(part.start <= part.end for part in split.parts)
        return [whole[part.start : part.end].replace(filling, b"") for part in split.parts]

    assert parts(b"z" * 70_000) == parts(b"z" * 1_000)


def test_more_dashes_than_are_counted_are_found_all_the_same() -> None:
    """Nobody hides a part behind ten thousand of them."""
    whole = b"\r\n--x" * 20_000 + b"\r\n--b\r\n\r\nhidden\r\n--b--"

    split = multipart.split(whole, ByteRange(0, len(whole)), b"b", 10)

    assert [whole[part.start : part.end] for part in split.parts] == [b"\r\nhidden"]
