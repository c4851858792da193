"""Everything that outlives a process, opened and closed together: for the gateway, its pages and its commands."""

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from gateway import logs
from gateway.audit.log import AuditLog
from gateway.audit.syslog import SyslogSink, parse_target
from gateway.config import Config, keyring_file
from gateway.keys import Directory
from gateway.pickup import Pickups
from gateway.postfix.submit import Submitter
from gateway.quarantine import QuarantineStore, Terms
from gateway.store.blobs import BlobStore
from gateway.store.database import is_shared
from gateway.store.errors import StoreUnavailable, StoreUnusable
from gateway.store.journal import LEASE, Journal
from gateway.store.keyring import Keyring
from gateway.store.members import bind_keyring, bind_portal_keyring
from gateway.wiring.opening import blobs_of, database_of, identity_of, pickups_of
from gateway.wiring.protection import directory_of, look_over
from gateway.wiring.upkeep import Upkeep


def now() -> datetime:
    """The clock of the product."""
    return datetime.now(UTC)


def rule_sets_of(config: Config) -> Path:
    """Where copies of the rule sets that were in force are."""
    return config.store.folder / "rule-sets"


@dataclass(frozen=True, slots=True)
class Stored:
    """Everything that outlives a process, opened."""

    keyring: Keyring
    quarantine: QuarantineStore
    journal: Journal
    audit: AuditLog
    submitter: Submitter
    directory: Directory
    engine: sa.Engine
    identity: str  # which gateway this is to others on the same database
    pickups: Pickups | None = None  # what waits at the portal, where there is one


def open_audit(config: Config, keyring: Keyring) -> AuditLog:
    """The audit log with the sinks of the configuration. Raises SetupError."""
    audit = config.audit
    sinks = [] if audit.syslog == "none" else [_syslog(audit.syslog, required=audit.syslog_required)]
    return AuditLog(
        audit.folder,
        keyring.audit_key(),
        sinks=sinks,
        segment_bytes=audit.segment_bytes,
        checkpoint_events=audit.checkpoint_events,
        checkpoint_seconds=audit.checkpoint_seconds,
    )


def _syslog(address: str, *, required: bool) -> SyslogSink:
    target = parse_target(address)
    return SyslogSink(target, required=required, on_lost=lambda count: logs.event("syslog-lost", records=count))


@contextmanager
def opened(config: Config, environ: Mapping[str, str]) -> Iterator[Stored]:
    """Open keys, store and audit; closed again at the end. Raises SetupError."""
    keyring = Keyring.load(keyring_file(config, environ))
    with _database(config, keyring) as engine:
        blobs = blobs_of(config, keyring)
        audit = open_audit(config, keyring)
        try:
            yield _stored(config, keyring, engine, blobs, audit)
        finally:
            audit.close()


@contextmanager
def _database(config: Config, keyring: Keyring) -> Iterator[sa.Engine]:
    engine = database_of(config)
    try:
        try:
            bind_keyring(engine, keyring)
            if config.portal.is_on:
                bind_portal_keyring(engine, keyring.for_portal())
        except StoreUnavailable as error:
            raise StoreUnusable(str(error)) from None
        yield engine
    finally:
        engine.dispose()


def _stored(config: Config, keyring: Keyring, engine: sa.Engine, blobs: BlobStore, audit: AuditLog) -> Stored:
    postfix, identity = config.postfix, identity_of(config, engine, make=True)
    lease = timedelta(seconds=config.store.lease_seconds) if is_shared(engine) else LEASE
    return Stored(
        keyring=keyring,
        quarantine=QuarantineStore(engine, blobs, now),
        journal=Journal(engine, gateway=identity, lease=lease),
        audit=audit,
        submitter=Submitter(
            postfix.submit_host,
            postfix.submit_port,
            socket.getfqdn(),
            postfix.timeout_seconds,
            postfix.lane_header,
        ),
        directory=directory_of(config, engine, keyring),
        engine=engine,
        identity=identity,
        pickups=pickups_of(config, engine, keyring),
    )


def upkeep_of(config: Config, stored: Stored, aftermath: Callable[[], int] | None = None) -> Upkeep:
    """What the tasks of `gateway.wiring.upkeep` work on; `aftermath` tells senders, who hear nothing without it."""
    keys = partial(look_over, config, stored.directory, stored.engine, stored.audit.append)
    terms = Terms(config.retention.days, config.retention.areas)
    return Upkeep(stored.journal, stored.quarantine, stored.audit, keys, terms, now, stored.pickups, aftermath)
