"""gateway.desk.people: no account changes without its evidence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.audit.errors import AuditUnavailable
from gateway.desk.people import PeopleDesk
from gateway.desk.rights import Caller
from gateway.people import Gatehouse, PersonState, Role, Roster, SecurityKeys, Sessions, Tokens
from gateway.store.keyring import Keyring

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
def desk(engine: sa.Engine, roster: Roster, audit: Audit, tmp_path: Path) -> PeopleDesk:
    gatehouse = Gatehouse(engine, Keyring.init(tmp_path / "keyring.json"))
    return PeopleDesk(roster, gatehouse, Sessions(engine), Tokens(engine), SecurityKeys(engine), audit, lambda *_: None)


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
    before, audit.away = roster.list(), True
    with pytest.raises(AuditUnavailable):
        act(desk)
    assert roster.list() == before

    audit.away = False
    act(desk)
    assert roster.list() != before
    assert len(audit.events) == 1


def test_nobody_comes_in_again_while_the_audit_log_is_away(
    desk: PeopleDesk, roster: Roster, audit: Audit, engine: sa.Engine
) -> None:
    """Somebody of the provider who was disabled here."""
    from gateway.store.schema import people

    with engine.begin() as connection:
        connection.execute(sa.update(people).where(people.c.name == "rolf").values(issuer="https://id.clinic.example"))
    roster.disable("rolf")
    audit.away = True
    with pytest.raises(AuditUnavailable):
        desk.enable(ADA, "rolf")

    assert roster.get("rolf").state is PersonState.DISABLED
