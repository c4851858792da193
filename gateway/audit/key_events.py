"""The events about keys, and about lanes to those who have none. See `gateway.audit.events`."""

from collections.abc import Mapping
from enum import IntEnum

from gateway.audit.ocsf import EntityActivity, EventClass, actor, base

RECIPIENT_KEYS = {
    "added": EntityActivity.CREATE,
    "changed": EntityActivity.UPDATE,  # another key than the pinned one came: it waits
    "accepted": EntityActivity.UPDATE,
    "refused": EntityActivity.UPDATE,
    "removed": EntityActivity.DELETE,
}
OWN_KEYS = {
    "added": EntityActivity.CREATE,
    "requested": EntityActivity.CREATE,
    "retired": EntityActivity.UPDATE,
}


def keys_initialised(*, key: str, by: str = "") -> dict[str, object]:
    return _keys(EntityActivity.CREATE, "keys-initialised", key, by, {})


def keys_rotated(*, key: str, retired: str, by: str = "") -> dict[str, object]:
    """New items are sealed under `key` from now on."""
    return _keys(EntityActivity.UPDATE, "keys-rotated", key, by, {"retired": retired})


def items_rewrapped(*, key: str, count: int, by: str = "") -> dict[str, object]:
    return _keys(EntityActivity.UPDATE, "items-rewrapped", key, by, {"count": count})


def portal_keys_written(*, key: str, count: int, by: str = "") -> dict[str, object]:
    """The portal has keys of its own; so many messages that wait were sealed with them anew."""
    return _keys(EntityActivity.CREATE, "portal-keys-written", key, by, {"count": count})


def recipient_key(
    what: str, *, address: str, method: str, fingerprint: str, source: str, by: str = ""
) -> dict[str, object]:
    """What happened to a key of a recipient: one of RECIPIENT_KEYS."""
    activity = RECIPIENT_KEYS[what]
    unmapped = {"address": address, "method": method, "source": source}
    return _keys(activity, f"recipient-key-{what}", fingerprint, by, unmapped)


def recipient_lane(*, domain: str, lane: str, by: str = "") -> dict[str, object]:
    """An administrator said by which TLS lane a domain is reached."""
    event = base(EventClass.ENTITY_MANAGEMENT, EntityActivity.UPDATE, "informational", "recipient-lane")
    return {**event, **actor(by), "entity": {"type": "domain", "uid": domain}, "unmapped": {"lane": lane}}


def own_key(what: str, *, method: str, fingerprint: str, by: str = "") -> dict[str, object]:
    """What happened to a certificate or key of the organization: one of OWN_KEYS."""
    return _keys(OWN_KEYS[what], f"own-key-{what}", fingerprint, by, {"method": method})


def _keys(activity: IntEnum, kind: str, key: str, by: str, unmapped: Mapping[str, object]) -> dict[str, object]:
    event = base(EventClass.ENTITY_MANAGEMENT, activity, "informational", kind)
    return {**event, **actor(by), "entity": {"type": "key", "uid": key}, "unmapped": dict(unmapped)}
