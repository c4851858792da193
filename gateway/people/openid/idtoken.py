"""Tokens that a provider signed: what they say, once signature, issuer, audience, times and nonce are right."""

import hmac
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt

from gateway.core.errors import GatepostError

# Signatures with a key pair alone: with "none" or a shared secret whoever knows our settings could make a token.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LEEWAY = 60  # seconds that clocks may differ
OLDEST = 600  # seconds since a token was made
LONGEST = 65_536
MOST_GROUPS = 1_000
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


class Refused(GatepostError):
    """The provider's answer does not let anybody in. `cause` is of a closed list, and for the audit log."""

    def __init__(self, cause: str, why: str) -> None:
        self.cause = cause
        super().__init__(why)


class KeyUnknown(Refused):
    """The token is signed by a key that is not among those known: perhaps they changed."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What is used of an ID token."""

    issuer: str
    subject: str
    groups: tuple[str, ...]
    acr: str
    amr: tuple[str, ...]
    auth_time: int
    name: str
    display: str
    address: str


def id_token(text: str, keys: Mapping[str, Any], issuer: str, client: str, nonce: str, groups_claim: str) -> Claims:
    """Raises Refused."""
    said = _verified(text, keys, issuer, client, ["exp", "iat", "sub", "nonce"])
    if not hmac.compare_digest(_text(said, "nonce").encode(), nonce.encode()):
        raise Refused("openid-token", "the token is an answer to somebody else's question")
    if not _text(said, "sub"):
        raise Refused("openid-token", "the token names nobody")
    return Claims(
        issuer=issuer,
        subject=_text(said, "sub")[:255],
        groups=_texts(said, groups_claim),
        acr=_text(said, "acr"),
        amr=_texts(said, "amr"),
        auth_time=max(0, said["auth_time"]) if isinstance(said.get("auth_time"), int) else 0,
        name=_text(said, "preferred_username"),
        display=_text(said, "name"),
        address=_text(said, "email").strip().lower() if said.get("email_verified", True) in (True, "true") else "",
    )


def logout_token(text: str, keys: Mapping[str, Any], issuer: str, client: str) -> str:
    """Whose sessions are to end (OpenID Connect Back-Channel Logout 1.0, section 2.6). Raises Refused."""
    said = _verified(text, keys, issuer, client, ["iat", "jti"])
    events = said.get("events")
    if not isinstance(events, dict) or LOGOUT not in events or "nonce" in said or not _text(said, "sub"):
        raise Refused("openid-token", "this is no request to end somebody's sessions")
    return _text(said, "sub")[:255]


def _verified(text: str, keys: Mapping[str, Any], issuer: str, client: str, needed: Sequence[str]) -> dict[str, Any]:
    if len(text) > LONGEST:
        raise Refused("openid-token", "the token is too long")
    try:
        said: dict[str, Any] = jwt.decode(
            text,
            key=_key(text, keys),
            algorithms=ALGORITHMS,
            audience=client,
            issuer=issuer,
            leeway=LEEWAY,
            options={"require": ["iss", "aud", *needed], "verify_iat": True},
        )
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise Refused("openid-token", "the token of the provider is not right") from None
    issued = said.get("iat")
    if not isinstance(issued, int | float) or issued < time.time() - OLDEST:
        raise Refused("openid-token", "the token is too old")
    audience = said["aud"]
    party = said.get("azp", client if isinstance(audience, str) or len(audience) == 1 else None)
    if party != client:
        raise Refused("openid-token", "the token was made for another program")
    return said


def _key(text: str, keys: Mapping[str, Any]) -> jwt.PyJWK:
    """The key that the token says it was signed with; where it says none, the only one there is."""
    name = jwt.get_unverified_header(text).get("kid")
    listed = keys.get("keys")
    known = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    known = [each for each in known if each.get("use", "sig") == "sig" and each.get("kty") != "oct"]
    fitting = [each for each in known if each.get("kid") == name] if name is not None else known
    if len(fitting) != 1:
        raise KeyUnknown("openid-token", "the token is signed by a key that the provider does not name")
    return jwt.PyJWK(fitting[0])


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""


def _texts(said: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = said.get(name)
    many = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(each for each in many if isinstance(each, str))[:MOST_GROUPS]
