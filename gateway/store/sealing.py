"""The format of a sealed blob, as a stream both ways.

    magic "GPBLOB" · version 1 · item id (1-byte length) · salt (16) · wrapped data key (2-byte length) · chunks

Chunks are 64 KiB of plain bytes, each AES-256-GCM under the blob's own fresh data key, the last one marked (the STREAM
construction of Hoang, Reyhanitabar, Rogaway and Vizar, CRYPTO 2015). Nonce: the chunk's index. Associated data: digest
of magic, version, item id and salt; index; last-chunk mark. So a change, a cut, another order or a swap between items
is refused at the first wrong chunk. The wrapped key is bound by its own associated data and may be replaced alone.
"""

import hashlib
import secrets
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.store.errors import BlobDamaged
from gateway.store.keyring import Keyring

MAGIC = b"GPBLOB"
VERSION = 1
CHUNK = 65_536
TAG = 16
SALT = 16
PURPOSE = b"blob"


@dataclass(frozen=True, slots=True)
class Header:
    item_id: str
    salt: bytes
    wrapped: bytes = field(repr=False)

    @property
    def fixed(self) -> bytes:
        """What stays when the data key is wrapped anew."""
        name = self.item_id.encode("ascii")
        return MAGIC + bytes((VERSION, len(name))) + name + self.salt

    @property
    def octets(self) -> bytes:
        return self.fixed + struct.pack(">H", len(self.wrapped)) + self.wrapped

    @property
    def aad(self) -> bytes:
        return PURPOSE + b"\0" + self.fixed


def new_header(item_id: str, keyring: Keyring) -> tuple[Header, bytes]:
    """A header around a fresh data key, and that key."""
    data_key, salt = secrets.token_bytes(32), secrets.token_bytes(SALT)
    bare = Header(item_id, salt, b"")
    return Header(item_id, salt, keyring.wrap(data_key, bare.aad)), data_key


def rewrapped(header: Header, keyring: Keyring) -> Header:
    """The same data key under the active key. BlobDamaged if it does not open."""
    return Header(header.item_id, header.salt, keyring.wrap(keyring.unwrap(header.wrapped, header.aad), header.aad))


def read_header(file: BinaryIO, item_id: str) -> Header:
    """From the beginning of a file; BlobDamaged if it is not the blob of this item."""
    magic, version, length = struct.unpack(">6sBB", _exactly(file, 8))
    if magic != MAGIC or version != VERSION:
        raise BlobDamaged("not a sealed blob of a version known here")
    name = _exactly(file, length)
    if name != item_id.encode("ascii"):
        raise BlobDamaged("the sealed blob belongs to another item")
    salt = _exactly(file, SALT)
    (size,) = struct.unpack(">H", _exactly(file, 2))
    return Header(item_id, salt, _exactly(file, size))


def seal(chunks: Iterable[bytes], header: Header, data_key: bytes) -> Iterator[tuple[bytes, int]]:
    """Sealed chunks and how many plain bytes each holds. An empty blob has one empty chunk."""
    cipher, digest = AESGCM(data_key), hashlib.sha256(header.fixed).digest()
    for index, (chunk, last) in enumerate(_marked(_regular(chunks))):
        yield cipher.encrypt(_nonce(index), chunk, _aad(digest, index, last)), len(chunk)


def unseal(file: BinaryIO, header: Header, data_key: bytes) -> Iterator[bytes]:
    """Plain chunks, each authenticated before it is given out; BlobDamaged at the first that is not."""
    cipher, digest = AESGCM(data_key), hashlib.sha256(header.fixed).digest()
    for index, (sealed, last) in enumerate(_marked(_blocks(file))):
        try:
            yield cipher.decrypt(_nonce(index), sealed, _aad(digest, index, last))
        except (InvalidTag, ValueError):
            raise BlobDamaged(f"chunk {index} of the sealed blob was changed, moved or cut") from None


def _exactly(file: BinaryIO, size: int) -> bytes:
    octets = file.read(size)
    if len(octets) != size:
        raise BlobDamaged("the sealed blob is cut in its header")
    return octets


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    yield file.read(CHUNK + TAG)
    while block := file.read(CHUNK + TAG):
        yield block


def _regular(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in chunks of CHUNK, the last one shorter, at least one."""
    pending = bytearray()
    for chunk in chunks:
        pending += chunk
        start = 0
        while len(pending) - start >= CHUNK:
            yield bytes(pending[start : start + CHUNK])
            start += CHUNK
        del pending[:start]
    yield bytes(pending)


def _marked(chunks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each chunk with whether it is the last."""
    held = next(chunks)
    for chunk in chunks:
        yield held, False
        held = chunk
    yield held, True


def _nonce(index: int) -> bytes:
    return index.to_bytes(12, "big")


def _aad(digest: bytes, index: int, last: bool) -> bytes:
    return digest + struct.pack(">QB", index, last)
