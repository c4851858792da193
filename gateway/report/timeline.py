"""One incident from SMTP to Postfix's delivery record, in plain words. Made of its audit events alone."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from gateway.actions.words import entity_words
from gateway.audit.reading import Event, at, code, milliseconds, word
from gateway.pages import page, table, text

_FATES = {"deliver": "delivered", "quarantine": "held", "block": "refused"}
Details = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """One event. `details` are (name, value); `stage` is one of STAGES."""

    seq: int
    time: datetime
    code: str
    stage: str
    what: str
    by: str
    details: Details = ()


def timeline(events: Iterable[Event]) -> tuple[Moment, ...]:
    """The moments of one incident, in the order of the log. One that is not known is told by its code."""
    return tuple(_moment(event) for event in events)


def moment_time(event: Event) -> datetime:
    """When the event was written, UTC."""
    return datetime.fromtimestamp(milliseconds(event) / 1000, UTC)


def as_plain(moments: Iterable[Moment]) -> list[dict[str, Any]]:
    """For JSON."""
    return [{**asdict(m), "time": _stamp(m.time), "details": dict(m.details)} for m in moments]


def as_text(moments: Iterable[Moment]) -> str:
    """For a terminal and for paper: a line for each moment, its details below."""
    lines: list[str] = []
    for moment in moments:
        by = f" (by {moment.by})" if moment.by else ""
        lines.append(f"{_stamp(moment.time)}  {moment.stage:<9} {moment.what}{by}")
        lines += [f"{'':26}{name}: {value}" for name, value in moment.details]
    return "\n".join(map(_printable, lines)) + "\n"


def as_html(incident: str, moments: Iterable[Moment]) -> str:
    """A page that stands alone."""
    rows = (
        (
            f'<span class="soft">{text(_stamp(moment.time))}</span>',
            text(moment.stage),
            f"<strong>{text(moment.what)}</strong>" + "".join(f"<br>{text(n)}: {text(v)}" for n, v in moment.details),
            text(moment.by),
            text(moment.seq),
        )
        for moment in moments
    )
    return page(f"Incident {incident}", [table(("Time (UTC)", "Stage", "What happened", "Who", "Event"), rows)])


def _moment(event: Event) -> Moment:
    kind = code(event)
    stage, tell = TOLD.get(kind, ("other", _unknown))
    what, details = tell(event)
    seq = at(event, "seq")
    return Moment(
        seq=seq if isinstance(seq, int) else 0,
        time=moment_time(event),
        code=kind,
        stage=stage,
        what=what,
        by=word(event, "actor", "user", "name"),
        details=tuple((name, value) for name, value in details if value),
    )


def _decided(event: Event) -> tuple[str, Details]:
    unmapped = _unmapped(event)
    found = [
        f"{_count(entity)} × {entity_words(word(entity, 'entity'))}" + _samples(entity)
        for entity in _list(unmapped, "entities")
    ]
    return f"Received by SMTP and inspected{_fates(unmapped)}", (
        ("from", word(event, "email", "smtp_from") or "<>"),
        ("client", word(event, "src_endpoint", "ip")),
        ("Postfix's queue id", word(event, "email", "uid")),
        ("size", f"{word(event, 'email', 'size')} bytes"),
        ("found", ", ".join(found)),
        ("not read", ", ".join(word(part, "reason") for part in _list(unmapped, "opaque"))),
        ("read in two ways", ", ".join(word(part, "reason") for part in _list(unmapped, "ambiguous"))),
        ("did not finish", ", ".join(word(failure, "detector") for failure in _list(unmapped, "failures"))),
        ("rules", ", ".join(_rule(rule) for rule in _list(unmapped, "rules"))),
        *((word(o, "disposition"), _outcome(o)) for o in _list(unmapped, "outcomes")),
        ("policy", word(unmapped, "policy")),
    )


def _fates(unmapped: Mapping[str, Any]) -> str:
    """What was decided, in a few words."""
    counts: Counter[str] = Counter()
    for outcome in _list(unmapped, "outcomes"):
        fate = _FATES.get(word(outcome, "disposition"), word(outcome, "disposition"))
        counts[f"{fate} protected" if word(outcome, "method") else fate] += len(_texts(outcome, "recipients"))
    if len(counts) < 2:
        return "".join(f", to be {fate}" for fate in counts)
    return ", to be " + ", ".join(f"{fate} for {count}" for fate, count in counts.items())


def _acted(event: Event) -> tuple[str, Details]:
    unmapped = _unmapped(event)
    return f"Done, and Postfix answered with {word(unmapped, 'reply')}", (
        *(("copy", f"{_people(each)} as {word(each, 'queue_id')}") for each in _list(unmapped, "copies")),
        *(("protected", _protected(each)) for each in _list(unmapped, "protected")),
        ("kept in quarantine", ", ".join(_texts(unmapped, "items"))),
        ("forwarded to", ", ".join(_texts(unmapped, "forwarded"))),
        ("notices to", ", ".join(_texts(unmapped, "notified"))),
        ("an earlier try", "what it had done was not repeated" if at(unmapped, "resumed") is True else ""),
    )


def _failed(event: Event) -> tuple[str, Details]:
    unmapped = _unmapped(event)
    reply = word(unmapped, "reply")
    again = "" if reply.startswith("5") else ", so that the client comes again"
    return f"Not taken: Postfix answered with {reply}{again}", (
        ("failure", f"{word(unmapped, 'stage')}: {word(unmapped, 'kind')}"),
    )


def _delivered(event: Event) -> tuple[str, Details]:
    unmapped = _unmapped(event)
    to, status = ", ".join(_texts(at(event, "email") or {}, "smtp_to")), word(unmapped, "status")
    tls = " ".join(word(unmapped, "tls", name) for name in ("trust", "version", "cipher")).strip()
    return f"Postfix's log: {status or 'delivered'} to {to}", (
        ("queue id", word(event, "email", "uid")),
        ("relay", word(unmapped, "relay")),
        ("TLS", tls or "none"),
        ("method", word(unmapped, "method")),
    )


def _review(said: str) -> Callable[[Event], tuple[str, Details]]:
    def tell(event: Event) -> tuple[str, Details]:
        unmapped = _unmapped(event)
        return said, (
            ("item", word(unmapped, "item")),
            ("recipients", ", ".join(_texts(unmapped, "recipients"))),
            ("queue id", word(unmapped, "queue_id")),
            ("outcome", word(unmapped, "outcome")),
            ("method", word(unmapped, "method")),
            ("to", word(unmapped, "to")),
            ("what", " ".join(filter(None, (word(unmapped, "kind"), word(unmapped, "name"), _judged(unmapped))))),
            ("tombstone", word(unmapped, "tombstone")),
            ("forced", "yes" if at(unmapped, "forced") is True else ""),
            ("reason", word(unmapped, "reason")),
        )

    return tell


def _judged(unmapped: Mapping[str, Any]) -> str:
    """What a reviewer said of a rule or finding."""
    said = at(unmapped, "true")
    return {True: "is right", False: "is wrong"}[said] if isinstance(said, bool) else ""


def _handed(event: Event) -> tuple[str, Details]:
    return "Evidence of it was exported", (("what", word(_unmapped(event), "what")),)


def _waiting(what: str) -> Callable[[Event], tuple[str, Details]]:
    """About a message that waits at the portal, or did."""

    def tell(event: Event) -> tuple[str, Details]:
        unmapped = _unmapped(event)
        known = {
            "recipient": word(unmapped, "recipient"),
            "pickup": word(unmapped, "pickup")[:16],
            "until": word(unmapped, "until"),
            "part": word(unmapped, "part"),
            "from": word(at(event, "src_endpoint"), "ip"),
        }
        return what, tuple((name, value) for name, value in known.items() if value)

    return tell


def _unknown(event: Event) -> tuple[str, Details]:
    unmapped = at(event, "unmapped")
    plain = unmapped.items() if isinstance(unmapped, Mapping) else ()
    said = tuple((str(name), str(value)) for name, value in plain if isinstance(value, str | int))
    return code(event) or "an event without a code", said


STAGES = ("decision", "acts", "delivery", "review", "evidence", "other")
TOLD: Mapping[str, tuple[str, Callable[[Event], tuple[str, Details]]]] = MappingProxyType(
    {
        "message-decided": ("decision", _decided),
        "message-acted": ("acts", _acted),
        "message-failed": ("acts", _failed),
        "copy-delivered": ("delivery", _delivered),
        "viewed": ("review", _review("The message was looked at")),
        "release-requested": ("review", _review("A release was asked for")),
        "confirm-requested": ("review", _review("It was asked to note a release that had been cut off")),
        "discard-requested": ("review", _review("Destroying the message was asked for")),
        "release-agreed": ("review", _review("Agreed to the release; somebody else has to agree as well")),
        "released": ("review", _review("Released to Postfix")),
        "discarded": ("review", _review("The sealed message was destroyed")),
        "release-failed": ("review", _review("The release did not come to its end")),
        "confirm-failed": ("review", _review("Noting the release did not come to its end")),
        "discard-failed": ("review", _review("Destroying did not come to its end")),
        "item-opened": ("review", _review("What is known of it was looked at, masked")),
        "revealed": ("review", _review("The message was revealed")),
        "message-text": ("review", _review("Its text was read")),
        "message-html": ("review", _review("Its text was read, laid out")),
        "message-values": ("review", _review("The values found were read")),
        "message-downloaded": ("review", _review("The message was downloaded")),
        "assigned": ("review", _review("Assigned")),
        "commented": ("review", _review("Commented")),
        "legal-hold": ("review", _review("A legal hold was put on it")),
        "legal-hold-lifted": ("review", _review("The legal hold was lifted")),
        "marked": ("review", _review("Marked as right or wrong")),
        "returned": ("review", _review("The sender was told that it will not go out")),
        "purged": ("review", _review("Its data key was destroyed at the end of its time")),
        "pickup-waiting": ("acts", _waiting("It waits at the portal; a link takes its place")),
        "pickup-code-sent": ("delivery", _waiting("A code was asked for and mailed")),
        "pickup-code-refused": ("delivery", _waiting("A code was refused")),
        "pickup-opened": ("delivery", _waiting("Opened at the portal, with a code")),
        "pickup-fetched": ("delivery", _waiting("Downloaded at the portal")),
        "pickup-closed": ("delivery", _waiting("Closed at the portal")),
        "pickup-expired": ("delivery", _waiting("Destroyed at the portal: its time was over")),
        "pickup-revoked": ("review", _waiting("Taken back from the portal")),
        "audit-exported": ("evidence", _handed),
    }
)


def _rule(rule: object) -> str:
    return word(rule, "rule") + (" (watches only)" if word(rule, "status") != "enforce" else "")


def _outcome(outcome: object) -> str:
    method = word(outcome, "method")
    actions = ", ".join(_texts(outcome, "actions"))
    return _people(outcome) + (f" by {method}" if method else "") + (f" ({actions})" if actions else "")


def _protected(copy: object) -> str:
    method, manner = word(copy, "method"), word(copy, "manner")
    keys = ", ".join(_texts(copy, "keys"))
    return f"{_people(copy)} by {method}{f' ({manner})' if manner else ''}{f', keys {keys}' if keys else ''}"


def _people(group: object) -> str:
    return ", ".join(_texts(group, "recipients"))


def _samples(entity: object) -> str:
    """None that hides all of its value."""
    samples = ", ".join(sample for sample in _texts(entity, "samples") if sample.strip("*"))
    return f" ({samples})" if samples else ""


def _count(entity: object) -> str:
    return word(entity, "count") or "?"


def _unmapped(event: Event) -> Mapping[str, Any]:
    found = at(event, "unmapped")
    return found if isinstance(found, Mapping) else {}


def _list(event: object, name: str) -> list[Any]:
    found = at(event, name)
    return found if isinstance(found, list) else []


def _texts(event: object, name: str) -> list[str]:
    return [str(each) for each in _list(event, name)]


def _stamp(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _printable(line: str) -> str:
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)
