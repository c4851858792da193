"""Messages of Gatepost's own, in plain words: what happened, which kind of data, for whom, what to do next.

They are complete (RFC 5322), say that a program made them (RFC 3834) and hold nothing of the original message, not even
its subject. The texts are the files in `notices/`; each starts with its subject line.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from textwrap import fill

from gateway.actions.replies import plain_id
from gateway.actions.templates import SUBJECT, fill_in, standard
from gateway.core.envelope import Transaction
from gateway.domains import domain_of
from gateway.parse.headers import encode_header_value
from gateway.policy.organization import Organization

SHOWN_RECIPIENTS = 50
SHOWN_ITEMS = 12
_WIDTH = 72  # characters of a line

# One address that a mailer would take: dot-atoms, ASCII or UTF-8 (RFC 5321 section 4.1.2, RFC 6531), 254 octets.
_ADDRESS = re.compile(r"[^\s\x00-\x20\x7f\"(),:;<>@\[\\\]]{1,64}@[^\s\x00-\x20\x7f\"(),:;<>@\[\\\]_]{1,253}")
_EMPTY_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Notices:
    """Who speaks, for whom, and who answers questions: two addresses and a name between them."""

    sender: str  # From of every notice
    organization: str
    officer: str  # "" where there is none: nobody is told then
    console: str = ""  # address of the review console, "" where there is none
    at_once: frozenset[str] = frozenset()  # severities of held messages that the officer is told of at once
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)  # the organization's own, checked, by name

    @classmethod
    def of(
        cls,
        organization: Organization,
        *,
        console: str = "",
        at_once: frozenset[str] = frozenset(),
        texts: Mapping[str, str] | None = None,
    ) -> "Notices":
        """As the policy says, and the configuration."""
        officer = next(iter(organization.officers), "")
        return cls(organization.notices_from, organization.name, officer, console, at_once, dict(texts or {}))


@dataclass(frozen=True, slots=True)
class Story:
    """What a notice tells. All of it comes from rules and closed lists but for the recipients."""

    recipients: tuple[str, ...]
    titles: tuple[str, ...] = ()  # of the rules
    data: tuple[str, ...] = ()  # kinds of data
    obstacles: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    note: str = ""  # words of a reviewer


def compose(notices: Notices, template: str, story: Story, transaction: Transaction, addressee: str) -> bytes:
    """The notice of that template ("sender-held", ...) for one addressee: a whole message, CRLF line ends."""
    subject, text = filled(notices, template, story, transaction)
    return _message(head_lines(notices, transaction, addressee, subject, template), text)


def compose_plain(
    notices: Notices, template: str, values: Mapping[str, str], when: datetime, mark: str, addressee: str
) -> bytes:
    """A notice about no single message, such as a digest. The same `mark` gives the same Message-ID."""
    subject, text = laid_out(notices, template, values)
    return _message(_head_lines(notices, when, mark, addressee, subject, template), text)


def _message(head: tuple[str, ...], text: str) -> bytes:
    kind = "7bit" if text.isascii() else "8bit"
    lines = [
        *head,
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Transfer-Encoding: {kind}",
        "",
        *text.splitlines(),
        "",
    ]
    return "\r\n".join(lines).encode("utf-8", "replace")


def head_lines(
    notices: Notices, transaction: Transaction, addressee: str, subject: str, template: str
) -> tuple[str, ...]:
    """The header fields that every notice has, without line ends; the same input gives the same Message-ID."""
    return _head_lines(notices, transaction.received, plain_id(transaction.incident), addressee, subject, template)


def _head_lines(
    notices: Notices, when: datetime, mark: str, addressee: str, subject: str, template: str
) -> tuple[str, ...]:
    digest = sha256(f"{template}\n{addressee}".encode("utf-8", "replace")).hexdigest()[:16]
    domain = domain_of(notices.sender) or "localhost"
    return (
        f"From: {_phrase(notices.organization)} <{_line(notices.sender)}>",
        f"To: <{_line(addressee)}>",
        f"Subject: {encode_header_value(subject)}".replace("\n", "\r\n"),
        f"Date: {format_datetime(when)}",
        f"Message-ID: <{plain_id(mark) or 'none'}.{digest}@{domain}>",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
    )


def filled(notices: Notices, template: str, story: Story, transaction: Transaction) -> tuple[str, str]:
    """Subject and text of a template."""
    shown = list(story.recipients[:SHOWN_RECIPIENTS])
    more = len(story.recipients) - len(shown)
    incident = plain_id(transaction.incident)
    values = {
        "sender": _line(transaction.envelope.mail_from) or "none (a delivery report or automatic message)",
        "date": format_datetime(transaction.received),
        "incident": incident,
        "recipients": "\n".join(f"  {_line(r)}" for r in shown) + (f"\n  and {more} more" if more else ""),
        "rules": _section("Rules that applied:", story.titles),
        "data": _section("What was found (kinds only, the values are not repeated here):", story.data),
        "note": _line(story.note),
        "obstacles": _section("Why it could not be sent in a protected form:", story.obstacles),
        "unread": _section("What could not be read for certain:", story.unread),
        "link": _way_to(notices, incident),
    }
    return laid_out(notices, template, values)


def laid_out(notices: Notices, template: str, values: Mapping[str, str]) -> tuple[str, str]:
    """Subject and text, in lines of 72 characters, without more than one empty line between paragraphs."""
    said = notices.texts.get(template) or standard(template)
    common = {
        "organization": _line(notices.organization) or "The mail gateway",
        "contact": _line(notices.officer) or "your mail administrator",
    }
    subject, _, text = said.replace("\r\n", "\n").partition("\n")
    text = _EMPTY_LINES.sub("\n\n", fill_in(text, {**common, **values}))
    subject = _line(fill_in(subject.removeprefix(SUBJECT), {**common, **values}))
    return subject, "\n".join(map(_wrapped, text.strip("\n").split("\n")))


def _way_to(notices: Notices, incident: str) -> str:
    if notices.console:
        return f"What you can do: look at it, then release or discard it:\n  {notices.console}/items/{incident}"
    return f'What you can do: look at it with "gatepost quarantine show {incident}", then release or discard it.'


def is_plausible(address: str) -> bool:
    """One address that mail can be sent to; not the null reverse-path, nothing quoted or odd."""
    return _ADDRESS.fullmatch(address) is not None and len(address.encode("utf-8", "replace")) <= 254


def _phrase(name: str) -> str:
    """A display name (RFC 5322 section 3.4): quoted where it is ASCII, encoded words otherwise."""
    plain = _line(name).replace("\\", " ").replace('"', " ")
    return f'"{plain}"' if plain.isascii() else encode_header_value(plain).replace("\n", "\r\n")


def _section(title: str, items: tuple[str, ...]) -> str:
    shown = [f"  - {_line(item)}" for item in items[:SHOWN_ITEMS]]
    if len(items) > SHOWN_ITEMS:
        shown.append(f"  - and {len(items) - SHOWN_ITEMS} more")
    return "\n".join((title, *shown)) if shown else ""


def _wrapped(line: str) -> str:
    """A paragraph or list item in lines of at most 72 characters; long words stay whole."""
    if len(line) <= _WIDTH and line.isprintable():  # most are: no other white space than spaces in it
        return line.rstrip()
    indent = " " * (len(line) - len(line.lstrip(" -")))
    return fill(line, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _line(text: str) -> str:
    """One line of at most 400 characters without control characters."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())[:400]
