"""Accounts and sessions, with their evidence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from gateway.audit import people_events as events
from gateway.desk.guard import Guard, Log
from gateway.desk.rights import NOT_BY_TOKEN, RIGHTS, Act, Caller
from gateway.people import (
    AccountRefused,
    Gatehouse,
    KeyAnswer,
    Person,
    PersonState,
    Role,
    Roster,
    SecurityKey,
    SecurityKeys,
    Session,
    Sessions,
    SignInRefused,
    Token,
    Tokens,
    is_same_name,
)
from gateway.people.roster import Tell

Alarm = Callable[[str, str], None]  # name of the account, address of the client


OF_A_PROVIDER = timedelta(days=30)  # a token of somebody who may be gone there before it is known here


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody who wants to come in says and shows."""

    name: str
    password: str = field(repr=False)
    code: str = field(repr=False)
    key: KeyAnswer | None = field(repr=False, default=None)
    marks: Sequence[str] = field(repr=False, default=())  # of the browser

    @property
    def factor(self) -> str:
        return "key" if self.key else "code"


class PeopleDesk:
    """`alarm` is called when the emergency account is used; its failure must not keep anybody out."""

    def __init__(
        self,
        roster: Roster,
        gatehouse: Gatehouse,
        sessions: Sessions,
        tokens: Tokens,
        keys: SecurityKeys,
        audit: Log,
        alarm: Alarm,
    ) -> None:
        self._roster = roster
        self._gatehouse = gatehouse
        self._sessions = sessions
        self._tokens = tokens
        self._keys = keys
        self._audit = audit
        self._alarm = alarm
        self._guard = Guard(audit)

    def sign_in(self, proof: Proof, client: str, agent: str) -> tuple[Person, str]:
        """The person and the secret of a new session. Raises SignInRefused, whatever was wrong with the same words."""
        try:
            person = self._gatehouse.sign_in(proof.name, proof.password, proof.code, proof.key, proof.marks)
        except SignInRefused as refused:
            self._refused(refused, client)
            raise
        self._audit.append(
            events.signed_in(
                name=person.name,
                role=person.role.value,
                client=client,
                factor=proof.factor if person.state is PersonState.ACTIVE and not person.emergency else "none",
                emergency=person.emergency,
            )
        )
        if person.emergency:
            self._alarm(person.name, client)
        return person, self._sessions.open(person, client, agent)

    def knows(self, proof: Proof) -> bool:
        """Whether the browser is one in which this name was signed in before."""
        return self._gatehouse.knows(proof.name, proof.marks)

    def mark_of(self, person: Person) -> str:
        """For the browser in which somebody signed in."""
        return self._gatehouse.mark_of(person)

    def throttled(self, client: str) -> None:
        """Too many failures from one place: nothing was tried."""
        self._audit.append(events.sign_in_failed(name="", cause="throttled", client=client))

    def sign_out(self, session: Session) -> None:
        self._sessions.end(session.person, session.id)
        self._audit.append(events.signed_out(name=session.person.name, client=session.client))

    def session(self, secret: str) -> Session:
        """Raises NotSignedIn."""
        return self._sessions.find(secret)

    def token(self, secret: str) -> Token:
        """Raises NotSignedIn."""
        return self._tokens.find(secret)

    def caller(self, session: Session) -> Caller:
        """What use cases need to know of a person who is signed in."""
        person = session.person
        return Caller(
            person.name,
            person.role,
            person.address,
            session.client,
            confirmed=self._sessions.is_confirmed(session),
        )

    def demand(self, caller: Caller, act: Act) -> None:
        """Before a page is made. Raises Forbidden."""
        self._guard.demand(caller, act)

    def confirm(self, session: Session, code: str, key: KeyAnswer | None = None) -> None:
        """Raises SignInRefused."""
        try:
            self._gatehouse.confirm(session.person, code, key, within=session.id)
        except SignInRefused as refused:
            self._refused(refused, session.client)
            raise
        self._audit.append(
            events.confirmed(name=session.person.name, client=session.client, factor="key" if key else "code")
        )
        self._sessions.confirm(session)

    def begin_enrolment(self, session: Session) -> bytes:
        return self._gatehouse.begin_enrolment(session.person)

    def enrol(self, session: Session, password: str, code: str, agent: str) -> tuple[tuple[str, ...], str]:
        """Recovery codes, told once, and the secret of a new session. Raises AccountRefused, SignInRefused."""
        person = session.person
        codes = self._gatehouse.enrol(person, password, code, tell=partial(self._note_own, "enrolled", person))
        return codes, self._sessions.open(person, session.client, agent)

    def change_password(self, session: Session, old: str, new: str) -> None:
        """Raises AccountRefused, SignInRefused."""
        person = session.person
        try:
            self._gatehouse.change_password(
                person, old, new, keep=session.id, tell=partial(self._note_own, "password", person)
            )
        except SignInRefused as refused:
            self._refused(refused, session.client)
            raise

    def own_sessions(self, session: Session) -> tuple[Session, ...]:
        return self._sessions.of(session.person)

    def end_own(self, session: Session, session_id: str) -> None:
        """One of one's own sessions."""
        person = session.person
        if self._sessions.end(person, session_id):
            self._note_own("sessions-ended", person)

    def list(self, caller: Caller) -> tuple[Person, ...]:
        self._guard.demand(caller, Act.SEE_PEOPLE)
        return self._roster.list()

    def add(self, caller: Caller, name: str, role: Role, display: str, address: str) -> tuple[Person, str]:
        """The account and its first password, told once."""
        self._guard.demand_confirmed(caller, Act.MANAGE_PEOPLE)
        tell = self._teller("added", caller, role.value)
        return self._roster.add(name, role, display=display, address=address, tell=tell)

    def disable(self, caller: Caller, name: str) -> None:
        """Sessions and tokens end in the same step."""
        self._guard.demand_confirmed(caller, Act.MANAGE_PEOPLE)
        if is_same_name(name, caller.name):
            raise AccountRefused("nobody disables the own account: another administrator does")
        self._roster.disable(name, tell=self._teller("disabled", caller))

    def enable(self, caller: Caller, name: str) -> None:
        """Of somebody who signs in at the provider and was disabled here."""
        self._guard.demand_confirmed(caller, Act.MANAGE_PEOPLE)
        self._roster.enable(name, tell=self._teller("enabled", caller))

    def reset(self, caller: Caller, name: str) -> str:
        """A new first password, told once; second factor, sessions and tokens are gone."""
        self._guard.demand_confirmed(caller, Act.MANAGE_PEOPLE)
        if is_same_name(name, caller.name):
            raise AccountRefused("nobody resets the own account: another administrator does")
        _, password = self._roster.reset(name, tell=self._teller("reset", caller))
        return password

    def set_role(self, caller: Caller, name: str, role: Role) -> None:
        self._guard.demand_confirmed(caller, Act.MANAGE_PEOPLE)
        if is_same_name(name, caller.name):
            raise AccountRefused("nobody changes the own role: another administrator does")
        self._roster.set_role(name, role, tell=self._teller("role", caller, role.value))

    def end_sessions(self, caller: Caller, name: str) -> int:
        self._guard.demand(caller, Act.MANAGE_PEOPLE)
        person = self._roster.get(name)
        ended = self._sessions.end_all(person)
        self._audit.append(events.account("sessions-ended", name=person.name, by=caller.name))
        return ended

    def tokens(self, caller: Caller) -> tuple[Token, ...]:
        self._guard.demand(caller, Act.SEE_PEOPLE)
        return self._tokens.list()

    def revoke_token(self, caller: Caller, token_id: str) -> None:
        """Anybody's."""
        self._guard.demand(caller, Act.MANAGE_PEOPLE)
        token = self._tokens.revoke(token_id)
        self._audit.append(_about_token("token-revoked", token, caller))

    def own_keys(self, session: Session) -> tuple[SecurityKey, ...]:
        return self._keys.of(session.person)

    def add_key(self, caller: Caller, session: Session, name: str, answer: KeyAnswer) -> None:
        """A key of one's own, beside the codes. Raises ConfirmationNeeded, AccountRefused."""
        self._guard.demand_proof(caller)
        tell = partial(self._note_own, "key-added", session.person, name.strip())
        self._keys.add(session.person, name, answer, tell=tell)

    def remove_key(self, caller: Caller, session: Session, key_id: str) -> None:
        """Raises ConfirmationNeeded, AccountRefused."""
        self._guard.demand_proof(caller)
        person = session.person
        self._keys.remove(person, key_id, tell=lambda key: self._note_own("key-removed", person, key.name))

    def own_tokens(self, session: Session) -> tuple[Token, ...]:
        return self._tokens.of(session.person)

    def own_scopes(self, caller: Caller) -> tuple[Act, ...]:
        """What a token of this person may be allowed."""
        return tuple(act for act in Act if act in RIGHTS[caller.role] - NOT_BY_TOKEN)

    def make_token(self, caller: Caller, name: str, scopes: Sequence[str], holds: timedelta) -> tuple[Token, str]:
        """A token of one's own and its secret, told once. Nobody makes one in the name of somebody else.

        Raises ConfirmationNeeded; AccountRefused: no such scope, or the person has not the right.
        """
        self._guard.demand_proof(caller)
        if holds > OF_A_PROVIDER and self._roster.get(caller.name).issuer:
            raise AccountRefused(
                f"your account is kept at the provider: a token holds {OF_A_PROVIDER.days} days at most"
            )
        allowed = {act.value for act in self.own_scopes(caller)}
        if beyond := sorted(set(scopes) - allowed):
            raise AccountRefused(f"you cannot give a token these scopes: {', '.join(beyond)}")
        return self._tokens.issue(
            caller.name,
            name,
            scopes,
            holds,
            tell=lambda token: self._audit.append(_about_token("token-issued", token, caller)),
        )

    def revoke_own_token(self, session: Session, token_id: str) -> None:
        """Raises AccountRefused."""
        token = self._tokens.revoke(token_id, session.person)
        self._audit.append(_about_token("token-revoked", token, self.caller(session)))

    def token_refused(self, client: str) -> None:
        """A program came with a token that does not hold."""
        self._audit.append(events.sign_in_failed(name="", cause="token", client=client))

    def _teller(self, what: str, caller: Caller, detail: str = "") -> Tell:
        """Writes down what became of an account, before it is so for good."""
        return lambda person: self._audit.append(events.account(what, name=person.name, by=caller.name, detail=detail))

    def _note_own(self, what: str, person: Person, detail: str = "") -> None:
        """Write down what somebody did with the own account."""
        self._audit.append(events.account(what, name=person.name, by=person.name, detail=detail))

    def _refused(self, refused: SignInRefused, client: str) -> None:
        emergency = bool(refused.name) and self._roster.get(refused.name).emergency
        self._audit.append(
            events.sign_in_failed(name=refused.name, cause=refused.cause, client=client, emergency=emergency)
        )


def _about_token(what: str, token: Token, by: Caller) -> dict[str, object]:
    detail = f"{token.name} ({token.id})"
    return events.account(what, name=token.owner.name, by=by.name, detail=detail, scopes=token.scopes)
