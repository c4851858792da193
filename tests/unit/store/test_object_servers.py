"""An object store that is away, slow, or says what is wrong; and what rewrapping and sweeping do meanwhile."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import BinaryIO

import pytest
import sqlalchemy as sa

from gateway.quarantine import NewItem, QuarantineStore
from gateway.store.blobs import BlobStore
from gateway.store.errors import BlobMissing, StoreUnavailable, StoreUnusable
from gateway.store.keyring import Keyring
from gateway.store.objects import ObjectBlobs
from gateway.store.sealing import CHUNK, new_header, seal
from tests.makers.between import Between
from tests.makers.objects import ObjectServer


@pytest.fixture
def before_objects(object_server: ObjectServer) -> Iterator[Between]:
    with Between(object_server.port) as between:
        yield between


@pytest.fixture
def distant(object_server: ObjectServer, before_objects: Between, keyring: Keyring) -> BlobStore:
    """A bucket, with somebody in between."""
    bucket = object_server.bucket().bucket
    return ObjectBlobs(object_server.access(bucket, before_objects.port, seconds=1), keyring)


def test_an_object_store_that_is_away_or_hangs_is_unavailable_and_comes_back(
    distant: BlobStore, before_objects: Between
) -> None:
    """Each call ends, within two silences of the store."""
    distant.put("item-a", [b"a"])
    for fault in ("away", "hangs"):
        setattr(before_objects, fault, True)
        before_objects.drop_all()
        started = time.monotonic()
        with pytest.raises(StoreUnavailable):
            distant.put("item-b", [b"b"])
        with pytest.raises(StoreUnavailable):
            b"".join(distant.read("item-a"))
        with pytest.raises(StoreUnavailable):
            distant.exists("item-a")
        assert time.monotonic() - started < 12
        setattr(before_objects, fault, False)
        before_objects.drop_all()

    assert b"".join(distant.read("item-a")) == b"a"


def test_a_put_whose_answer_was_lost_may_be_there_and_can_be_repeated(
    distant: BlobStore, before_objects: Between, object_server: ObjectServer
) -> None:
    """The client of ours asks again by itself; whatever became of the first, one whole blob is read."""
    before_objects.cut_after = b"PUT /"
    distant.put("item-a", [b"x" * CHUNK])

    assert before_objects.cuts == 1
    assert b"".join(distant.read("item-a")) == b"x" * CHUNK
    assert distant.delete("item-a") is True
    with pytest.raises(BlobMissing):
        distant.read("item-a")


@pytest.mark.parametrize("code", ["InternalError", "SlowDown", "AccessDenied"])
def test_what_the_object_store_says_is_told_in_its_word(
    object_server: ObjectServer, keyring: Keyring, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """A 500, a 503, a 403: unavailable, and nothing of the message or the credentials in the text."""
    from botocore.exceptions import ClientError

    store = ObjectBlobs(object_server.bucket(), keyring)

    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "secret"}}, "PutObject")

    monkeypatch.setattr(store._client, "put_object", refuse)

    with pytest.raises(StoreUnavailable, match=f"the store answers {code}$"):
        store.put("item-a", [b"a"])


def test_a_bucket_that_is_not_there_is_unusable_at_start(object_server: ObjectServer, keyring: Keyring) -> None:
    """Before any mail."""
    with pytest.raises(StoreUnusable, match="NoSuchBucket"):
        ObjectBlobs(object_server.access("nosuch"), keyring)


def test_where_a_bucket_keeps_versions_deleting_takes_all_of_them(
    object_server: ObjectServer, keyring: Keyring
) -> None:
    """A version that stays would have the wrapped key, and could be opened for as long as the keyring has its own."""
    access = object_server.bucket(versioned=True)
    store = ObjectBlobs(access, keyring)
    store.put("item-a", [b"old"])
    store.put("item-a", [b"new"])
    store.put("item-b", [b"other"])

    assert store.delete("item-a") is True

    versions = object_server.client().list_object_versions(Bucket=access.bucket)
    assert [each["Key"].split("/")[1] for each in versions["Versions"]] == ["item-b"]
    assert "DeleteMarkers" not in versions


def test_where_a_bucket_is_set_to_keep_versions_under_a_running_gateway_deleting_takes_all_of_them(
    object_server: ObjectServer, keyring: Keyring
) -> None:
    """The gateway asked once, as it started; later the bucket only hid what was purged."""
    access = object_server.bucket()
    blobs, client = ObjectBlobs(access, keyring), object_server.client()
    for item_id in ("item-a", "item-b"):
        blobs.put(item_id, [b"x" * 1000])
    client.put_bucket_versioning(Bucket=access.bucket, VersioningConfiguration={"Status": "Enabled"})
    blobs.put("item-c", [b"x" * 1000])

    assert [blobs.delete(item_id) for item_id in ("item-a", "item-c")] == [True, True]

    versions = client.list_object_versions(Bucket=access.bucket)
    assert [each["Key"].split("/")[1] for each in versions["Versions"]] == ["item-b"]
    assert "DeleteMarkers" not in versions


def test_what_a_bucket_hid_before_anybody_knew_of_its_versions_is_swept(
    object_server: ObjectServer, keyring: Keyring, engine: sa.Engine
) -> None:
    """A gateway of before removed them without their versions: the sweep finds them, and takes nothing that is kept.

    What was rewrapped then has a hidden version beside the one that counts, and stays as it is.
    """
    access = object_server.bucket(versioned=True)
    blobs, client = ObjectBlobs(access, keyring), object_server.client()
    store = QuarantineStore(engine, blobs)
    for item_id in ("item-a", "item-b", "item-c"):
        store.put(NewItem(item_id, item_id, "", ("a@x.example",), "low", ""), [b"x" * 1000])
    store.discard("item-a", "robin", "r")
    blobs.put("item-a", [b"x" * 1000])
    there = client.list_objects_v2(Bucket=access.bucket)["Contents"]
    names = {each["Key"].split("/")[1]: each["Key"] for each in there}
    old = names["item-b"]
    new, source = old.replace(".sealed", "0.sealed"), f"{access.bucket}/{old}"
    client.copy_object(Bucket=access.bucket, Key=new, CopySource=source)
    for key in (names["item-a"], old):
        client.delete_object(Bucket=access.bucket, Key=key)

    assert list(ObjectBlobs(access, keyring).hidden()) == ["item-a"]
    assert store.sweep_orphans(timedelta(hours=1)).orphans == 0
    assert store.sweep_orphans(timedelta(seconds=-60)).orphans == 1

    left = client.list_object_versions(Bucket=access.bucket)
    told = {each["Key"].split("/")[1] for each in (*left["Versions"], *left["DeleteMarkers"])}
    assert told == {"item-b", "item-c"}
    assert list(blobs.hidden()) == []
    assert b"".join(store.read("item-b")) == b"x" * 1000


def test_a_sweep_never_takes_what_is_put_meanwhile(
    object_server: ObjectServer, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old orphan is removed at the moment when its message comes again and is kept under the same id."""
    access = object_server.bucket()
    store, other = ObjectBlobs(access, keyring), ObjectBlobs(access, keyring)
    store.put("item-a", [b"orphan"])
    remove = store._remove

    def meanwhile(objects: list[object]) -> bool:
        with _sealed(other, b"new") as file:
            other._upload("item-a", file)
        return remove(objects)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(store, "_remove", meanwhile)

    assert store.delete_older("item-a", -60) is True
    assert b"".join(store.read("item-a")) == b"new"


def test_rewrapping_an_object_never_brings_a_deleted_one_back(
    object_server: ObjectServer, keyring: Keyring, keyring_file: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deleted while it is copied: it stays deleted."""
    access = object_server.bucket()
    store = ObjectBlobs(access, keyring)
    store.put("item-a", [b"x"])
    rotated = ObjectBlobs(access, Keyring.rotate(keyring_file))  # type: ignore[arg-type]  # a path
    upload = rotated._upload

    def meanwhile(item_id: str, file: object) -> str:
        store.delete("item-a")
        return upload(item_id, file)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(rotated, "_upload", meanwhile)

    assert rotated.rewrap("item-a") is False
    assert list(store.ids()) == []


@pytest.mark.parametrize("step", ["header", "chunks", "digest"])
def test_reading_an_object_while_it_is_rewrapped_finds_the_new_one(
    object_server: ObjectServer, keyring: Keyring, keyring_file: object, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Between looking for its name and asking for it the name is another: whatever is being read is whole."""
    access = object_server.bucket()
    ObjectBlobs(access, keyring).put("3f9a-1", [b"x" * 100_000])
    rotated = Keyring.rotate(keyring_file)  # type: ignore[arg-type]  # a path
    reader, other = ObjectBlobs(access, rotated), ObjectBlobs(access, rotated)
    newest = reader._newest
    done: list[bool] = []

    def meanwhile(item_id: str) -> object:
        found = newest(item_id)
        if not done:
            done.append(other.rewrap(item_id))
        return found

    if step == "chunks":
        chunks = reader.read("3f9a-1")
        monkeypatch.setattr(reader, "_newest", meanwhile)
        assert b"".join(chunks) == b"x" * 100_000
    else:
        monkeypatch.setattr(reader, "_newest", meanwhile)
        if step == "header":
            assert b"".join(reader.read("3f9a-1")) == b"x" * 100_000
        else:
            assert reader.digest("3f9a-1") == other.digest("3f9a-1")
    assert done == [True]


def test_rewrapping_never_takes_what_is_put_meanwhile(
    object_server: ObjectServer, keyring: Keyring, keyring_file: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A put that has stored its object and not yet removed the old one: its object stays."""
    access = object_server.bucket()
    store = ObjectBlobs(access, keyring)
    store.put("item-a", [b"old"])
    older = store._objects("item-a")
    rotated = ObjectBlobs(access, Keyring.rotate(keyring_file))  # type: ignore[arg-type]  # a path
    upload = rotated._upload

    def meanwhile(item_id: str, file: object) -> str:
        with _sealed(store, b"new") as new:
            store._upload(item_id, new)
        return upload(item_id, file)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(rotated, "_upload", meanwhile)

    assert rotated.rewrap("item-a") is False
    assert store._remove(older) is True  # the rest of that put
    assert b"".join(store.read("item-a")) == b"new"


def _sealed(store: ObjectBlobs, octets: bytes) -> BinaryIO:
    """As `put` spools it."""
    header, data_key = new_header("item-a", store._keyring)
    file = store._spooled()
    file.write(header.octets)
    for sealed, _ in seal([octets], header, data_key):
        file.write(sealed)
    return file
