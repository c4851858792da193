"""The file of an index: keyed hashes of the values of a list, in order, and which row each belongs to.

    "GPEXACT1", length of the header (8 bytes), header (JSON, UTF-8), padding to 4096
    filter    one bit for each hash: most values that are in no row are turned away by it
    people    a keyed hash of each row's identity (8 bytes a row), the same in every index of one keyring
    columns   for each: hashes (8 bytes each, ascending), then the numbers of their rows (4 bytes each)

All little-endian. A hash is BLAKE2b of a normal form, keyed (RFC 7693), personalised by the kind of its column; the key
is made from the organisation's key and a salt of this index, so two indexes of one list have no hash in common. The
file is mapped into memory and never written again: a new index is a new file under the same name.
"""

import hashlib
import hmac
import json
import mmap
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from gateway.core.errors import SetupError
from gateway.detect.exact.days import Order
from gateway.detect.exact.kinds import Kind, Ways

MAGIC = b"GPEXACT1"
BLOCK = 4096
_MOST_HEADER = 1 << 20
REBUILD = "build it again with `gatepost exact build`"


class IndexRefused(SetupError):
    """This file cannot be used as an index. The text says why, without the path, and what to do."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the list, and where its hashes are. `widest`: rows that share the commonest value.

    `shortest` and `longest` are the lengths of forms, so that a text's other numbers need not be hashed.
    """

    name: str
    kind: Kind
    filled: int  # rows that have a usable value
    distinct: int
    widest: int
    shortest: int
    longest: int
    entries: int
    hashes_at: int
    rows_at: int


@dataclass(frozen=True, slots=True)
class Header:
    """What is known of an index without a key; nothing in it is a value."""

    created: str  # ISO 8601, UTC
    salt: str
    rows: int
    people_at: int  # places count from the start of the body
    filter_at: int
    filter_bits: int  # exponent of two
    order: str
    calling: str
    columns: tuple[Column, ...]
    body: str  # SHA-256 of all behind the header, hexadecimal
    seal: str = ""  # keyed hash of the rest of the header

    @property
    def ways(self) -> Ways:
        return Ways(Order(self.order), self.calling)

    @property
    def digest(self) -> str:
        """Over everything in the index."""
        return hashlib.sha256(self.plain()).hexdigest()

    def plain(self, *, sealed: bool = True) -> bytes:
        columns = [{name: getattr(column, name) for name in Column.__dataclass_fields__} for column in self.columns]
        document = {name: getattr(self, name) for name in Header.__dataclass_fields__ if sealed or name != "seal"}
        return json.dumps({**document, "columns": columns}, sort_keys=True).encode()


class Hashes:
    """Makes the hashes of one index."""

    def __init__(self, key: bytes, salt: str) -> None:
        self._key = hmac.digest(key, b"exact index\0" + bytes.fromhex(salt), "sha256")
        self._bases = {kind: hashlib.blake2b(digest_size=8, key=self._key, person=kind.value.encode()) for kind in Kind}

    def of(self, kind: Kind, form: str) -> int:
        hashing = self._bases[kind].copy()
        hashing.update(form.encode("utf-8", "replace"))
        return int.from_bytes(hashing.digest(), "little")

    def seal(self, header: Header) -> str:
        """Only who has the key can make an index that is taken for one."""
        return hashlib.blake2b(header.plain(sealed=False), key=self._key, person=b"seal", digest_size=32).hexdigest()


class Index:
    """An index, open for reading. Shared by processes that are forked from this one. Not closed: it is mapped."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Raises IndexRefused: absent, damaged, of another program, or made under another key."""
        octets, self.header = _mapped(path)
        self.hashes = Hashes(key, self.header.salt)
        if not hmac.compare_digest(self.hashes.seal(self.header), self.header.seal):
            raise IndexRefused(f"it was made with another keyring than yours, or changed since: {REBUILD}")
        header = self.header
        self._filter = octets[header.filter_at : header.filter_at + (1 << header.filter_bits >> 3)]
        self._mask = (1 << header.filter_bits) - 1
        self._people = _numbers(octets, header.people_at, header.rows, "Q")
        self._columns: Mapping[str, tuple[Sequence[int], Sequence[int]]] = {
            c.name: (_numbers(octets, c.hashes_at, c.entries, "Q"), _numbers(octets, c.rows_at, c.entries, "I"))
            for c in header.columns
        }

    def may_have(self, number: int) -> bool:
        """False for a hash that is in no column; true for every other, and for a few of those."""
        bit = number & self._mask
        return bool(self._filter[bit >> 3] >> (bit & 7) & 1)

    def rows(self, column: str, number: int) -> Sequence[int]:
        """The rows whose value in this column has this hash, ascending."""
        hashes, rows = self._columns[column]
        low = bisect_left(hashes, number)
        if low == len(hashes) or hashes[low] != number:
            return ()
        return rows[low : bisect_right(hashes, number, low)]

    def person(self, row: int) -> str:
        """A keyed hash of who a row is about, the same after the next build."""
        return f"{self._people[row]:016x}"


def read_header(path: Path) -> Header:
    """Without a key, and without a look at the body. Raises IndexRefused."""
    return _mapped(path)[1]


def check_body(path: Path) -> Header:
    """Read all of the file and compare with the digest of its header. Raises IndexRefused."""
    body, header = _mapped(path)
    digest = hashlib.sha256(body).hexdigest()
    if digest != header.body:
        raise IndexRefused(f"it is damaged: its content is not what was written: {REBUILD}")
    return header


def lay_out(header: bytes) -> bytes:
    """The front of a file, padded so that the body is aligned."""
    front = MAGIC + len(header).to_bytes(8, "little") + header
    return front + bytes(-len(front) % BLOCK)


def _mapped(path: Path) -> tuple[memoryview, Header]:
    """The body of the file, and its header."""
    if sys.byteorder != "little":
        raise IndexRefused("this machine is big-endian, which is not supported")
    try:
        with path.open("rb") as file:
            octets = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except FileNotFoundError:
        raise IndexRefused("there is no such index: make it with `gatepost exact build`") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", "") or "it is empty"
        raise IndexRefused(f"it cannot be read ({reason}): let the user that Gatepost runs as read it") from None
    length = int.from_bytes(octets[8:16], "little")
    if octets[:8] != MAGIC or length > min(_MOST_HEADER, len(octets)):
        raise IndexRefused(f"it is no index of this program: {REBUILD}")
    header = _header(bytes(octets[16 : 16 + length]))
    body = octets[(16 + length + BLOCK - 1) // BLOCK * BLOCK :]
    ends = [header.people_at + 8 * header.rows, header.filter_at + (1 << header.filter_bits >> 3)]
    if max(*ends, *(c.rows_at + 4 * c.entries for c in header.columns)) > len(body):
        raise IndexRefused(f"it is cut off: {REBUILD}")
    return body, header


def _header(octets: bytes) -> Header:
    try:
        document: dict[str, Any] = json.loads(octets)
        columns = tuple(Column(**{**column, "kind": Kind(column["kind"])}) for column in document.pop("columns"))
        return Header(**document, columns=columns)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise IndexRefused(f"its header is damaged, or of another version: {REBUILD}") from None


def _numbers(octets: memoryview, at: int, count: int, code: Literal["Q", "I"]) -> Sequence[int]:
    size = 8 if code == "Q" else 4
    return octets[at : at + size * count].cast(code)
