"""Wires the rooms together: the only place that knows every implementation."""

import gc
import logging
import os
import secrets
import socket
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry

from gateway import logs
from gateway.act import Actor
from gateway.act.evidence import AuditEvidence, new_item
from gateway.actions.telling import late_report
from gateway.arriving.spool import Spool
from gateway.audit import events
from gateway.audit.ocsf import product_version
from gateway.audit.reading import has_event
from gateway.config import Config
from gateway.core.errors import FaultyFiles, SetupError
from gateway.core.probe import ProbeMark
from gateway.detect.database import Shelf
from gateway.detect.forgetting import forget
from gateway.extract import ocr
from gateway.follow import FileTail, JournalTail, Tail
from gateway.follow.deliveries import Deliveries
from gateway.judge import Edges, GatewayJudge
from gateway.metrics import Metrics, QuarantineLoad, WorkersLoad
from gateway.milter import Collecting, MilterServer, MilterSettings
from gateway.notices.voice import notices_of
from gateway.observe.messages import Observer
from gateway.observe.status import StatusServer
from gateway.pickup.evidence import Hearing
from gateway.policy import Status
from gateway.processes import sandbox
from gateway.processes.thrift import give_back
from gateway.rulebook.archive import RuleArchive
from gateway.ruleset import RuleSet
from gateway.ruleset.reader import read_apart, read_here
from gateway.ruleset.signing import SignatureRefused, Signed
from gateway.store.database import is_shared
from gateway.store.members import Members, note_upkeep, upkeep_due
from gateway.webhooks import Senders, receivers_of
from gateway.wiring import upkeep
from gateway.wiring.aftermath import aftermath_of
from gateway.wiring.equip import pace_of, worker_setup
from gateway.wiring.opening import keep_portal_keys, postfix_of
from gateway.wiring.presence import Presence, audit_head
from gateway.wiring.protection import lookup_of, protector_of
from gateway.wiring.stored import Stored, now, rule_sets_of, upkeep_of
from gateway.workers.pool import Workers

if TYPE_CHECKING:
    from gateway.observe.traces import Traces

UPKEEP_EVERY = timedelta(minutes=50)  # less than an hour: somebody comes each hour
INCIDENT_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: nothing that is misread on the telephone
INCIDENT_PAIRS = [one + other for one in INCIDENT_ALPHABET for other in INCIDENT_ALPHABET]


def new_incident(when: datetime) -> str:
    """An id such as "20261122-7k3f9q2mab": the day, and 50 random bits."""
    lot = secrets.randbits(50)
    return f"{when:%Y%m%d}-" + "".join([INCIDENT_PAIRS[lot >> shift & 1023] for shift in range(0, 50, 10)])


def trusted_rules(config: Config, proofs: Shelf | None = None) -> tuple[RuleSet, Signed | None]:
    """The rule set of the configuration, with who signed it where a signature is demanded. Raises SetupError.

    `proofs` as for `load_ruleset`: for commands.
    """
    return read_here(config.policy.file, config.policy.require_signature, proofs)


def say_what_is_missing() -> None:
    """Protection or reading that this machine cannot give: never silently."""
    for layer in sandbox.missing():
        logs.event("unprotected", level=logging.WARNING, missing=layer)
    if ocr.data_folder() is None:
        logs.event("unread-pictures", level=logging.WARNING, missing="tesseract-ocr-eng")


def _mail_log(where: str) -> Tail | None:
    if where == "none":
        return None
    return JournalTail() if where == "journal" else FileTail(Path(where))


def traces_of(config: Config) -> "Traces | None":
    """None, and no library loaded for it, where no collector is named. Raises SetupError."""
    if not config.traces.endpoint:
        return None
    try:
        from gateway.observe.traces import open_traces
    except ImportError:
        raise SetupError("traces.endpoint: OpenTelemetry is not installed: pip install 'gatepost[traces]'") from None
    return open_traces(config.traces.endpoint, config.traces.share, config.traces.ca_file)


class Gateway:
    """A running gateway: the milter, the workers, the status pages, and what they share."""

    def __init__(self, config: Config, stored: Stored) -> None:
        """Load the policy and start the workers. Raises SetupError, FaultyFiles."""
        self._config = config
        self._stored = stored
        self._metrics = Metrics(CollectorRegistry())
        self._observer = Observer(self._metrics)
        self._lookup = lookup_of(config, stored.engine, stored.audit.append)
        self._deliveries = Deliveries(
            stored.engine,
            stored.journal,
            stored.audit,
            self._metrics,
            now,
            _mail_log(config.postfix.mail_log),
            postfix_of(config, stored.engine),
        )
        ruleset, signed = read_apart(config.policy.file, config.policy.require_signature)
        self._organization = ruleset.policy.organization
        self._notices, _ = notices_of(config, self._organization)
        self._traces = traces_of(config)
        self._judge = GatewayJudge(
            self._new_workers(ruleset),
            self._actor(),
            self._observer,
            Edges(now, new_incident, ProbeMark(stored.keyring.derive("probe")).is_on),
            directory=stored.directory,
            lookup=self._lookup,
            loopback=config.milter.loopback_listener,
            most=config.milter.max_in_flight,
        )
        self._in_force(ruleset, signed, old="")
        self._tell_loaded(ruleset)
        judge = self._judge if self._traces is None else self._traces.judging(self._judge)
        self._milter = MilterServer(self._milter_settings(), judge, self._collecting())
        self._status = StatusServer(
            config.status.host,
            config.status.port,
            self._metrics.registry,
            health={"milter": self._milter_ill, "workers": self._workers_ill},
            readiness={
                "milter": self._milter_ill,
                "workers": self._workers_ill,
                "store": self._store_ill,
                "audit": self._audit_ill,
            },
        )
        self._presence = self._new_presence() if is_shared(stored.engine) else None
        self._hearing = self._new_hearing()
        self._webhooks = Senders(receivers_of(config), config.audit.folder, config.webhooks.folder)
        self._metrics.watch_webhooks([each.name for each in config.webhooks.receivers], self._webhooks.standings)
        self._metrics.watch_workers(self._workers_load)
        self._metrics.watch_quarantine(self._quarantine_load)
        self._metrics.watch_keys(self._stored.directory.expiries)
        if self._stored.pickups is not None:
            self._metrics.watch_pickups(self._stored.pickups.counts)
        self._metrics.watch_lanes(self._stored.directory.lanes)
        self._metrics.watch_mail_log(lambda: self._deliveries.sees)

    def _actor(self) -> Actor:
        stored = self._stored
        ids = stored.keyring.derive("message-id")
        actor = Actor(
            evidence=AuditEvidence(stored.audit, ids, self._metrics.audited),
            journal=stored.journal,
            keeper=stored.quarantine,
            postbox=stored.submitter,
            protector=protector_of(self._config, stored.directory, stored.pickups, stored.audit.append),
            witness=self._deliveries,
            journal_key=stored.keyring.derive("journal"),
            new_item=partial(new_item, ids),
            report=lambda transaction, addresses: late_report(self._notices, transaction, addresses),
        )
        return actor if self._traces is None else self._traces.acting(actor)

    def _new_hearing(self) -> Hearing | None:
        """Of what recipients do at the portal."""
        stored, portal = self._stored, self._config.portal
        if stored.pickups is None or not portal.is_on:
            return None
        return Hearing(self._config.store.folder, stored.pickups, stored.audit)

    def _new_presence(self) -> Presence:
        key, folder = self._stored.keyring.audit_key().public_key(), self._config.audit.folder
        return Presence(
            Members(self._stored.engine),
            self._stored.identity,
            lambda: self._judge.workers.policy_digest,
            partial(audit_head, folder, key),
            lambda head: has_event(folder, head.seq, head.hash),
        )

    def _milter_settings(self) -> MilterSettings:
        milter = self._config.milter
        return MilterSettings(
            milter.socket, int(milter.socket_mode, 8), milter.socket_group, timeout=milter.timeout_seconds
        )

    def _collecting(self) -> Collecting:
        milter = self._config.milter
        spool = partial(Spool, milter.spool_folder, milter.spool_above_bytes)
        return Collecting(spool if self._traces is None else self._traces.arriving(spool), milter.max_message_bytes)

    def _new_workers(self, ruleset: RuleSet) -> Workers:
        derive = self._stored.keyring.derive
        setup = worker_setup(self._config, ruleset, derive("fingerprint"), exact_key=derive("exact"))
        workers = Workers(setup, pace_of(self._config))
        _put_away()
        return workers

    def _in_force(self, ruleset: RuleSet, signed: Signed | None, old: str) -> None:
        self._organization = ruleset.policy.organization
        self._notices, faults = notices_of(self._config, self._organization)
        for fault in faults:
            logs.event("notice-fault", level=logging.ERROR, fault=logs.Words(str(fault)))
        policy = ruleset.policy
        active = [rule for rule in policy.rules if rule.is_active]
        enforced = [rule.id for rule in active if rule.status is Status.ENFORCE and rule.rollout is None]
        monitored = [rule.id for rule in active if rule.id not in enforced]
        self._stored.audit.append(
            events.policy_changed(
                old=old,
                new=policy.digest,
                enforced=enforced,
                monitored=monitored,
                signer=signed.signer if signed else "",
                key=signed.key if signed else "",
            )
        )
        self._keep(policy.digest)

    def _tell_loaded(self, ruleset: RuleSet) -> None:
        """Count it, once messages are judged by it: whoever waits for the count may send the next one."""
        policy = ruleset.policy
        self._metrics.policy_loaded(
            policy.digest,
            now(),
            rules={rule.id for rule in policy.rules},
            areas={rule.area for rule in policy.rules},
            detectors=ruleset.detectors,
        )
        logs.event("policy", digest=policy.digest, rules=len(policy.active))

    def _keep(self, digest: str) -> None:
        """A copy of the rules, so that the console can show what changed. Mail does not wait for it."""
        try:
            RuleArchive(rule_sets_of(self._config)).keep(self._config.policy.file, digest)
        except (OSError, ValueError) as error:
            logs.event("policy-not-kept", level=logging.WARNING, failure=error)

    def start(self) -> None:
        """Open the status port and the milter socket. Raises SetupError."""
        say_what_is_missing()
        self._stored.directory.lanes()  # those that Postfix does not have are told in the log
        if self._presence is not None:
            self._presence.start(socket.gethostname(), product_version())
        self._deliveries.start()
        if self._hearing is not None:
            logs.guarded("portal-keys", partial(keep_portal_keys, self._config, self._stored.keyring))
            self._hearing.start()
        self._webhooks.start()
        self._status.start()
        self._milter.start()
        workers = self._config.workers.count
        digest = self._judge.workers.policy_digest
        self._stored.audit.append(
            events.gateway_started(policy=digest, listener=self._config.milter.socket, workers=workers)
        )
        logs.event("started", socket=self._config.milter.socket, status_port=self._status.port, workers=workers)

    def reload(self) -> None:
        """Take the policy files as they are now; with a fault in them the old policy stays, and it is said why."""
        old = self._judge.workers.policy_digest
        try:
            ruleset, signed = read_apart(self._config.policy.file, self._config.policy.require_signature)
            workers = self._new_workers(ruleset)
        except SetupError as error:
            faults = [str(fault) for fault in error.faults] if isinstance(error, FaultyFiles) else [str(error)]
            self._observer.faults(faults)
            unsigned = isinstance(error, SignatureRefused)
            self._stored.audit.append(events.policy_refused(kept=old, faults=len(faults), unsigned=unsigned))
            return
        try:
            self._in_force(ruleset, signed, old)
        except BaseException:
            workers.close()
            raise
        self._judge.use(workers)
        self._tell_loaded(ruleset)

    def maintain(self) -> None:
        """What must be done now and then: see `gateway.wiring.upkeep`."""
        self._deliveries.maintain()
        logs.guarded("settling", self._judge.actor.look_after_left)
        stored = self._stored
        with upkeep.alone(self._config.store.folder, stored.engine) as ours:
            common = ours and (not is_shared(stored.engine) or upkeep_due(stored.engine, UPKEEP_EVERY))
            tasks = [task for task in upkeep.TASKS if task.own or common]
            aftermath = aftermath_of(self._config, stored, self._organization)
            for done in upkeep.run(upkeep_of(self._config, stored, aftermath.round), tasks):
                if done.failure is not None:
                    logs.event("maintenance-failed", level=logging.ERROR, failure=done.failure, task=done.task)
            if common:
                note_upkeep(stored.engine, stored.identity)

    def stop(self, cause: str) -> None:
        """Finish the messages in hand, take no more, close."""
        logs.event("stopping", cause=cause, in_flight=self._judge.in_flight)
        drained = self._judge.drain(self._config.milter.drain_seconds)
        self._milter.stop()
        self._judge.workers.close()
        self._deliveries.stop()
        self._lookup.close()
        self._status.stop()
        if self._hearing is not None:
            self._hearing.stop()
        self._stored.audit.append(events.gateway_stopped(signal=cause))
        if self._presence is not None:
            self._presence.stop()
        self._webhooks.stop()
        if self._traces is not None:
            self._traces.close()
        logs.event("stopped", drained=drained)

    @property
    def is_well(self) -> bool:
        """The milter still listens."""
        return self._milter.alive

    def _milter_ill(self) -> str:
        return "" if self._milter.alive else "the milter does not listen"

    def _workers_ill(self) -> str:
        workers = self._judge.workers
        return "" if workers.pids or workers.busy else "no worker is running"

    def _store_ill(self) -> str:
        self._stored.journal.open_count()
        return ""

    def _audit_ill(self) -> str:
        return "" if os.access(self._config.audit.folder, os.W_OK) else "the audit folder cannot be written"

    def _workers_load(self) -> WorkersLoad:
        workers = self._judge.workers
        return WorkersLoad(workers.count, workers.busy, workers.waiting, workers.restarts)

    def _quarantine_load(self) -> QuarantineLoad:
        return QuarantineLoad(*self._stored.quarantine.size_and_age())


def _put_away() -> None:
    """What it took to read and check a rule set: the workers have the detectors, and this process needs none."""
    forget()
    gc.collect()
    give_back()
