"""Wires the review console: the only place that knows its desks, its server and its workers together."""

import asyncio
import logging
import os
import shutil
import signal
import socket
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from gateway import logs
from gateway.actions import Notices
from gateway.actions.notices import Story, compose
from gateway.app import trusted_rules
from gateway.audit.index import AuditIndex
from gateway.audit.ocsf import product_version
from gateway.config import Config
from gateway.console.app import make_app
from gateway.console.settings import Desks, Settings
from gateway.core.envelope import Envelope, Session, Transaction
from gateway.core.errors import GatepostError, SetupError
from gateway.desk.evidence import EvidenceDesk
from gateway.desk.items import ItemDesk
from gateway.desk.openid import OpenIdDesk
from gateway.desk.overview import OverviewDesk
from gateway.desk.people import PeopleDesk
from gateway.desk.reading import Reader
from gateway.desk.redacting import RedactedRelease
from gateway.desk.releasing import EncryptedRelease
from gateway.desk.replays import MOST_RUNS, NAMING, ReplayDesk
from gateway.desk.reports import Beside, ReportDesk
from gateway.desk.rules import RulesDesk
from gateway.desk.sending import Sending
from gateway.desk.wording import Wording
from gateway.keys import KeyBook, OwnKeys
from gateway.notices.voice import notices_of
from gateway.people import Gatehouse, Role, Roster, SecurityKeys, Sessions, Times, Tokens, Turns
from gateway.people.openid import Arrivals, Provider
from gateway.people.openid import Terms as OpenIdTerms
from gateway.people.openid.asking import Asker, is_safe
from gateway.processes import sandbox
from gateway.quarantine import Casefile, Terms
from gateway.report.around import allowances, key_ends, logs_elsewhere, titles
from gateway.report.quarterly import Surroundings
from gateway.report.wanted import prints
from gateway.rulebook.archive import RuleArchive
from gateway.ruleset import RuleSet
from gateway.web.serving import Server, check_exposure, listening, origins_of, server_settings
from gateway.wiring.equip import pace_of, pace_of_commands, worker_setup
from gateway.wiring.opening import secret_in
from gateway.wiring.protection import lookup_of, protector_of
from gateway.wiring.stored import Stored, now, opened, rule_sets_of
from gateway.workers.comparing import Comparing
from gateway.workers.pool import Workers

NAME = "console"  # of its settings
LOW_DISK = 1 << 30


class RulesInUse:
    """The rule set that the console explains by, and the workers that read by it."""

    def __init__(self, config: Config, stored: Stored) -> None:
        """Raises SetupError, FaultyFiles."""
        self._config = config
        self._stored = stored
        self._use()

    def _use(self) -> None:
        ruleset, _ = trusted_rules(self._config)
        derive = self._stored.keyring.derive
        setup = worker_setup(
            self._config,
            ruleset,
            derive("fingerprint"),
            exact_key=derive("exact"),
            reveal=False,
            explain=True,
            show=True,
            later=True,
        )
        workers = Workers(setup, replace(pace_of(self._config), count=self._config.console.workers))
        self.ruleset: RuleSet = ruleset
        self.workers = workers

    def reload(self) -> None:
        """Take the rules as they are now; with a fault in them the old ones stay."""
        old = self.workers
        try:
            self._use()
        except SetupError as error:
            logs.event("reload-failed", level=logging.ERROR, failure=error)
            return
        old.close()
        logs.event("policy", digest=self.workers.policy_digest, rules=len(self.ruleset.policy.active))

    def reader(self) -> Reader:
        return Reader(self.workers)

    def notices(self) -> Notices:
        return notices_of(self._config, self.ruleset.policy.organization)[0]

    def close(self) -> None:
        self.workers.close()


@dataclass(frozen=True, slots=True)
class Office:
    """The console, ready to serve."""

    app: ASGIApp
    rules: RulesInUse
    desks: Desks


@contextmanager
def office(config: Config, environ: Mapping[str, str], port: int = 0) -> Iterator[Office]:
    """Everything opened; closed again at the end. `port`: the one listened on. Raises SetupError."""
    with opened(config, environ) as stored:
        rules = RulesInUse(config, stored)
        try:
            desks = desks_of(config, stored, rules)
            yield Office(make_app(desks, settings_of(config, stored, rules, port)), rules, desks)
        finally:
            rules.close()


def desks_of(config: Config, stored: Stored, rules: RulesInUse) -> Desks:
    """The use cases on what is stored."""
    times = times_of(config)
    roster = Roster(stored.engine, now, times)
    wording = Wording(
        config.policy.file.parent / "detectors", config.limits.core(), lambda _: stored.keyring.derive("exact")
    )
    people = PeopleDesk(
        roster,
        Gatehouse(stored.engine, stored.keyring, now),
        Sessions(stored.engine, now, times),
        Tokens(stored.engine, now),
        SecurityKeys(stored.engine, now),
        stored.audit,
        alarm=partial(raise_alarm, stored, rules),
    )
    casefile = Casefile(stored.engine, now)
    items = ItemDesk(
        stored.quarantine,
        casefile,
        roster,
        stored.audit,
        sending_of(config, stored, rules.reader),
        rules.reader,
        wording,
        rules.notices,
        terms_of(config),
        now,
        say=lambda text: logs.event("review-unrecorded", level=logging.ERROR, what=text),
    )
    index = AuditIndex(config.audit.folder, config.store.folder / "audit-index.db")
    return Desks(
        people=people,
        items=items,
        evidence=EvidenceDesk(config.audit.folder, index, stored.keyring.audit_key, stored.audit, wording, now),
        overview=OverviewDesk(
            index, stored.quarantine, casefile, partial(health_of, config, stored), stored.audit, now
        ),
        rules=RulesDesk(
            index,
            RuleArchive(rule_sets_of(config)),
            lambda: rules.ruleset.policy,
            rules.reader,
            casefile,
            stored.audit,
            now,
        ),
        replays=ReplayDesk(
            stored.quarantine,
            lambda: rules.ruleset,
            partial(comparing, config, stored),
            config.console.candidates,
            stored.audit,
            now,
            Turns(stored.engine, MOST_RUNS, now),
        ),
        reports=ReportDesk(
            config.audit.folder, stored.keyring.audit_key, beside_of(config, stored, rules), stored.audit, now
        ),
        openid=openid_of(config, stored, times),
        policy_digest=lambda: rules.workers.policy_digest,
        now=now,
    )


def sending_of(config: Config, stored: Stored, reader: Callable[[], Reader]) -> Sending:
    """The ways in which a held message goes out."""
    lookup = lookup_of(config, stored.engine, stored.audit.append, now)
    protector = protector_of(config, stored.directory, stored.pickups, stored.audit.append)
    encrypting = EncryptedRelease(stored.directory, protector, stored.submitter, lookup)
    return Sending(stored.quarantine, stored.submitter, encrypting, RedactedRelease(reader, stored.submitter))


def openid_of(config: Config, stored: Stored, times: Times) -> OpenIdDesk | None:
    """The way in by a provider, where one is configured. Raises SetupError."""
    wanted = config.openid
    if not wanted.issuer:
        return None
    if not is_safe(wanted.issuer):
        raise SetupError("openid: issuer must begin with https:")
    if not wanted.roles or not (wanted.acr or wanted.amr) or "openid" not in wanted.scopes:
        raise SetupError("openid: it needs roles, values of acr or amr that mean a second factor, and the scope openid")
    terms = OpenIdTerms(
        issuer=wanted.issuer,
        client=wanted.client_id,
        secret=_secret_in(wanted.secret_file),
        name=wanted.name,
        scopes=wanted.scopes,
        groups_claim=wanted.groups_claim,
        roles=tuple((group, Role(role)) for group, role in wanted.roles.items()),
        acr=wanted.acr,
        amr=wanted.amr,
    )
    try:
        ask = Asker(wanted.ca_file)
    except OSError as error:
        raise SetupError(f"openid: {wanted.ca_file} has no authorities that can be used: {error.strerror}") from None
    sessions = Sessions(stored.engine, now, times)
    return OpenIdDesk(Provider(terms, ask), Arrivals(stored.engine, now), sessions, stored.audit)


def _secret_in(file: Path | None) -> str:
    """ "" for a client without one: PKCE alone. Raises SetupError, never with what stands in the file."""
    secret = secret_in(file).strip() if file else ""
    if file and not secret:
        raise SetupError(f"openid: {file}: there is no secret in it")
    return secret


def comparing(config: Config, stored: Stored, old: RuleSet, new: RuleSet) -> Workers:
    """Workers that judge by two rule sets; one process, beside those that people wait for. Raises SetupError."""
    derive = stored.keyring.derive
    setup = worker_setup(config, old, derive("fingerprint"), exact_key=derive("exact"))
    setup = replace(setup, comparing=Comparing(new, NAMING))
    return Workers(setup, replace(pace_of_commands(config), count=1))


def beside_of(config: Config, stored: Stored, rules: RulesInUse) -> Beside:
    """What reports need beside the log."""

    def around() -> Surroundings:
        policy = rules.ruleset.policy
        keys = key_ends(KeyBook(stored.engine), OwnKeys(stored.engine, stored.keyring), now())
        return Surroundings(policy.organization.name, titles(policy), allowances(policy), keys)

    def prints_of(value: str) -> dict[str, set[str]]:
        derive = stored.keyring.derive
        detectors = rules.ruleset.detectors
        return prints(value, "", detectors, derive("fingerprint"), derive("exact"), config.limits.core())

    def is_inside(address: str) -> bool:
        return rules.ruleset.policy.organization.inside.covers(address)

    return Beside(around, is_inside, prints_of, lambda: logs_elsewhere(stored.engine, stored.identity))


def health_of(config: Config, stored: Stored) -> dict[str, str]:
    """What is well, and what is not, in words: as far as the console can see it."""
    found = {"Audit log": "" if os.access(config.audit.folder, os.W_OK) else "its folder cannot be written"}
    free = shutil.disk_usage(config.store.folder).free
    found["Disk"] = "" if free > LOW_DISK else f"{free >> 20} MB are free"
    try:
        with urllib.request.urlopen(f"http://{config.status.host}:{config.status.port}/readyz", timeout=2) as answer:
            found["Gateway"] = "" if answer.status == HTTPStatus.OK else "it is not ready"
    except OSError:
        found["Gateway"] = "it does not answer, or says that it is not ready: mail is deferred, and nothing is lost"
    try:
        socket.create_connection((config.postfix.submit_host, config.postfix.submit_port), 2).close()
        found["Postfix for releases"] = ""
    except OSError:
        found["Postfix for releases"] = "it does not answer: releases have to wait"
    return found


def settings_of(config: Config, stored: Stored, rules: RulesInUse, port: int) -> Settings:
    return Settings(
        organization=rules.ruleset.policy.organization.name,
        origins=origins_of(config.console, port or config.console.port),
        csrf_key=stored.keyring.derive("console-forms"),
        version=product_version(),
    )


def times_of(config: Config) -> Times:
    return Times(
        idle=timedelta(minutes=config.console.idle_minutes),
        absolute=timedelta(hours=config.console.session_hours),
        confirmation=timedelta(minutes=config.console.confirm_minutes),
    )


def terms_of(config: Config) -> Terms:
    return Terms(config.retention.days, config.retention.areas)


def raise_alarm(stored: Stored, rules: RulesInUse, name: str, client: str) -> None:
    """The emergency account was used: the log, and a mail to every officer. Nobody is kept out where that fails."""
    logs.event("emergency-sign-in", level=logging.ERROR, account=name, client=client)
    notices = rules.notices()
    letter = Transaction(Session(), Envelope("", ()), b"", incident=f"emergency-{now():%Y%m%d%H%M%S}", received=now())
    for officer in rules.ruleset.policy.organization.officers:
        octets = compose(notices, "officer-emergency", Story((), note=f"{name}, from {client}"), letter, officer)
        try:
            stored.submitter.submit("", [officer], [octets])
        except GatepostError as error:
            logs.event("emergency-notice-failed", level=logging.ERROR, failure=error)


def serve_console(config: Config, environ: Mapping[str, str], ready: Callable[[int], None]) -> int:
    """Serve until SIGTERM or SIGINT; SIGHUP takes the rules anew. `ready` hears the port. Raises SetupError."""
    check_exposure(config.console, NAME)
    sandbox.leave_no_core()
    with listening(config.console, NAME) as listener:
        port: int = listener.getsockname()[1]
        with office(config, environ, port) as wired:
            server = _Server(server_settings(config.console, NAME, wired.app), wired.rules, partial(ready, port))
            server.run(sockets=[listener])
    logs.event("console-stopped")
    return 0


class _Server(Server):
    """Takes SIGHUP for the rules."""

    def __init__(self, settings: uvicorn.Config, rules: RulesInUse, ready: Callable[[], None]) -> None:
        super().__init__(settings, ready)
        self._rules = rules

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, lambda: loop.run_in_executor(None, self._rules.reload))
        await super().startup(sockets)
        logs.event("console-started")
