"""The provider: where its doors are, which keys it signs with, and what it says of somebody."""

import base64
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from gateway.core.errors import GatepostError
from gateway.people.model import Role
from gateway.people.openid.asking import Asker, is_safe
from gateway.people.openid.flows import Flow
from gateway.people.openid.idtoken import LEEWAY, Claims, KeyUnknown, Refused, id_token, logout_token

Said = TypeVar("Said")
KNOWN_HOLDS = 3_600.0  # seconds
AWAY_HOLDS = 15.0  # one that did not answer is not asked again so soon: strangers would wait in all our threads
KEYS_AGAIN = 60.0  # an unknown key makes us ask for keys no more often
QUEUE = 2.0  # seconds to wait while it is asked for somebody else


class ProviderAway(GatepostError):
    """It does not answer, or not as it should. Whoever has a password and a second factor here signs in with these."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed with the provider. `roles`: groups to roles, the first that fits counts.

    Signing in there needs a second factor: one of the `acr` values, or one of the `amr` methods.
    """

    issuer: str
    client: str
    secret: str = field(repr=False)
    name: str
    scopes: tuple[str, ...]
    groups_claim: str
    roles: tuple[tuple[str, Role], ...]
    acr: tuple[str, ...]
    amr: tuple[str, ...]


class Provider:
    """Safe for many threads. All that asks it raises ProviderAway."""

    def __init__(self, terms: Terms, ask: Asker, clock: Callable[[], float] = time.monotonic) -> None:
        self.terms = terms
        self._ask = ask
        self._clock = clock
        self._lock = threading.Lock()
        self._asking = threading.Lock()
        self._known: Mapping[str, Any] = {}
        self._known_at = -KNOWN_HOLDS
        self._keys: Mapping[str, Any] = {}
        self._keys_at = -KNOWN_HOLDS
        self._away_at = -AWAY_HOLDS

    def address(self, flow: Flow, back: str, *, fresh: bool) -> str:
        """Where to send the browser. `fresh`: whoever is signed in there has to prove once more who it is."""
        asked = {
            "response_type": "code",
            "client_id": self.terms.client,
            "redirect_uri": back,
            "scope": " ".join(self.terms.scopes),
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": flow.challenge,
            "code_challenge_method": "S256",
        }
        asked |= {"acr_values": " ".join(self.terms.acr)} if self.terms.acr else {}
        asked |= {"prompt": "login", "max_age": "0"} if fresh else {}
        door = self._door("authorization_endpoint")
        return f"{door}{'&' if urlsplit(door).query else '?'}{urlencode(asked, quote_via=quote)}"

    def claims(self, code: str, flow: Flow, back: str, said_issuer: str) -> Claims:
        """What the provider says of whoever brought this code. Raises Refused.

        `said_issuer`: as the answer names it (RFC 9207), "" where it names none.
        """
        if said_issuer and said_issuer != self.terms.issuer:
            raise Refused("openid-token", "the answer comes from another provider")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "client_id": self.terms.client,
            "code_verifier": flow.verifier,
        }
        try:
            answer = self._ask(self._door("token_endpoint"), form, self._credentials())
        except OSError as error:
            raise Refused("openid-code", f"the provider did not take the code: {error}") from None
        text = answer.get("id_token")
        if not isinstance(text, str):
            raise Refused("openid-token", "the provider gave no token")
        terms = self.terms
        return self._with_keys(
            lambda keys: id_token(text, keys, terms.issuer, terms.client, flow.nonce, terms.groups_claim)
        )

    def check_factor(self, claims: Claims) -> None:
        """Raises Refused where no second factor was used."""
        if claims.acr not in self.terms.acr and not set(claims.amr) & set(self.terms.amr):
            raise Refused("openid-factor", "the provider did not ask you for a second factor")

    def check_fresh(self, claims: Claims, flow: Flow) -> None:
        """Raises Refused where the person did not sign in anew for this."""
        if claims.auth_time < flow.begun - LEEWAY:
            raise Refused("openid-factor", "the provider did not ask you anew who you are")

    def role(self, claims: Claims) -> Role:
        """Of the groups. Raises Refused where none of them has one."""
        held = set(claims.groups)
        role = next((role for group, role in self.terms.roles if group in held), None)
        if role is None:
            raise Refused("openid-role", "none of your groups has a role here")
        return role

    def logged_out(self, text: str) -> str:
        """The subject that a logout token names. Raises Refused."""
        return self._with_keys(lambda keys: logout_token(text, keys, self.terms.issuer, self.terms.client))

    def _with_keys(self, use: Callable[[Mapping[str, Any]], Said]) -> Said:
        """With the provider's keys; where it signed with one that is not known, with those it has now."""
        try:
            return use(self._signing_keys(KNOWN_HOLDS))
        except KeyUnknown:
            return use(self._signing_keys(KEYS_AGAIN))

    def _signing_keys(self, holds: float) -> Mapping[str, Any]:
        with self._lock:
            if self._clock() - self._keys_at < holds:
                return self._keys
        keys = self._asked(self._door("jwks_uri"))
        with self._lock:
            self._keys, self._keys_at = keys, self._clock()
        return keys

    def _credentials(self) -> dict[str, str]:
        """RFC 6749, section 2.3.1; none for a public client."""
        if not self.terms.secret:
            return {}
        pair = f"{quote(self.terms.client, safe='')}:{quote(self.terms.secret, safe='')}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode('ascii')}"}

    def _door(self, name: str) -> str:
        address = self._settings().get(name)
        if not isinstance(address, str) or not is_safe(address) or not self._is_as_safe(address):
            raise ProviderAway(f"{self.terms.name} names no safe {name.replace('_', ' ')}")
        return address

    def _is_as_safe(self, address: str) -> bool:
        """A provider elsewhere names no door of this machine in plain text."""
        return urlsplit(address).scheme == "https" or urlsplit(self.terms.issuer).scheme == "http"

    def _settings(self) -> Mapping[str, Any]:
        """OpenID Connect Discovery 1.0, section 4: for an hour."""
        with self._lock:
            if self._clock() - self._known_at < KNOWN_HOLDS:
                return self._known
        known = self._asked(f"{self.terms.issuer.rstrip('/')}/.well-known/openid-configuration")
        if known.get("issuer") != self.terms.issuer:
            raise ProviderAway(f"{self.terms.name} says that it is another one than the configured issuer")
        with self._lock:
            self._known, self._known_at = known, self._clock()
        return known

    def _asked(self, address: str) -> Mapping[str, Any]:
        """For one at a time: those who come while a slow one is asked do not fill the console."""
        if not self._asking.acquire(timeout=QUEUE):
            raise ProviderAway(f"{self.terms.name} is slow to answer: try again in a moment")
        try:
            if self._clock() - self._away_at < AWAY_HOLDS:
                raise ProviderAway(f"{self.terms.name} did not answer just now: try again in a moment")
            return self._ask(address)
        except OSError as error:
            self._away_at = self._clock()
            raise ProviderAway(f"{self.terms.name} cannot be asked: {error}") from None
        finally:
            self._asking.release()
