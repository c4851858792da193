"""The events about people: who came in, who did not, and what became of accounts. See `gateway.audit.events`."""

from collections.abc import Sequence
from enum import IntEnum

from gateway.audit.ocsf import AccountActivity, AuthenticationActivity, EventClass, actor, base, client, user, words

CAUSES = frozenset(
    {"unknown", "disabled", "resting", "password", "code", "key", "expired", "enrolled", "throttled", "token"}
    | {"openid-code", "openid-token", "openid-factor", "openid-role", "openid-name"}
)
CHANGES: dict[str, IntEnum] = {
    "added": AccountActivity.CREATE,
    "disabled": AccountActivity.DISABLE,
    "enabled": AccountActivity.ENABLE,
    "reset": AccountActivity.PASSWORD_RESET,
    "role": AccountActivity.ATTACH_POLICY,
    "enrolled": AccountActivity.MFA_ENABLE,
    "password": AccountActivity.PASSWORD_CHANGE,
    "sessions-ended": AccountActivity.OTHER,
    "key-added": AccountActivity.MFA_ENABLE,
    "key-removed": AccountActivity.OTHER,
    "token-issued": AccountActivity.OTHER,
    "token-revoked": AccountActivity.OTHER,
}


def signed_in(*, name: str, role: str, client: str, factor: str, emergency: bool = False) -> dict[str, object]:
    """Somebody proved who it is. By the emergency account: critical, it is for the day when nobody else gets in.

    `factor`: what was shown beside the password: "code", "key" or "none".
    """
    severity, kind = ("critical", "emergency-signed-in") if emergency else ("informational", "signed-in")
    return _authentication(AuthenticationActivity.LOGON, severity, kind, name, client, {"role": role, "factor": factor})


def sign_in_failed(*, name: str, cause: str, client: str, emergency: bool = False) -> dict[str, object]:
    """`name` "" where nobody has it: what was typed there may be a password. `cause` is one of CAUSES."""
    if cause not in CAUSES:
        raise ValueError("not a cause of a refused sign-in")
    severity = "high" if emergency else "low"
    event = _authentication(AuthenticationActivity.LOGON, severity, "sign-in-failed", name, client, {"cause": cause})
    return {**event, "status_id": 2}


def signed_out(*, name: str, client: str) -> dict[str, object]:
    return _authentication(AuthenticationActivity.LOGOFF, "informational", "signed-out", name, client, {})


def confirmed(*, name: str, client: str, factor: str) -> dict[str, object]:
    """Somebody who was signed in proved once more who it is."""
    said: dict[str, object] = {"factor": factor}
    return _authentication(AuthenticationActivity.OTHER, "informational", "confirmed", name, client, said)


def account(what: str, *, name: str, by: str, detail: str = "", scopes: Sequence[str] = ()) -> dict[str, object]:
    """What happened to an account: one of CHANGES. `detail` is a role or the name of a token or key."""
    severity = (
        "medium" if what in ("added", "enabled", "reset", "role", "token-issued", "key-added") else "informational"
    )
    event = base(EventClass.ACCOUNT_CHANGE, CHANGES[what], severity, f"account-{what}")
    unmapped = {"account": words(name), "detail": words(detail), "scopes": list(scopes)}
    return {**event, **actor(by), **user(name), "unmapped": unmapped}


def access_denied(*, by: str, act: str, item: str = "") -> dict[str, object]:
    """Somebody asked for what the role, or the token, does not allow. `act` is a name of our own."""
    event = base(EventClass.AUTHENTICATION, AuthenticationActivity.OTHER, "medium", "access-denied")
    return {**event, **actor(by), **user(by), "status_id": 2, "unmapped": {"act": act, "item": item}}


def _authentication(
    activity: IntEnum, severity: str, kind: str, name: str, address: str, unmapped: dict[str, object]
) -> dict[str, object]:
    event = base(EventClass.AUTHENTICATION, activity, severity, kind)
    return {**event, **actor(name), **user(name), **client(address), "unmapped": unmapped}
