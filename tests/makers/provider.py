"""A small OpenID provider on loopback: it signs people in who are named to it, and can be told to lie."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from gateway.people.openid import Terms

CLIENT, SECRET = "gatepost", "a secret between the two & none else"
Lie = Callable[[dict[str, Any]], str | None]  # the claims; a token in the place of an honest one


def new_key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@dataclass
class Op:
    """`person`: the claims of whoever is at the browser. `lie` makes the token where it is set."""

    address: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    lie: Lie | None = None
    key: RSAPrivateKey = field(default_factory=new_key)
    kid: str = "one"
    asked: list[dict[str, str]] = field(default_factory=list)  # what browsers came with
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    issuer: str = ""

    def token(self, claims: dict[str, Any], key: Any = None, algorithm: str = "RS256", **header: str) -> str:
        return jwt.encode(claims, key or self.key, algorithm, headers={"kid": self.kid, **header})

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser goes on: as if somebody had typed a password and touched a key."""
        self.asked.append(asked)
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.address})}"

    def exchange(self, form: dict[str, str], credentials: str) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(form.get("code", ""), None)
        name, _, secret = base64.b64decode(credentials.removeprefix("Basic ")).decode().partition(":")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        right = (
            asked is not None
            and (name, secret) == (CLIENT, "a%20secret%20between%20the%20two%20%26%20none%20else")
            and asked["code_challenge"] == challenge
            and asked["code_challenge_method"] == "S256"
            and asked["redirect_uri"] == form.get("redirect_uri")
        )
        if not right or asked is None:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims |= {"auth_time": now, "amr": ["pwd", "mfa"]} | self.person
        token = self.lie(claims) if self.lie else self.token(claims)
        return 200, {"access_token": "x", "token_type": "Bearer", **({"id_token": token} if token else {})}

    def settings(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer or self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
        }

    def keys(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": self.kid, "use": "sig", "alg": "RS256"}]}


@contextmanager
def provider() -> Iterator[Op]:
    """Serving on a free port."""
    op = Op()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place = urlsplit(self.path)
            if place.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", op.authorize({n: v[0] for n, v in parse_qs(place.query).items()}))
                self.end_headers()
                return
            known = {"/.well-known/openid-configuration": op.settings, "/keys": op.keys}
            self._say(200, known[place.path]()) if place.path in known else self._say(404, {})

        def do_POST(self) -> None:
            octets = self.rfile.read(int(self.headers["Content-Length"]))
            form = {name: values[0] for name, values in parse_qs(octets.decode()).items()}
            self._say(*op.exchange(form, self.headers.get("Authorization", "")))

        def _say(self, status: int, said: dict[str, Any]) -> None:
            octets = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    op.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield op
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def terms_of(op: Op) -> Terms:
    return Terms(op.address, CLIENT, SECRET, "x", ("openid",), "groups", (), (), ("mfa",))


def token_of(op: Op, **changed: Any) -> str:
    events: dict[str, object] = {"http://schemas.openid.net/event/backchannel-logout": {}}
    claims = {"iss": op.address, "aud": CLIENT, "iat": int(time.time()), "jti": "j", "sub": "u-1", "events": events}
    return op.token({name: value for name, value in {**claims, **changed}.items() if value is not None})
