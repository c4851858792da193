"""Wires the portal: what of the stores it needs, its desk, its server. It opens no quarantine and loads no rules."""

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from starlette.types import ASGIApp

from gateway import logs, sandbox
from gateway.config import Config, keyring_file
from gateway.core.errors import SetupError
from gateway.opening import database_of, pickups_of
from gateway.pickup.codes import Codes
from gateway.pickup.desk import Mailer, PickupDesk
from gateway.pickup.sessions import Sessions, Times
from gateway.portal.app import make_app
from gateway.portal.pages import Settings
from gateway.store.keyring import Keyring
from gateway.store.members import bind_keyring
from gateway.stored import now, open_audit
from gateway.submit import Submitter
from gateway.voice import NOBODY_NAMED, portal_notices_of
from gateway.web.serving import Server, check_exposure, listening, server_settings

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
    keyring = Keyring.load(keyring_file(config, environ))
    engine = database_of(config)
    try:
        bind_keyring(engine, keyring)
        audit = open_audit(config, keyring)
        try:
            pickups = pickups_of(config, engine, keyring)
            assert pickups is not None  # it is on
            sessions = Sessions(engine, times_of(config), now)
            desk = PickupDesk(
                pickups,
                Codes(engine, keyring.derive("pickup-codes"), sessions, now),
                sessions,
                submitter_of(config),
                portal_notices_of(config),
                audit,
                now,
            )
            mailer = Mailer(desk.send_code)
            try:
                yield Lobby(make_app(desk, mailer, settings_of(config, keyring)), desk)
            finally:
                mailer.close()
        finally:
            audit.close()
    finally:
        engine.dispose()


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
