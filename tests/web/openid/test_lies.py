"""Tokens that lie, codes that are used again or elsewhere: none of them lets anybody in."""

import hmac
import json
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.people import Roster
from tests.makers.provider import CLIENT, SECRET, Op, new_key
from tests.web.house import House
from tests.web.openid.visitor import Visitor, causes, somebody


def signed_by(key: Any, algorithm: str = "RS256", **header: str) -> Callable[[Op, dict[str, Any]], str]:
    return lambda op, claims: op.token(claims, key, algorithm, **header)


def with_claims(**changed: object) -> Callable[[Op, dict[str, Any]], str]:
    def made(op: Op, claims: dict[str, Any]) -> str:
        return op.token({name: value for name, value in {**claims, **changed}.items() if value is not None})

    return made


def unsigned(op: Op, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, None, algorithm="none")  # type: ignore[arg-type]  # there is no key, that is the lie


def by_public_key(op: Op, claims: dict[str, Any]) -> str:
    """Signed with what everybody knows, as if it were a shared secret."""
    pem = op.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head, body = (
        jwt.utils.base64url_encode(text.encode()).decode()
        for text in ('{"alg":"HS256","typ":"JWT","kid":"one"}', json.dumps(claims))
    )
    mark = hmac.new(pem, f"{head}.{body}".encode(), "sha256").digest()
    return f"{head}.{body}.{jwt.utils.base64url_encode(mark).decode()}"


NOW = int(time.time())
LIES: dict[str, Callable[[Op, dict[str, Any]], str | None]] = {
    "no signature": unsigned,
    "the public key as a secret": by_public_key,
    "another key of the same name": signed_by(new_key()),
    "a key that nobody knows": signed_by(new_key(), kid="two"),
    "a secret": signed_by(SECRET.encode(), "HS256"),
    "another nonce": with_claims(nonce="x" * 43),
    "no nonce": with_claims(nonce=None),
    "another audience": with_claims(aud="another-program"),
    "two audiences and no party": with_claims(aud=[CLIENT, "another-program"]),
    "another party": with_claims(aud=[CLIENT, "another-program"], azp="another-program"),
    "no audience": with_claims(aud=None),
    "another issuer": with_claims(iss="https://evil.example"),
    "expired": with_claims(exp=NOW - 3_600),
    "no end": with_claims(exp=None),
    "made long ago": with_claims(iat=NOW - 86_400),
    "made tomorrow": with_claims(iat=NOW + 86_400),
    "nobody": with_claims(sub=None),
    "an empty name": with_claims(sub=""),
    "no token": lambda _op, _claims: None,
    "nonsense": lambda _op, _claims: "a.b.c",
    "too long": lambda op, claims: op.token({**claims, "x": "y" * 70_000}),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_token_that_lies_lets_nobody_in(
    served: tuple[House, str], visitor: Visitor, op: Op, lie: Callable[[Op, dict[str, Any]], str | None]
) -> None:
    """No session, no account, and an event."""
    house, _ = served
    before = len(causes(house))
    op.person = {**somebody("liar"), "groups": ["mail-officers"]}
    op.lie = lambda claims: lie(op, claims)

    assert visitor.sign_in().status_code == 403
    assert not visitor.is_in
    assert causes(house)[before:] == ["openid-token"]
    assert "liar" not in [person.name for person in Roster(house.stored.engine).list()]


def test_a_code_is_good_once_and_in_its_own_browser(served: tuple[House, str], visitor: Visitor) -> None:
    """Neither sent again, nor brought by somebody who did not begin, nor with a state of one's own."""
    back = visitor.begin()
    stranger, other = Visitor(visitor.url), Visitor(visitor.url)
    other.begin()
    kept = dict(visitor.cookies)

    assert stranger.get(back, site="cross-site").status_code == 403
    assert other.get(back, site="cross-site").status_code == 403
    assert visitor.get(re.sub("state=[^&]+", "state=x", back), site="cross-site").status_code == 403
    visitor.cookies = dict(kept)
    assert visitor.get(back, site="cross-site").status_code == 200
    again = Visitor(visitor.url)
    again.cookies = dict(kept)
    assert again.get(back, site="cross-site").status_code == 403
    assert not any(each.is_in for each in (stranger, other, again))


def test_a_code_of_somebody_elses_way_is_not_taken(visitor: Visitor) -> None:
    """Put into one's own answer: the verifier of PKCE and the nonce belong to the other browser."""
    victim = Visitor(visitor.url)
    code = parse_qs(urlsplit(victim.begin()).query)["code"][0]
    back = re.sub("code=[^&]+", f"code={code}", visitor.begin())

    assert visitor.get(back, site="cross-site").status_code == 403
    assert not visitor.is_in
