"""Coming in by way of the organization's own provider, with its evidence."""

from gateway.audit import people_events as events
from gateway.desk.guard import Log
from gateway.people import Person, Role, Sessions
from gateway.people.openid import Arrivals, Claims, Flow, Provider, Refused


class OpenIdDesk:
    """What is refused is an event with its cause; whoever is refused hears why in plain words."""

    def __init__(self, provider: Provider, arrivals: Arrivals, sessions: Sessions, audit: Log) -> None:
        self.provider = provider
        self._arrivals = arrivals
        self._sessions = sessions
        self._audit = audit

    def sign_in(self, claims: Claims, client: str, agent: str) -> str:
        """The secret of a new session. Raises Refused: no second factor, no role, disabled here."""
        known = self._arrivals.known(claims.issuer, claims.subject)
        try:
            self.provider.check_factor(claims)
            role = self._role(claims)
            person, _ = self._arrivals.arrive(claims, role, tell=self._changed)
        except Refused as refused:
            self.refused(refused, client, known)
            raise
        self._audit.append(events.signed_in(name=person.name, role=role.value, client=client, factor="openid"))
        # signed in there is not proved now: how long ago that was is for the provider to say
        return self._sessions.open(person, client, agent, claims.auth_time)

    def confirm(self, claims: Claims, flow: Flow, client: str) -> None:
        """The person of the session that asked has signed in anew. Raises Refused, NotSignedIn."""
        session = self._sessions.known(flow.session)
        try:
            self.provider.check_factor(claims)
            self.provider.check_fresh(claims, flow)
            self._check_same(claims, session.person)
            self._check_role_is(session.person.role, claims)
        except Refused as refused:
            self.refused(refused, client, session.person)
            raise
        self._audit.append(events.confirmed(name=session.person.name, client=client, factor="openid"))
        self._sessions.confirm(session)

    def refused(self, refused: Refused, client: str, person: Person | None = None) -> None:
        """Note it. The name is that of the account here, if there is one."""
        name = person.name if person else ""
        self._audit.append(events.sign_in_failed(name=name, cause=refused.cause, client=client))

    def log_out(self, token: str, client: str) -> None:
        """The provider says that somebody's sessions are over. Raises Refused."""
        try:
            subject = self.provider.logged_out(token)
        except Refused as refused:
            self.refused(refused, client)
            raise
        person = self._arrivals.leave(self.provider.terms.issuer, subject)
        if person is not None:
            self._audit.append(events.account("sessions-ended", name=person.name, by="", detail="by OpenID Connect"))

    def _check_same(self, claims: Claims, person: Person) -> None:
        """Raises Refused."""
        known = self._arrivals.known(claims.issuer, claims.subject)
        if known is None or known.id != person.id:
            raise Refused("openid-token", "somebody else signed in at the provider")

    def _check_role_is(self, known: Role, claims: Claims) -> None:
        """Another role holds at once, and this session was opened with the old one. Raises Refused."""
        role = self._role(claims)
        if role is known:
            return
        self._arrivals.arrive(claims, role, tell=self._changed)
        raise Refused("openid-role", f"your groups make you {role.value} now: sign in anew")

    def _changed(self, person: Person, what: str) -> None:
        detail = f"{person.role.value}, by OpenID Connect"
        self._audit.append(events.account(what, name=person.name, by="", detail=detail))

    def _role(self, claims: Claims) -> Role:
        """Who has none any more has no session and no token either. Raises Refused."""
        try:
            return self.provider.role(claims)
        except Refused:
            self._arrivals.leave(claims.issuer, claims.subject, for_good=True)
            raise
