"""The events about messages that wait at the portal. See `gateway.audit.events`.

Never a code, a link or a word of a message: `pickup` is the id, which leads nowhere.
"""

from enum import IntEnum

from gateway.audit.ocsf import ApiActivity, AuthenticationActivity, EventClass, actor, base, user, words
from gateway.audit.ocsf import client as from_client
from gateway.pickup.model import Pickup, State


def waiting(pickup: Pickup) -> dict[str, object]:
    """A message was sealed for a recipient, before the notification left."""
    return _event(ApiActivity.CREATE, "pickup-waiting", pickup, "", {"until": pickup.expires.isoformat()})


def code_sent(pickup: Pickup, client: str) -> dict[str, object]:
    """A code was mailed to the recipient, because somebody at `client` (an address of the network) asked for it."""
    return _authentication(AuthenticationActivity.OTHER, "pickup-code-sent", pickup, client)


def code_refused(pickup: Pickup, client: str) -> dict[str, object]:
    """Somebody tried a code that is wrong, too old, used, or another browser's."""
    event = _authentication(AuthenticationActivity.LOGON, "pickup-code-refused", pickup, client, severity="low")
    return {**event, "status_id": 2}


def opened(pickup: Pickup, client: str, *, first: bool) -> dict[str, object]:
    """Somebody showed the code, and may see the message."""
    return _authentication(AuthenticationActivity.LOGON, "pickup-opened", pickup, client, {"first": first})


def closed(pickup: Pickup, client: str) -> dict[str, object]:
    return _authentication(AuthenticationActivity.LOGOFF, "pickup-closed", pickup, client)


def fetched(pickup: Pickup, part: str) -> dict[str, object]:
    """An attachment was downloaded; `part` "" is the whole message."""
    return _event(ApiActivity.READ, "pickup-fetched", pickup, pickup.recipient, {"part": part or "message"})


def ended(pickup: Pickup, state: State, by: str) -> dict[str, object]:
    """Its data key is destroyed: its time was over, or somebody revoked it."""
    opened = pickup.opened is not None
    return _event(ApiActivity.DELETE, f"pickup-{state.value}", pickup, by, {"opened": opened}, severity="low")


def listed(*, by: str, found: int) -> dict[str, object]:
    """Somebody saw what waits, and for whom."""
    event = base(EventClass.API_ACTIVITY, ApiActivity.READ, "informational", "pickups-listed", "")
    return {**event, **actor(by), "api": {"operation": "pickups-listed"}, "unmapped": {"found": found}}


def _event(
    activity: ApiActivity, kind: str, pickup: Pickup, by: str, more: dict[str, object], severity: str = "informational"
) -> dict[str, object]:
    event = base(EventClass.API_ACTIVITY, activity, severity, kind, pickup.incident)
    return {**event, **actor(by), "api": {"operation": kind}, "unmapped": {**_named(pickup), **more}}


def _authentication(
    activity: IntEnum,
    kind: str,
    pickup: Pickup,
    client: str,
    more: dict[str, object] | None = None,
    severity: str = "informational",
) -> dict[str, object]:
    event = base(EventClass.AUTHENTICATION, activity, severity, kind, pickup.incident)
    told = {**_named(pickup), **(more or {})}
    return {**event, **actor(pickup.recipient), **user(pickup.recipient), **from_client(client), "unmapped": told}


def _named(pickup: Pickup) -> dict[str, object]:
    return {"pickup": pickup.id, "recipient": words(pickup.recipient)}
