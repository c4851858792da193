"""The key that a message brings along for its own author."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.keys.autocrypt import key_in
from gateway.keys.records import Source, State
from tests.makers.opening import Correspondent

PAT = "pat@x.example"
KEY = base64.b64encode(b"a key").decode()


def message(*fields: str, author: str = f"Pat <{PAT}>") -> bytes:
    return "\r\n".join((f"From: {author}", "To: a@clinic.example", *fields, "", "Autocrypt: addr=x", "")).encode()


@pytest.mark.parametrize(
    ("octets", "found"),
    [
        (
            message(f"Autocrypt: addr={PAT}; prefer-encrypt=mutual; keydata=\r\n {KEY[:4]}\r\n\t{KEY[4:]}"),
            (PAT, b"a key"),
        ),
        (message(f"Autocrypt: addr=pat@X.example; _future=1; keydata={KEY}"), (PAT, b"a key")),
        (message(f"Autocrypt: addr=eve@x.example; keydata={KEY}"), None),  # of somebody else
        (message(f"Autocrypt: addr={PAT}; keydata={KEY}", f"Autocrypt: addr={PAT}; keydata={KEY}"), None),  # which?
        (message(f"Autocrypt: addr={PAT}; keydata={KEY}", "From: eve@x.example"), None),  # who?
        (message(f"Autocrypt: addr={PAT}; critical=1; keydata={KEY}"), None),
        (message(f"Autocrypt: addr={PAT}; keydata=!!!"), None),
        (message(f"Autocrypt: addr={PAT}"), None),
        (message(), None),  # what stands in the body is no field
        (b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n", None),
        (b"", None),
    ],
)
def test_field_counts_where_it_is_the_only_one_for_the_author(octets: bytes, found: tuple[str, bytes] | None) -> None:
    """Autocrypt Level 1, section 2.1."""
    assert key_in(octets) == found


@pytest.fixture(scope="module")
def keys() -> Iterator[tuple[bytes, bytes]]:
    with Correspondent(PAT) as one, Correspondent(PAT) as other:
        yield one.public.encode(), other.public.encode()


def test_seen_key_is_pinned_and_gives_way_to_a_surer_source(office: Any, keys: tuple[bytes, bytes]) -> None:
    """First use counts; another seen key waits; one of the domain's own directory takes its place, told as an event."""
    (seen,) = office.intake.take(keys[0], Source.AUTOCRYPT, [PAT])
    (again,) = office.intake.take(keys[1], Source.AUTOCRYPT, [PAT])
    assert (seen.state, again.state) == (State.ACTIVE, State.PENDING)

    (surer,) = office.intake.take(keys[1], Source.WKD, [PAT])
    assert (surer.state, office.directory.openpgp(PAT).fingerprint) == (State.ACTIVE, surer.fingerprint)
    assert ("accepted", PAT) in office.told
    (late,) = office.intake.take(keys[0], Source.AUTOCRYPT, [PAT])
    assert late.state is State.PENDING, "never in the place of another"
