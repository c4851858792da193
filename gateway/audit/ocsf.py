"""The words of OCSF (Open Cybersecurity Schema Framework, schema 1.4) that our events use."""

import re
from collections.abc import Mapping
from enum import IntEnum
from functools import cache
from importlib import metadata
from ipaddress import ip_address

from gateway.core.verdict import Disposition

SCHEMA = "1.4.0"
NAME = "Gatepost"
WORDS = 500  # characters of a person's words
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
SEVERITIES = {"informational": 1, "info": 1, "low": 2, "medium": 3, "high": 4, "critical": 5}
DISPOSITIONS = {
    Disposition.DELIVER: (1, "Allowed"),
    Disposition.QUARANTINE: (3, "Quarantined"),
    Disposition.BLOCK: (2, "Blocked"),
    Disposition.DEFER: (14, "Delayed"),
}


class EventClass(IntEnum):
    """`class_uid`; its thousands are `category_uid`."""

    ACCOUNT_CHANGE = 3001
    AUTHENTICATION = 3002
    ENTITY_MANAGEMENT = 3004
    EMAIL_ACTIVITY = 4009
    APPLICATION_LIFECYCLE = 6002
    API_ACTIVITY = 6003


# Classes that have an actor by the profile "host" alone.
BY_HOST = frozenset({EventClass.EMAIL_ACTIVITY, EventClass.APPLICATION_LIFECYCLE})


class EmailActivity(IntEnum):
    SEND = 1
    SCAN = 3


class Lifecycle(IntEnum):
    START = 3
    STOP = 4
    UPDATE = 8
    OTHER = 99


class ApiActivity(IntEnum):
    CREATE = 1
    READ = 2
    UPDATE = 3
    DELETE = 4


class AccountActivity(IntEnum):
    CREATE = 1
    ENABLE = 2
    PASSWORD_CHANGE = 3
    PASSWORD_RESET = 4
    DISABLE = 5
    ATTACH_POLICY = 7  # another role
    MFA_ENABLE = 10
    OTHER = 99


class AuthenticationActivity(IntEnum):
    LOGON = 1
    LOGOFF = 2
    OTHER = 99


class EntityActivity(IntEnum):
    CREATE = 1
    UPDATE = 3
    DELETE = 4


@cache
def product_version() -> str:
    """Of the installed distribution, "0" for a bare source tree."""
    try:
        return metadata.version("gatepost")
    except metadata.PackageNotFoundError:
        return "0"


def base(event_class: EventClass, activity: IntEnum, severity: str, kind: str, incident: str = "") -> dict[str, object]:
    """What every event of a class has. `kind` is our own word for it; the log adds number, time and chain."""
    metadata: dict[str, object] = {**_described(kind)}
    if incident:
        metadata["correlation_uid"] = incident
    given = {"severity_id": SEVERITIES.get(severity, 0), "metadata": metadata}
    return {**_numbers(event_class, int(activity)), **given, **_of_class(event_class)}


def profiles_of(event: Mapping[str, object]) -> list[str]:
    """Which profiles of the schema the fields of an event come from, with the time that the log writes beside it."""
    by_host = "actor" in event and event["class_uid"] in BY_HOST
    named = {"datetime": True, "host": by_host, "security_control": "disposition_id" in event}
    return [name for name, used in named.items() if used]


@cache
def _product() -> Mapping[str, str]:
    return {"name": NAME, "vendor_name": NAME, "version": product_version()}


@cache
def _described(kind: str) -> Mapping[str, object]:
    return {"version": SCHEMA, "product": _product(), "event_code": kind}


@cache
def _of_class(event_class: EventClass) -> Mapping[str, object]:
    """What a class demands and only some events know better: who did it, from where, to what."""
    if event_class is EventClass.API_ACTIVITY:
        return {"actor": {"app_name": NAME}, "src_endpoint": {"svc_name": NAME}}
    if event_class is EventClass.AUTHENTICATION:
        return {"service": {"name": NAME}}
    return {"app": _product()} if event_class is EventClass.APPLICATION_LIFECYCLE else {}


@cache
def _numbers(event_class: EventClass, activity: int) -> Mapping[str, int]:
    return {
        "category_uid": event_class // 1000,
        "class_uid": int(event_class),
        "activity_id": activity,
        "type_uid": event_class * 100 + activity,
    }


def actor(name: str) -> dict[str, object]:
    """Who did it, where that is known."""
    return {"actor": {"user": {"name": words(name)}}} if name else {}


def user(name: str) -> dict[str, object]:
    """Whose account it is about; "" where nobody has it."""
    return {"user": {"name": words(name)}}


def client(address: str, listener: str = "") -> dict[str, object]:
    """From where it was asked: an address of the network, and by which of our doors."""
    found: dict[str, object] = {"interface_name": listener} if listener else {}
    if address:
        found["ip" if _is_ip(address) else "name"] = words(address)
    return {"src_endpoint": found} if found else {}


def _is_ip(address: str) -> bool:
    try:
        return bool(ip_address(address))
    except ValueError:
        return False


def by_token(event: Mapping[str, object], token: str) -> dict[str, object]:
    """The same event, done by a program: with the id of its token beside the person who answers for it."""
    who = event.get("actor")
    user = who.get("user") if isinstance(who, dict) else None
    return {**event, "actor": {"user": {**(user or {}), "credential_uid": token}}}


def words(text: str) -> str:
    """What a person wrote, on one line and not too much of it."""
    return CONTROL.sub(" ", text)[:WORDS]
