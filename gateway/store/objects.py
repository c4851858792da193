"""Sealed blobs in an S3-compatible store: the same octets as in a folder.

    <prefix>/<item id>/<random>.sealed

Every put makes an object of its own, so replacing, sweeping and rewrapping remove those alone that they have looked at:
a put that comes in between is never lost, without a lock and without requests that only some stores know. An item has
one object; where a put was cut off, more, each of them whole, and the newest counts.
"""

import hashlib
import os
import secrets
import shutil
import tempfile
import threading
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, cast

from gateway.core.errors import SetupError
from gateway.store.blobs import SUFFIX, Source, check_item_id
from gateway.store.body import Body
from gateway.store.errors import BlobDamaged, BlobMissing, StoreUnavailable, StoreUnusable, os_problem
from gateway.store.keyring import Keyring, wrapped_by
from gateway.store.sealing import CHUNK, Header, new_header, read_header, rewrapped, seal, unseal

CONNECT_SECONDS = 5
TRIES = 2
CHANGES = 4  # of an object between looking for its name and asking for it: each is a put or a rewrap
CONNECTIONS = 16
IN_MEMORY = 4 << 20
HEAD_BYTES = 1_024  # no header is longer
GONE = {"404", "NoSuchKey", "NotFound"}
EMPTY = {"416", "InvalidRange"}
UNKNOWN_THERE = {"NotImplemented", "501", "MethodNotAllowed", "405"}


@dataclass(frozen=True, slots=True)
class Access:
    """How the store is reached. `endpoint` "": Amazon's of the region. Without a key the usual places are looked at.

    `seconds` is the longest silence of the store; `spool` the folder for sealed octets on their way.
    """

    bucket: str
    prefix: str
    endpoint: str = ""
    region: str = "us-east-1"
    key: str = ""
    secret: str = field(default="", repr=False)
    ca_file: Path | None = None
    seconds: float = 20.0
    spool: Path | None = None


@dataclass(frozen=True, slots=True)
class _Object:
    name: str
    modified: datetime
    version: str = ""  # where the bucket keeps old versions


class ObjectBlobs:
    """As `gateway.store.blobs.Blobs`; safe from many threads, processes and gateways."""

    def __init__(self, access: Access, keyring: Keyring) -> None:
        """Asks the store once. Raises StoreUnusable: not reached, no such bucket, no access; SetupError."""
        self._access = access
        self._keyring = keyring
        self._lock = threading.Lock()
        self._client_of: tuple[int, Any] = (0, None)
        try:
            self._versioned = self.keeps_versions()
        except StoreUnavailable as error:
            raise StoreUnusable(str(error)) from None

    def put(self, item_id: str, chunks: Iterable[bytes]) -> int:
        """Seal and store; durable on return. The number of plain bytes.

        Raises StoreUnavailable, where the store may have it all the same; what `chunks` raises passes through.
        """
        check_item_id(item_id)
        source, total = Source(chunks), 0
        header, data_key = new_header(item_id, self._keyring)
        with source.kept_apart(), _storing("the blob cannot be stored"), self._spooled() as file:
            file.write(header.octets)
            for sealed, size in seal(source, header, data_key):
                file.write(sealed)
                total += size
            older = self._objects(item_id)
            self._upload(item_id, file)
            self._remove(older)
        return total

    def read(self, item_id: str) -> Iterator[bytes]:
        """Chunks of at most 64 KiB, each authenticated before it is given out; the header is checked at the call.

        Raises BlobMissing, BlobDamaged, StoreUnavailable.
        """
        with _storing("the blob cannot be read"), self._body_of(item_id, HEAD_BYTES) as body:
            self._unwrapped(body, item_id)
        return self._chunks(item_id)

    def _chunks(self, item_id: str) -> Iterator[bytes]:
        with _storing("the blob cannot be read"), self._body_of(item_id) as body:
            header, data_key = self._unwrapped(body, item_id)
            yield from unseal(body, header, data_key)

    def _unwrapped(self, body: BinaryIO, item_id: str) -> tuple[Header, bytes]:
        header = read_header(body, item_id)
        return header, self._keyring.unwrap(header.wrapped, header.aad)

    def digest(self, item_id: str) -> str:
        """SHA-256 of the sealed octets as they are, in hex. Raises BlobMissing, StoreUnavailable."""
        with _storing("the blob cannot be read"), self._body_of(item_id) as body:
            digest = hashlib.sha256()
            while octets := body.read(CHUNK):
                digest.update(octets)
            return digest.hexdigest()

    def exists(self, item_id: str) -> bool:
        """Raises StoreUnavailable."""
        with _storing("the blob store cannot be asked"):
            return bool(self._objects(item_id))

    def delete(self, item_id: str) -> bool:
        """Remove it, old versions that the bucket keeps too; False if there was none. Raises StoreUnavailable.

        The data key goes with it: it is in the object alone.
        """
        with _storing("the blob cannot be removed"):
            return self._remove(self._objects(item_id))

    def delete_older(self, item_id: str, seconds: float) -> bool:
        """Remove if it was stored longer ago than that, by the store's clock. Raises StoreUnavailable."""
        with _storing("the blob cannot be removed"):
            there, now = self._listed(item_id)
            if not all((now - each.modified).total_seconds() > seconds for each in there):
                return False
            removed = self._remove(there)
            for name in {each.name for each in there if each.version}:
                self._remove_versions(name)  # what hid it goes too
            return removed

    def rewrap(self, item_id: str) -> bool:
        """Wrap the data key under the active key; the sealed chunks are copied as they are. False if it was so already.

        The old object stays until the new one is there. Raises BlobMissing, BlobDamaged, StoreUnavailable.
        """
        with _storing("the blob cannot be rewrapped"):
            there = self._objects(item_id)
            if not there:
                raise BlobMissing("the blob cannot be rewrapped: there is no such blob")
            old = there[-1]
            with self._body(old.name) as body, self._spooled() as file:
                header = read_header(body, item_id)
                if wrapped_by(header.wrapped) == self._keyring.current_id:
                    return False
                file.write(rewrapped(header, self._keyring).octets)
                shutil.copyfileobj(body, file, CHUNK)
                new = self._upload(item_id, file)
            now = self._objects(item_id)
            known = {each.name for each in there} | {new}
            if not any(each.name == old.name for each in now) or any(each.name not in known for each in now):
                self._remove([each for each in now if each.name == new])
                return False  # deleted, or put anew, meanwhile
            return self._remove([each for each in now if each.name != new])

    def ids(self) -> Iterator[str]:
        """Every id stored, once. Raises StoreUnavailable."""
        with _storing("the blob store cannot be listed"):
            last = ""
            for page in self._pages(self._prefix):
                for each in page.get("Contents", ()):
                    item_id, _, rest = each["Key"].removeprefix(self._prefix).partition("/")
                    if item_id != last and rest.endswith(SUFFIX):
                        last = item_id
                        yield item_id

    def hidden(self) -> Iterator[str]:
        """Every id of which the bucket keeps versions alone, behind what marks them as removed, once.

        Of a time when this was not known to be a bucket that keeps them. Raises StoreUnavailable.
        """
        if not self.keeps_versions():
            return
        self._versioned = True  # from now on whatever is removed goes with all its versions
        kept: set[str] = set()
        seen: set[str] = set()
        with _storing("the blob store cannot be listed"):
            for page in self._client.get_paginator("list_object_versions").paginate(
                Bucket=self._access.bucket, Prefix=self._prefix
            ):
                for each in page.get("Versions", ()):
                    item_id, _, rest = each["Key"].removeprefix(self._prefix).partition("/")
                    if rest.endswith(SUFFIX):
                        (seen if each["IsLatest"] else kept).add(item_id)
        yield from sorted(kept - seen)

    def sweep_temporaries(self, seconds: float) -> int:
        """There are none: an object is there whole or not at all."""
        return 0

    def keeps_versions(self) -> bool:
        """Whether the bucket keeps what is removed, as older versions. Raises StoreUnavailable."""
        with _storing(f"the blob store {self._access.bucket} cannot be used"):
            try:
                answer = self._client.get_bucket_versioning(Bucket=self._access.bucket)
            except _botocore().ClientError as error:
                if _code(error) in UNKNOWN_THERE:
                    return False
                raise
            return "Status" in answer

    @property
    def _prefix(self) -> str:
        return f"{self._access.prefix}/" if self._access.prefix else ""

    @property
    def _client(self) -> Any:
        """Of this process: connections do not outlive a fork."""
        with self._lock:
            pid, client = self._client_of
            if pid != os.getpid():
                client = _client(self._access)
                self._client_of = (os.getpid(), client)
            return client

    def _spooled(self) -> BinaryIO:
        """For sealed octets alone; without a name."""
        folder = os.fspath(self._access.spool) if self._access.spool else None
        return cast("BinaryIO", tempfile.SpooledTemporaryFile(IN_MEMORY, dir=folder))

    def _upload(self, item_id: str, file: BinaryIO) -> str:
        """The name of the new object. The store compares it with a digest: whole, or not at all."""
        size, digest = file.tell(), hashlib.md5(usedforsecurity=False)
        file.seek(0)
        while octets := file.read(1 << 20):
            digest.update(octets)
        file.seek(0)
        name = f"{self._prefix}{item_id}/{secrets.token_hex(8)}{SUFFIX}"
        self._client.put_object(
            Bucket=self._access.bucket,
            Key=name,
            Body=file,
            ContentLength=size,
            ContentMD5=b64encode(digest.digest()).decode(),
        )
        return name

    def _objects(self, item_id: str) -> list[_Object]:
        return self._listed(item_id)[0]

    def _listed(self, item_id: str) -> tuple[list[_Object], datetime]:
        """All that there is of an item, the oldest first, and the store's time."""
        found, now = [], datetime.now(UTC)
        for page in self._pages(f"{self._prefix}{check_item_id(item_id)}/"):
            now = _time_of(page, now)
            there = page.get("Versions", page.get("Contents", ()))
            found += [_Object(each["Key"], each["LastModified"], each.get("VersionId", "")) for each in there]
        return sorted(found, key=lambda each: each.modified), now

    def _pages(self, prefix: str) -> Iterator[dict[str, Any]]:
        listing = "list_object_versions" if self._versioned and prefix != self._prefix else "list_objects_v2"
        yield from self._client.get_paginator(listing).paginate(Bucket=self._access.bucket, Prefix=prefix)

    def _newest(self, item_id: str) -> _Object:
        there = self._objects(item_id)
        if not there:
            raise BlobMissing("the blob cannot be read: there is no such blob")
        return there[-1]

    def _remove(self, objects: Iterable[_Object]) -> bool:
        removed = False
        for each in objects:
            version = {"VersionId": each.version} if each.version else {}
            answer = self._client.delete_object(Bucket=self._access.bucket, Key=each.name, **version)
            if not version and ("DeleteMarker" in answer or "VersionId" in answer):
                self._versioned = True  # since we asked: nothing is gone yet, it is only hidden
                self._remove_versions(each.name)
            removed = True
        return removed

    def _remove_versions(self, name: str) -> None:
        """All that the bucket keeps of one object, and what hides it."""
        for page in self._client.get_paginator("list_object_versions").paginate(
            Bucket=self._access.bucket, Prefix=name
        ):
            for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                self._client.delete_object(Bucket=self._access.bucket, Key=each["Key"], VersionId=each["VersionId"])

    @contextmanager
    def _body_of(self, item_id: str, first: int | None = None) -> Iterator[BinaryIO]:
        """That of the newest object, whose name changes when it is put anew or rewrapped."""
        for last in (False,) * (CHANGES - 1) + (True,):
            name = self._newest(item_id).name
            try:
                answer = self._answer(name, first)
            except _botocore().ClientError as error:
                if last or _code(error) not in GONE:
                    raise
                continue
            with closing(answer["Body"]) as body:
                yield cast("BinaryIO", Body(body, self._access.seconds))
            return

    @contextmanager
    def _body(self, name: str) -> Iterator[BinaryIO]:
        with closing(self._answer(name)["Body"]) as body:
            yield cast("BinaryIO", Body(body, self._access.seconds))

    def _answer(self, name: str, first: int | None = None) -> dict[str, Any]:
        wanted = {"Range": f"bytes=0-{first - 1}"} if first else {}
        answer: dict[str, Any] = self._client.get_object(Bucket=self._access.bucket, Key=name, **wanted)
        return answer


def _botocore() -> Any:
    """Its exceptions. Loaded for those alone who have such a store: it is large."""
    try:
        import botocore.exceptions
    except ImportError:
        raise SetupError("store.blobs needs the package botocore: pip install 'gatepost[cluster]'") from None
    return botocore.exceptions


@cache
def _session() -> Any:
    """One for the process: it reads descriptions of services, which takes longer than all the rest."""
    import botocore.session

    return botocore.session.Session()


def _client(access: Access) -> Any:
    failures = _botocore()
    import botocore.config

    settings = botocore.config.Config(
        connect_timeout=min(CONNECT_SECONDS, access.seconds),
        read_timeout=access.seconds,
        retries={"total_max_attempts": TRIES, "mode": "standard"},
        max_pool_connections=CONNECTIONS,
        signature_version="s3v4",
        s3={"addressing_style": "path" if access.endpoint else "auto"},
        # checksums as trailers are not understood by all: Content-MD5 is
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    try:
        return _session().create_client(
            "s3",
            region_name=access.region,
            endpoint_url=access.endpoint or None,
            aws_access_key_id=access.key or None,
            aws_secret_access_key=access.secret or None,
            verify=str(access.ca_file) if access.ca_file else None,
            config=settings,
        )
    except (ValueError, failures.BotoCoreError) as error:
        raise SetupError(f"the blob store cannot be used: {type(error).__name__}: see the section objects") from None


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", "") or "error")


def _time_of(page: dict[str, Any], otherwise: datetime) -> datetime:
    date = page["ResponseMetadata"]["HTTPHeaders"].get("date", "")
    try:
        return parsedate_to_datetime(date)
    except ValueError:
        return otherwise


@contextmanager
def _storing(what: str) -> Iterator[None]:
    """Whatever the store answers, or does not, becomes StoreUnavailable."""
    failures = _botocore()
    from urllib3.exceptions import HTTPError

    try:
        yield
    except failures.ClientError as error:
        if _code(error) in GONE:
            raise BlobMissing(f"{what}: there is no such blob") from None
        if _code(error) in EMPTY:
            raise BlobDamaged(f"{what}: it is empty") from None
        raise StoreUnavailable(f"{what}: the store answers {_code(error)}") from None
    except (failures.BotoCoreError, HTTPError) as error:
        raise StoreUnavailable(f"{what}: {type(error).__name__}") from None
    except OSError as error:
        raise StoreUnavailable(f"{what}: {os_problem(error)}") from None
