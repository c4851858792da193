"""gateway.desk.people: no account changes without its evidence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from gateway.audit.errors import AuditUnavailable
from gateway.desk.people import PeopleDesk
from gateway.desk.rights import Caller
from gateway.people import Gatehouse, Person, PersonState, Role, Roster, SecurityKeys, Session, Sessions, Tokens
from gateway.people.securitykeys import KeyAnswer, Site
from gateway.store.keyring import Keyring
from gateway.store.schema import people
from tests.makers.softkey import SoftKey

ADA = Caller("ada", Role.ADMIN, confirmed=True)


@dataclass
class Audit:
    """A log that may be away."""

    away: bool = False
    events: list[Mapping[str, object]] = field(default_factory=list)

    def append(self, event: Mapping[str, object]) -> None:
        if self.away:
            raise AuditUnavailable("the audit log cannot be written: No space left on device")
        self.events.append(event)


@pytest.fixture
def audit() -> Audit:
    return Audit()


@pytest.fixture
def roster(engine: sa.Engine) -> Roster:
    roster = Roster(engine)
    for name, role in (("ada", Role.ADMIN), ("rolf", Role.HELPDESK)):
        roster.add(name, role, address=f"{name}@clinic.example")
    return roster


@pytest.fixture
def gatehouse(engine: sa.Engine, tmp_path: Path) -> Gatehouse:
    return Gatehouse(engine, Keyring.init(tmp_path / "keyring.json"))


@pytest.fixture
def desk(engine: sa.Engine, roster: Roster, audit: Audit, gatehouse: Gatehouse) -> PeopleDesk:
    return PeopleDesk(roster, gatehouse, Sessions(engine), Tokens(engine), SecurityKeys(engine), audit, lambda *_: None)


def is_done_with_evidence_alone(audit: Audit, act: Callable[[], object], state: Callable[[], object]) -> None:
    """Nothing while the log is away; once it is back the change, and one event."""
    before, audit.away = state(), True
    with pytest.raises(AuditUnavailable):
        act()
    assert state() == before

    audit.away = False
    act()
    assert state() != before
    assert len(audit.events) == 1


@pytest.mark.parametrize(
    "act",
    [
        lambda desk: desk.set_role(ADA, "rolf", Role.ADMIN),
        lambda desk: desk.disable(ADA, "rolf"),
        lambda desk: desk.reset(ADA, "rolf"),
        lambda desk: desk.add(ADA, "eve", Role.AUDITOR, "Eve", ""),
    ],
    ids=["role", "disable", "reset", "add"],
)
def test_no_account_is_changed_while_the_audit_log_is_away(
    desk: PeopleDesk, roster: Roster, audit: Audit, act: Callable[[PeopleDesk], object]
) -> None:
    """Whoever fills its disk first could make an administrator of an account, and nothing would ever say so."""
    is_done_with_evidence_alone(audit, lambda: act(desk), roster.list)


def test_nobody_comes_in_again_while_the_audit_log_is_away(
    desk: PeopleDesk, roster: Roster, audit: Audit, engine: sa.Engine
) -> None:
    """Somebody of the provider who was disabled here."""
    with engine.begin() as connection:
        connection.execute(sa.update(people).where(people.c.name == "rolf").values(issuer="https://id.clinic.example"))
    roster.disable("rolf")
    audit.away = True
    with pytest.raises(AuditUnavailable):
        desk.enable(ADA, "rolf")

    assert roster.get("rolf").state is PersonState.DISABLED


CHOSEN, NEXT = "three herons over the canal", "seven otters under the bridge"
SITE, ASKED = Site("localhost", "https://localhost"), b"0123456789abcdef"


@dataclass
class Own:
    """Somebody with an own account, a session in it and one key of it."""

    desk: PeopleDesk
    gatehouse: Gatehouse
    roster: Roster
    keys: SecurityKeys
    engine: sa.Engine
    kept: SoftKey = field(default_factory=SoftKey)
    fresh: SoftKey = field(default_factory=SoftKey)

    @property
    def session(self) -> Session:
        now = datetime.now(UTC)
        return Session("1", self.roster.get("ada"), now, now, now, "192.0.2.7", "a browser")

    def code(self, person: Person) -> str:
        secret = self.gatehouse.begin_enrolment(person)
        return TOTP(secret, 6, SHA1(), 30).generate(int(datetime.now(UTC).timestamp())).decode()

    def state(self) -> object:
        """Whatever somebody can change of the own account."""
        with self.engine.connect() as connection:
            password = connection.execute(sa.select(people.c.password).where(people.c.name == "ada")).scalar_one()
        keys = [key.id for key in self.keys.of(self.roster.get("ada"))]
        return password, keys, self.desk.own_tokens(self.session)


@pytest.fixture
def own(desk: PeopleDesk, gatehouse: Gatehouse, roster: Roster, engine: sa.Engine) -> Own:
    own = Own(desk, gatehouse, roster, SecurityKeys(engine), engine)
    person = roster.get("ada")
    gatehouse.enrol(person, CHOSEN, own.code(person))
    own.keys.add(roster.get("ada"), "blue", KeyAnswer(SITE, ASKED, own.kept.made(ASKED)))
    return own


@pytest.mark.parametrize(
    "act",
    [
        lambda own: own.desk.make_token(ADA, "tickets", ["overview"], timedelta(days=1)),
        lambda own: own.desk.add_key(ADA, own.session, "red", KeyAnswer(SITE, ASKED, own.fresh.made(ASKED))),
        lambda own: own.desk.remove_key(ADA, own.session, own.keys.of(own.session.person)[0].id),
        lambda own: own.desk.change_password(own.session, CHOSEN, NEXT),
    ],
    ids=["token", "key", "no key", "password"],
)
def test_nobody_changes_the_own_account_while_the_audit_log_is_away(
    own: Own, audit: Audit, act: Callable[[Own], object]
) -> None:
    """A token or a key that nothing ever told of would outlast whoever made it."""
    is_done_with_evidence_alone(audit, lambda: act(own), own.state)


def test_nobody_enrols_while_the_audit_log_is_away(
    desk: PeopleDesk, gatehouse: Gatehouse, roster: Roster, audit: Audit, engine: sa.Engine
) -> None:
    """The first password holds on, and so does the code of the telephone."""
    own, audit.away = Own(desk, gatehouse, roster, SecurityKeys(engine), engine), True
    code = own.code(roster.get("ada"))
    with pytest.raises(AuditUnavailable):
        desk.enrol(own.session, CHOSEN, code, "a browser")
    assert roster.get("ada").state is PersonState.NEW

    audit.away = False
    desk.enrol(own.session, CHOSEN, code, "a browser")
    assert roster.get("ada").state is PersonState.ACTIVE
