"""Wires encryption: keys of recipients and our own, look-ups, the lanes, and who protects copies."""

import logging
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import sqlalchemy as sa

from gateway import logs
from gateway.audit import key_events
from gateway.config import Config
from gateway.encrypt import GnuPG, Manner, Origin, Protector
from gateway.encrypt.portal import Portal, Waiting
from gateway.keys import Directory, KeyBook, OwnKeys
from gateway.keys.fetching import fetch_over_http
from gateway.keys.intake import Checks, Intake, Tell
from gateway.keys.ldap import DirectoryServer
from gateway.keys.lookup import Lookup, Reach
from gateway.keys.names import Resolver
from gateway.keys.records import RecipientKey, Source
from gateway.keys.revocation import Revocation
from gateway.notices.voice import portal_notices_of
from gateway.pickup import NewPickup, Pickups
from gateway.pickup import events as pickup_events
from gateway.postfix import wish_of
from gateway.postfix.proof import LaneProof
from gateway.processes.programs import Patience
from gateway.store.clock import Clock, utc_now
from gateway.store.keyring import Keyring

RECHECK = timedelta(days=1)  # of a recipient's certificate: its authority may have revoked it
EXPIRY_WARNING = timedelta(days=30)

Append = Callable[[Mapping[str, object]], None]  # of the audit log


def directory_of(config: Config, engine: sa.Engine, keyring: Keyring, clock: Clock = utc_now) -> Directory:
    """What is known of recipients and of the organization's own keys."""
    proof = LaneProof(config.postfix.config_folder, wish_of(config))
    own = OwnKeys(engine, keyring, clock)
    return Directory(KeyBook(engine, clock), own, proof.lanes, portal=config.portal.is_on)


def intake_of(config: Config, book: KeyBook, tell: Tell) -> Intake:
    """Takes keys of recipients in; `tell` hears of each change."""
    encryption = config.encryption
    revocation = Revocation(encryption.revocation, fetch_over_http)
    return Intake(book, Checks(encryption.anchors, revocation, Patience(encryption.seconds)), tell)


def protector_of(
    config: Config, directory: Directory, pickups: Pickups | None = None, append: Append | None = None
) -> Protector:
    """Protects copies with the keys of the directory, or keeps them in `pickups`, which is told by `append`."""
    encryption = config.encryption
    manner = Manner(
        seconds=encryption.seconds,
        protect_header=encryption.header_protection,
        lane_header=config.postfix.lane_header,
        sign=encryption.sign,
        subject=encryption.outer_subject,
    )
    portal = None
    if config.portal.is_on and pickups is not None and append is not None:
        portal = Portal(Keeping(pickups, config.portal.url, append), portal_notices_of(config))
    return Protector(directory, GnuPG(encryption.gnupg_home), manner, portal)


@dataclass(frozen=True, slots=True)
class Keeping:
    """The store behind the portal, as notifications need it. `url`: where recipients find the portal."""

    pickups: Pickups
    url: str
    append: Append

    def keep(self, recipient: str, octets: bytes, origin: Origin) -> Waiting:
        """Sealed first, then evidence, then a link.

        Evidence for one that waited already, too: the try that sealed it may have failed before it was written down.
        """
        kept = self.pickups.put(NewPickup(recipient, origin.mail_from, origin.incident), octets)
        self.append(pickup_events.waiting(replace(kept.pickup, incident=origin.incident)))
        return Waiting(kept.pickup.id, f"{self.url}/m/{kept.link}", kept.pickup.expires)


def lookup_of(config: Config, engine: sa.Engine, append: Append, clock: Clock = utc_now) -> Lookup:
    """Looks elsewhere for keys and lanes; `append` writes each new one down."""
    encryption = config.encryption
    book = KeyBook(engine, clock)
    resolver = Resolver(encryption.resolver, seconds=min(3.0, encryption.lookup_seconds))
    reach = Reach(resolver, max(1.0, encryption.lookup_seconds), socket.getfqdn(), ldap=_directory_server(config))
    sources = [Source(word) for word in encryption.sources]
    return Lookup(book, intake_of(config, book, told_in(append)), sources, reach, encryption.lookup_seconds)


def _directory_server(config: Config) -> DirectoryServer | None:
    ldap = config.ldap
    if not ldap.url:
        return None
    return DirectoryServer(ldap.url, ldap.base, ldap.filter, ldap.user, ldap.password_file, ldap.ca_file)


def look_over(config: Config, directory: Directory, engine: sa.Engine, append: Append, clock: Clock = utc_now) -> None:
    """Keys judged anew once a day, old answers forgotten, and a word about own keys that will expire."""
    book = KeyBook(engine, clock)
    intake = intake_of(config, book, told_in(append))
    for key in book.all_keys():
        if key.checked is None or clock() - key.checked > RECHECK:
            intake.recheck(key)
    book.prune(clock() - RECHECK)
    for kind, (_, first) in directory.expiries().items():
        if kind.startswith("own-") and first is not None and first - clock() < EXPIRY_WARNING:
            logs.event("key-expires", level=logging.WARNING, kind=kind, days=(first - clock()).days)


def told_in(append: Append, by: str = "") -> Tell:
    """A key of a recipient came, changed or was refused; `by` whom, where somebody was at a terminal."""

    def tell(what: str, key: RecipientKey) -> None:
        append(
            key_events.recipient_key(
                what,
                address=key.address,
                method=key.method.value,
                fingerprint=key.fingerprint,
                source=key.source.value,
                by=by,
            )
        )

    return tell
