"""The events about looking at messages and deciding, besides release and discard. See `gateway.audit.events`."""

from collections.abc import Mapping, Sequence

from gateway.audit.ocsf import ApiActivity, EventClass, actor, base, words

READ, UPDATE, DELETE = ApiActivity.READ, ApiActivity.UPDATE, ApiActivity.DELETE


def searched_items(*, by: str, filters: Mapping[str, str], found: int) -> dict[str, object]:
    """Somebody looked for items. `filters` are addresses, rules, days and states; never content."""
    asked = {name: words(value) for name, value in filters.items()}
    return _event(READ, "items-searched", "", by, {"filters": asked, "found": found})


def opened(*, item: str, incident: str, by: str) -> dict[str, object]:
    """Somebody saw what is known of an item: masked."""
    return _event(READ, "item-opened", incident, by, {"item": item})


def revealed(*, item: str, incident: str, by: str, reason: str) -> dict[str, object]:
    """Somebody asked to see the message of an item, and why."""
    return _event(READ, "revealed", incident, by, {"item": item, "reason": words(reason)}, severity="low")


def read(what: str, *, item: str, incident: str, by: str) -> dict[str, object]:
    """`what` was shown of a message: "text", "html", "values"; or all of it was "downloaded"."""
    return _event(READ, f"message-{what}", incident, by, {"item": item}, severity="low")


def assigned(*, item: str, incident: str, by: str, to: str) -> dict[str, object]:
    return _event(UPDATE, "assigned", incident, by, {"item": item, "to": words(to)})


def commented(*, item: str, incident: str, by: str) -> dict[str, object]:
    """The words are with the item."""
    return _event(ApiActivity.CREATE, "commented", incident, by, {"item": item})


def hold(*, item: str, incident: str, by: str, on: bool, reason: str) -> dict[str, object]:
    """A legal hold was put on an item, or taken off."""
    kind = "legal-hold" if on else "legal-hold-lifted"
    return _event(UPDATE, kind, incident, by, {"item": item, "reason": words(reason)}, severity="medium")


def marked(*, item: str, incident: str, by: str, kind: str, name: str, is_true: bool) -> dict[str, object]:
    """A rule (`kind` "rule") was right or wrong, or a finding of an entity ("finding") true or false."""
    return _event(UPDATE, "marked", incident, by, {"item": item, "kind": kind, "name": name, "true": is_true})


def returned(*, item: str, incident: str, by: str, queue_id: str, reason: str) -> dict[str, object]:
    """The sender was told that the message will not go out, and why in the reviewer's words."""
    unmapped = {"item": item, "queue_id": queue_id, "reason": words(reason)}
    return _event(UPDATE, "returned", incident, by, unmapped)


def sender_told(what: str, *, to: str, about: Sequence[str], queue_id: str) -> dict[str, object]:
    """A sender was told, in one mail, of the "outcome" of held messages or of those that are "unread" at the portal."""
    return _event(UPDATE, f"sender-told-{what}", "", "", {"to": words(to), "about": list(about), "queue_id": queue_id})


def purged(
    *, item: str, incident: str, by: str, created: str, state: str, tombstone: str, areas: Sequence[str], days: int
) -> dict[str, object]:
    """The data key of an item was destroyed after `days`; `tombstone` is the SHA-256 of the sealed file as it was."""
    unmapped = {"item": item, "created": created, "state": state, "tombstone": tombstone, "areas": list(areas)}
    return _event(DELETE, "purged", incident, by, {**unmapped, "days": days}, severity="low")


def tried(*, by: str, size: int, policy: str) -> dict[str, object]:
    """Somebody had a message of their own explained; it was not kept."""
    return _event(READ, "message-tried", "", by, {"bytes": size, "policy": policy})


def replayed(what: str, *, by: str, old: str, new: str, days: int, messages: int) -> dict[str, object]:
    """Held messages were judged by a candidate rule set: it was "begun", or "finished", "stopped" or "failed"."""
    unmapped = {"old": old, "new": new, "days": days, "messages": messages}
    return _event(READ, f"replay-{what}", "", by, unmapped, severity="low")


def audit_viewed(*, by: str, filters: Mapping[str, str]) -> dict[str, object]:
    asked = {name: words(value) for name, value in filters.items()}
    return _event(READ, "audit-viewed", "", by, {"filters": asked})


def audit_verified(*, by: str, ok: bool, events: int) -> dict[str, object]:
    """Somebody had the chain checked."""
    severity = "informational" if ok else "critical"
    return _event(READ, "audit-verified", "", by, {"ok": ok, "events": events}, severity=severity)


def audit_exported(*, by: str, filters: Mapping[str, str], events: int) -> dict[str, object]:
    asked = {name: words(value) for name, value in filters.items()}
    return _event(READ, "audit-exported", "", by, {"filters": asked, "events": events}, severity="low")


def _event(
    activity: ApiActivity,
    kind: str,
    incident: str,
    by: str,
    unmapped: Mapping[str, object],
    severity: str = "informational",
) -> dict[str, object]:
    event = base(EventClass.API_ACTIVITY, activity, severity, kind, incident)
    return {**event, **actor(by), "api": {"operation": kind}, "unmapped": dict(unmapped)}
