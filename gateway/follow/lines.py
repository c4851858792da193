"""The lines of Postfix's log that tell what became of a message; everything else is None.

What strangers choose (addresses, replies of other servers) stands in them too, so each pattern is tied to the start of
the line, and a recipient counts only where it is one that was handed over.
"""

import re
from dataclasses import dataclass, field

# "Nov 25 18:38:36 host postfix/smtp[123]: text", or with an RFC 3339 time
_LINE = re.compile(r"^(?:\S+ +\S+ \S+|\S+) \S+ (?P<service>[\w./-]+)\[(?P<pid>\d+)\]: (?P<text>.*)$")
_ID = r"(?P<id>[0-9A-Za-z]{5,32}): "
_CLIENT = re.compile(_ID + r"client=\S+, orig_queue_id=(?P<token>[0-9A-Za-z]+)")
_ACTIVE = re.compile(_ID + r"from=<.*>, size=\d+, nrcpt=\d+ \(queue active\)$")
# a 4xx here is what Postfix says for a milter that died: the client comes again
_MILTER = re.compile(_ID + r"milter-(?:discard: END-OF-MESSAGE |reject: END-OF-MESSAGE from \S+: 5)")
_EXPIRED = re.compile(_ID + r"from=<.*>, status=(?:force-)?expired, returned to sender$")
_REMOVED = re.compile(_ID + r"removed$")
_DISCONNECT = re.compile(r"disconnect from \S+ .*\bdata=(?P<data>\d+(?:/\d+)?)\b")
_LOST = re.compile(r"(?:lost connection|timeout) after (?P<after>\S+)")
_KILLED = re.compile(r"(?:warning: )?process \S+ pid (?P<pid>\d+) (?:killed by signal|exit status) \d+")
_STARTED = re.compile(r"daemon started\b")
_TLS = re.compile(
    r"(?P<trust>Verified|Trusted|Untrusted|Anonymous) TLS connection established to (?P<relay>\S+\[[^\]]+\]:\d+): "
    r"(?P<version>\S+) with cipher (?P<cipher>\S+) \((?P<bits>\d+)/"
)
_DELIVERY = re.compile(
    _ID + r"to=<(?P<to>.*?)>, (?:orig_to=<.*?>, )?relay=(?P<relay>[^\s,]+), (?:conn_use=\d+, )?delay=\S+, delays=\S+, "
    r"dsn=(?P<dsn>[245]\.\d+\.\d+), status=(?P<status>sent|bounced|deferred|expired|undeliverable)\b"
)


@dataclass(frozen=True, slots=True)
class Handed:
    """A loopback session of ours began a message: if it ends well, it is in the queue under this id.

    `instance`: which Postfix wrote the line, by the first part of its `syslog_name`.
    """

    pid: int
    queue_id: str
    token: str
    instance: str = "postfix"


@dataclass(frozen=True, slots=True)
class Ended:
    """A session of smtpd ended. `took`: its message was taken; None: the line does not say."""

    pid: int
    took: bool | None


@dataclass(frozen=True, slots=True)
class Cut:
    """A process of Postfix died in the midst of its work, and tells nothing of it any more. None: all of `instance`."""

    pid: int | None
    instance: str = "postfix"


@dataclass(frozen=True, slots=True)
class Queued:
    """Postfix has the message: it is in the queue, or was dropped or refused as a milter told it."""

    queue_id: str


@dataclass(frozen=True, slots=True)
class Connected:
    """A TLS connection to another server. `trust` is Postfix's word: Verified, Trusted, Untrusted, Anonymous."""

    pid: int
    relay: str
    trust: str
    version: str
    cipher: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a message for one recipient."""

    pid: int
    queue_id: str
    recipient: str = field(repr=False)
    relay: str
    dsn: str
    status: str


@dataclass(frozen=True, slots=True)
class Expired:
    """Postfix gave up: whoever had not got the message will not, and its sender hears of it."""

    queue_id: str


@dataclass(frozen=True, slots=True)
class Removed:
    """Postfix has no more to do with the message."""

    queue_id: str


Line = Handed | Ended | Cut | Queued | Connected | Delivered | Expired | Removed


def read_line(text: str) -> Line | None:
    """What a line tells; None where it is of no interest."""
    found = _LINE.match(text)
    if found is None:
        return None
    daemon, pid, words = found["service"].rpartition("/")[2], int(found["pid"]), found["text"]
    instance = found["service"].partition("/")[0]
    if daemon == "smtpd":
        return _of_smtpd(pid, words, instance)
    if daemon in {"smtp", "lmtp"}:
        return _of_smtp(pid, words)
    if daemon == "qmgr":
        return _of_qmgr(words)
    if daemon == "master":
        return _of_master(words, instance)
    if daemon == "cleanup" and (met := _MILTER.match(words)):
        return Queued(met["id"])
    return None


def _of_smtpd(pid: int, words: str, instance: str) -> Line | None:
    if met := _CLIENT.match(words):
        return Handed(pid, met["id"], met["token"], instance)
    if met := _DISCONNECT.match(words):
        return Ended(pid, met["data"] == "1")
    if met := _LOST.match(words):
        # after the end of the message it may have been taken: the disconnect line that follows tells
        return None if met["after"].startswith("END-OF-MESSAGE") else Ended(pid, took=False)
    return None


def _of_master(words: str, instance: str) -> Line | None:
    if met := _KILLED.match(words):
        return Cut(int(met["pid"]), instance)
    return Cut(None, instance) if _STARTED.match(words) else None


def _of_smtp(pid: int, words: str) -> Line | None:
    if met := _TLS.match(words):
        return Connected(pid, met["relay"], met["trust"], met["version"], met["cipher"])
    if met := _DELIVERY.match(words):
        return Delivered(pid, met["id"], met["to"], met["relay"], met["dsn"], met["status"])
    return None


def _of_qmgr(words: str) -> Line | None:
    if met := _ACTIVE.match(words):
        return Queued(met["id"])
    if met := _EXPIRED.match(words):
        return Expired(met["id"])
    if met := _REMOVED.match(words):
        return Removed(met["id"])
    return None
