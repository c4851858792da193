"""A console as an administrator runs it, in a folder of its own: people with telephones, held mail, an SMTP sink."""

import json
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from gateway.act import Done
from gateway.act.evidence import AuditEvidence, new_item
from gateway.config import Config, load_config, shipped
from gateway.console.app import make_app
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.plan import Quarantine
from gateway.demo.sink import Sink
from gateway.office import RulesInUse, desks_of, settings_of, terms_of
from gateway.people import Gatehouse, Person, Role, Roster, passwords
from gateway.quarantine import Casefile
from gateway.store.database import writing
from gateway.store.keyring import Keyring
from gateway.store.schema import people, sessions
from gateway.web.serving import Server, listening, server_settings
from gateway.wiring.stored import Stored, opened

PASSWORD = "three herons over the canal"
PEOPLE = {
    "ada": Role.ADMIN,
    "olga": Role.OFFICER,
    "rolf": Role.REVIEWER,
    "rita": Role.REVIEWER,
    "aron": Role.AUDITOR,
    "hela": Role.HELPDESK,
}


@dataclass
class Telephone:
    """What shows somebody's codes. Each is shown once, so that a test need not wait half a minute for the next."""

    secret: bytes
    used: set[str] = field(default_factory=set)

    def code(self) -> str:
        """A code that the console takes and has not seen: of the last, this or the next half minute."""
        now = datetime.now(UTC).timestamp()
        for step in (-25, 0, 25):
            code = TOTP(self.secret, 6, SHA1(), 30).generate(int(now + step)).decode()
            if code not in self.used:
                self.used.add(code)
                return code
        raise AssertionError("no fresh code left for this half minute")


class House:
    """Everything of one console. `serve` puts it on a port."""

    def __init__(self, folder: Path, sink: Sink, rules: Path, stored: Stored, config: Config) -> None:
        self.folder = folder
        self.sink = sink
        self.rules_folder = rules
        self.stored = stored
        self.config = config
        self.rules = RulesInUse(config, stored)
        self.desks = desks_of(config, stored, self.rules)
        self.casefile = Casefile(stored.engine)
        self.purging = stored.quarantine.purging(terms_of(config))
        self.gatehouse = Gatehouse(stored.engine, stored.keyring)
        self.telephones: dict[str, Telephone] = {}
        self.recovery: dict[str, list[str]] = {}
        self._number = 0

    def enrol(self, name: str, role: Role, address: str = "", display: str = "", *, new: bool = False) -> None:
        """An account with the password of the tests and a telephone, for months unless it is `new`."""
        roster = Roster(self.stored.engine)
        address = address or f"{name}@staff.example"
        person, _ = roster.add(name, role, display=display or name.capitalize(), address=address)
        secret = self.gatehouse.begin_enrolment(person)
        telephone = Telephone(secret)
        codes = self.gatehouse.enrol(person, PASSWORD, telephone.code())
        self.telephones[name], self.recovery[name] = telephone, list(codes)
        if not new:
            with writing(self.stored.engine) as connection:
                long_ago = datetime.now(UTC) - timedelta(days=90)
                connection.execute(sa.update(people).where(people.c.name == name).values(standing=long_ago))

    def telephone_of(self, person: Person) -> Telephone:
        """A telephone for somebody who enrols anew."""
        return Telephone(self.gatehouse.begin_enrolment(person))

    def proof(self, name: str) -> str:
        """A recovery code: good at any time, once."""
        return self.recovery[name].pop()

    def hold(
        self,
        raw: bytes,
        mail_from: str = "nurse@clinic.example",
        to: Sequence[str] = ("pat@home.example",),
        reviewers: int = 1,
        created: datetime | None = None,
    ) -> str:
        """Inspect a message as the gateway would, keep it whatever comes out, and leave the evidence. The item's id."""
        self._number += 1
        incident = f"20261125-{self._number:010d}"
        when = created or datetime.now(UTC) - timedelta(hours=self._number)
        envelope = Envelope(mail_from, tuple(Recipient(address) for address in to))
        transaction = Transaction(Session(auth_authen="nurse"), envelope, raw, f"Q{self._number}", incident, when)
        inspection = self.rules.workers.inspect(transaction)
        hits = [hit for hit in inspection.verdict.hits if hit.status == "enforce"]
        effect = Quarantine(
            recipients=tuple(to),
            rules=tuple(hit.rule for hit in hits),
            areas=tuple(dict.fromkeys(hit.area for hit in hits)),
            severity=hits[0].severity if hits else "low",
            reviewers=reviewers,
        )
        evidence = AuditEvidence(self.stored.audit, b"k" * 32, partial(_nothing))
        evidence.decided(transaction, inspection)
        item = self.stored.quarantine.put(new_item(b"k" * 32, transaction, inspection, effect), [raw])
        evidence.acted(transaction, inspection, Done(items=(item,)))
        return item

    def events(self, kind: str = "") -> list[dict[str, Any]]:
        """The audit log, or its events of one kind."""
        found = []
        for path in sorted((self.folder / "state" / "audit").glob("audit-*.jsonl")):
            found += [json.loads(line) for line in path.read_text().splitlines()]
        return [event for event in found if not kind or event["metadata"]["event_code"] == kind]

    @contextmanager
    def serve(self) -> Iterator[str]:
        """On a free port of loopback; the address."""
        with listening(self.config.console, "console") as listener:
            port = listener.getsockname()[1]
            app = make_app(self.desks, settings_of(self.config, self.stored, self.rules, port))
            up = threading.Event()
            server = Server(server_settings(self.config.console, "console", app), up.set)
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
            thread.start()
            assert up.wait(20)
            try:
                yield f"http://127.0.0.1:{port}"
            finally:
                server.should_exit = True
                thread.join(20)


def kinds(house: House, item: str) -> list[str]:
    """The codes of the events about an item."""
    return [
        event["metadata"]["event_code"] for event in house.events() if event.get("unmapped", {}).get("item") == item
    ]


def stale(house: House, name: str) -> None:
    """The last proof of this person was an hour ago, in every session."""
    person, long_ago = Roster(house.stored.engine).get(name), datetime.now(UTC) - timedelta(hours=1)
    with writing(house.stored.engine) as connection:
        own = sa.update(sessions).where(sessions.c.person_id == person.id)
        connection.execute(own.values(confirmed=long_ago))


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def house(
    folder: Path,
    *,
    people: Mapping[str, Role] = PEOPLE,
    every_rule: bool = False,
    openid: Mapping[str, object] | None = None,
) -> Iterator[House]:
    """A console with the shipped rules, all of them or those of the wire tests with one detector."""
    # hashes of less work: what is tested is not their strength
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    rules = shipped("rules") if every_rule else folder / "rules"
    if not every_rule:
        shutil.copytree(Path(__file__).parent / "rules", rules)
        (rules / "detectors").mkdir()
        shutil.copy(shipped("rules") / "detectors" / "us-ssn.yaml", rules / "detectors")
    with Sink() as sink:
        settings = {
            "store": {"folder": str(folder / "state")},
            "postfix": {"submit-port": sink.port},
            "policy": {"file": str(rules / "policy.yaml")},
            "console": {"port": 0, "candidates": str(folder / "candidates")},
        }
        (folder / "gatepost.yaml").write_text(json.dumps(settings | ({"openid": openid} if openid else {})))
        config = load_config(folder / "gatepost.yaml", {})
        Keyring.init(config.store.keyring)
        with opened(config, {}) as stored:
            built = House(folder, sink, rules, stored, config)
            try:
                for name, role in people.items():
                    built.enrol(name, role, f"{name}@clinic.example")
                yield built
            finally:
                built.rules.close()


LETTER = (
    b"From: Nurse <nurse@clinic.example>\r\nTo: pat@home.example\r\nSubject: Your visit\r\n"
    b"Date: Mon, 16 Mar 2026 08:41:55 -0400\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    b"Dear Pat,\r\n\r\nfor the insurer: your social security number is 536-22-1894.\r\nPlease call us.\r\n"
)
