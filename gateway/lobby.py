"""Wires the portal: what of the stores it needs, its desk, its server. It opens no quarantine and loads no rules.

It has keys of its own and tells the gateway what to write into the audit log: docs/adr/0038. An installation in which
these keys were not written yet goes on with the keyring of the gateway, and says so.
"""

import logging
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from starlette.types import ASGIApp

from gateway import logs
from gateway.audit.log import AuditLog
from gateway.config import Config, keyring_file
from gateway.core.errors import SetupError
from gateway.notices.voice import NOBODY_NAMED, portal_notices_of
from gateway.pickup.codes import Codes
from gateway.pickup.desk import Mailer, PickupDesk
from gateway.pickup.evidence import Evidence, Told, Written
from gateway.pickup.sessions import Sessions, Times
from gateway.portal.app import make_app
from gateway.portal.pages import Settings
from gateway.postfix.submit import Submitter
from gateway.processes import sandbox
from gateway.store.errors import StoreUnusable
from gateway.store.keyring import Keyring
from gateway.store.members import bind_portal_keyring
from gateway.web.serving import Server, check_exposure, listening, server_settings
from gateway.wiring.opening import database_of, pickups_at_portal
from gateway.wiring.stored import now, open_audit

NAME = "portal"  # of its settings


@dataclass(frozen=True, slots=True)
class Lobby:
    """The portal, ready to serve."""

    app: ASGIApp
    desk: PickupDesk


@contextmanager
def lobby(config: Config, environ: Mapping[str, str] = os.environ) -> Iterator[Lobby]:
    """Everything opened; closed again at the end. Raises SetupError."""
    if not config.portal.is_on:
        raise SetupError("portal: there is none: set portal.url to the address where recipients find it")
    whole = whole_keyring(config, environ)
    keyring = whole.for_portal().opening_too(whole) if whole else Keyring.load(config.portal.keyring)
    engine = database_of(config)
    try:
        bind_portal_keyring(engine, keyring)
        with evidence_of(config, keyring, whole) as evidence:
            pickups = pickups_at_portal(config, engine, keyring)
            sessions = Sessions(engine, times_of(config), now)
            desk = PickupDesk(
                pickups,
                Codes(engine, keyring.derive("pickup-codes"), sessions, now),
                sessions,
                submitter_of(config),
                portal_notices_of(config),
                evidence,
                now,
            )
            mailer = Mailer(desk.send_code)
            try:
                yield Lobby(make_app(desk, mailer, settings_of(config, keyring)), desk)
            finally:
                mailer.close()
    finally:
        engine.dispose()


def whole_keyring(config: Config, environ: Mapping[str, str]) -> Keyring | None:
    """That of the gateway, where the portal has none of its own yet. Raises SetupError."""
    if os.path.lexists(config.portal.keyring):
        return None
    try:
        whole = Keyring.load(keyring_file(config, environ))
    except SetupError as error:
        raise StoreUnusable(
            f"{config.portal.keyring}: the portal has no keys: `gatepost keys portal` writes them, and the gateway when"
            f" it starts ({error})"
        ) from None
    logs.event("portal-has-whole-keyring", level=logging.WARNING)
    return whole


@contextmanager
def evidence_of(config: Config, keyring: Keyring, whole: Keyring | None) -> Iterator[Evidence]:
    """Where it is written down what recipients do. Raises SetupError."""
    if whole is None and config.portal.evidence == "gateway":
        yield Told(config.store.folder)
        return
    audit: AuditLog = open_audit(config, whole or keyring)
    try:
        yield Written(audit)
    finally:
        audit.close()


def times_of(config: Config) -> Times:
    portal = config.portal
    return Times(timedelta(minutes=portal.idle_minutes), timedelta(minutes=portal.session_minutes))


def submitter_of(config: Config) -> Submitter:
    """To the listener that no filter stands before: a mail with a code never becomes another message that waits."""
    postfix = config.postfix
    return Submitter(postfix.submit_host, postfix.submit_port, socket.getfqdn(), postfix.timeout_seconds)


def settings_of(config: Config, keyring: Keyring) -> Settings:
    portal = config.portal
    return Settings(
        organization=portal.organization,
        contact=portal.contact or NOBODY_NAMED,
        origins=(portal.url,),
        session_seconds=portal.session_minutes * 60,
        key=keyring.derive("portal-forms"),
    )


def serve_portal(config: Config, environ: Mapping[str, str], ready: Callable[[int], None]) -> int:
    """Serve until SIGTERM or SIGINT. `ready` hears the port. Raises SetupError."""
    check_exposure(config.portal, NAME)
    sandbox.leave_no_core()
    with lobby(config, environ) as wired, listening(config.portal, NAME) as listener:
        port: int = listener.getsockname()[1]
        logs.event("portal-started")
        Server(server_settings(config.portal, NAME, wired.app), partial(ready, port)).run(sockets=[listener])
    logs.event("portal-stopped")
    return 0
