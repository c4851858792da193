"""A database and an object store on servers, and the gateways that share them."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url

from gateway.config import keyring_file
from gateway.core.errors import GatepostError
from gateway.doctor.machine import Machine
from gateway.doctor.stores import database
from gateway.doctor.trouble import Found, critical, warning
from gateway.store import postgresql
from gateway.store.database import reading
from gateway.store.keyring import Keyring
from gateway.store.members import Members
from gateway.store.objects import ObjectBlobs
from gateway.store.postgresql import is_remote
from gateway.wiring.opening import blobs_of

SILENT = timedelta(minutes=2)
FORGOTTEN = timedelta(days=14)  # then it is no news any more
VERIFIED, ENCRYPTED = {"verify-full", "verify-ca"}, {"require"}
DATABASE, ENDPOINT = "gatepost.yaml: store.database", "gatepost.yaml: objects.endpoint"


def _is_shared(machine: Machine) -> bool:
    return not machine.config.store.database.startswith("sqlite")


def database_answers(machine: Machine) -> Iterator[Found]:
    """Without it every message is answered 451; and what it confirms, others are told to be safe."""
    if not _is_shared(machine):
        return
    try:
        for engine in database(machine):
            Members(engine).list()
            with reading(engine, once=True) as connection:
                forgetting = postgresql.forgetting(connection)
            for name in forgetting:
                reason = f"the server has {name} = off: a loss of power costs messages that Postfix was told are safe"
                yield critical(DATABASE, reason, f"set {name} = on in postgresql.conf, and restart the server")
    except GatepostError as error:
        remedy = "look at the server and the way to it, at store.database and its password: docs/cluster.md"
        yield critical(DATABASE, str(error), remedy)


def database_tls(machine: Machine) -> Iterator[Found]:
    """Who wrote to whom goes over this line, and what decides about it."""
    if not _is_shared(machine):
        return
    url = make_url(machine.config.store.database)
    mode = str(url.query.get("sslmode", "verify-full"))
    if not is_remote(url) or mode in VERIFIED:
        return
    remedy = "take sslmode out of the URL: then the server's certificate is verified (sslrootcert= names its authority)"
    if mode in ENCRYPTED:
        yield warning(DATABASE, f"sslmode={mode}: whoever stands in between may pass for the server", remedy)
    else:
        yield critical(DATABASE, f"sslmode={mode}: the way to the database is not encrypted, or need not be", remedy)


def objects_answer(machine: Machine) -> Iterator[Found]:
    """Without it whatever is to be held is answered 451."""
    if not machine.config.store.blobs:
        return
    try:
        keyring = Keyring.load(keyring_file(machine.config, machine.environ))
        blobs = blobs_of(machine.config, keyring)
        keeps = isinstance(blobs, ObjectBlobs) and blobs.keeps_versions()
    except GatepostError as error:
        remedy = "look at the store and the way to it, at the sections store and objects: docs/cluster.md"
        yield critical("gatepost.yaml: store.blobs", str(error), remedy)
        return
    if keeps:
        reason = "the bucket keeps older versions: a message that is discarded is gone only where they may be deleted"
        remedy = "suspend versioning, or allow s3:ListBucketVersions and s3:DeleteObjectVersion and lock nothing"
        yield warning("gatepost.yaml: store.blobs", reason, remedy)


def objects_tls(machine: Machine) -> Iterator[Found]:
    """Messages are sealed before they leave; their ids, sizes and times are not."""
    parts = urlsplit(machine.config.objects.endpoint)
    here = parts.hostname in {"localhost", "::1"} or (parts.hostname or "").startswith("127.")
    if machine.config.store.blobs and parts.scheme == "http" and not here:
        reason = "the way to the object store is not encrypted, and nobody proves to be that store"
        yield warning(ENDPOINT, reason, "write https://, and objects.ca-file where the authority is your own")


def gateways(machine: Machine) -> Iterator[Found]:
    """All that share the database are there, and decide alike."""
    if not _is_shared(machine):
        return
    for engine in database(machine):
        serving = [each for each in Members(engine).list() if each.stopped is None and each.quiet < FORGOTTEN]
        for silent in (each for each in serving if each.quiet > SILENT):
            minutes = int(silent.quiet.total_seconds() // 60)
            reason = f"gateway {silent.id} on {silent.host} did not end in order, and is silent for {minutes} minutes"
            remedy = f"start it; where it is gone for good: gatepost gateways forget {silent.id}"
            yield warning("gateways", reason, remedy)
        heard = [each for each in serving if each.quiet <= SILENT]
        for what, values in (
            ("policies", {each.policy_digest for each in heard}),
            ("versions of Gatepost", {each.version for each in heard}),
        ):
            if len(values) > 1:
                reason = f"{len(heard)} gateways work with {len(values)} {what}: what becomes of a message is luck"
                yield warning("gateways", reason, "gatepost gateways list; bring all to the same, reload or restart")


def lease(machine: Machine) -> Iterator[Found]:
    """Taken over while its owner still hands a copy over, that copy would go twice."""
    config = machine.config
    least = 4 * config.postfix.timeout_seconds
    if _is_shared(machine) and config.store.lease_seconds < least:
        reason = f"is {config.store.lease_seconds:g}: handing a copy to Postfix may take longer than half of that"
        yield warning("gatepost.yaml: store.lease-seconds", reason, f"set it to {least:g} or more")
