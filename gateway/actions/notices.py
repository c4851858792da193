"""Messages of Gatepost's own, in plain words: what happened, which kind of data, for whom, what to do next.

They are complete (RFC 5322), say that a program made them (RFC 3834) and hold nothing of the original message, not even
its subject. The texts are the files in `notices/`; each starts with its subject line.
"""

import re
from dataclasses import dataclass
from email.utils import format_datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from string import Template
from textwrap import fill

from gateway.actions.replies import plain_id
from gateway.core.envelope import Transaction
from gateway.domains import domain_of
from gateway.parse.headers import encode_header_value
from gateway.policy.organization import Organization

SHOWN_RECIPIENTS = 50
SHOWN_ITEMS = 12

# One address that a mailer would take: dot-atoms, ASCII or UTF-8 (RFC 5321 section 4.1.2, RFC 6531), 254 octets.
_ADDRESS = re.compile(r"[^\s\x00-\x20\x7f\"(),:;<>@\[\\\]]{1,64}@[^\s\x00-\x20\x7f\"(),:;<>@\[\\\]_]{1,253}")
_EMPTY_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Notices:
    """Who speaks, for whom, and who answers questions: two addresses and a name between them."""

    sender: str  # From of every notice
    organization: str
    officer: str  # "" where there is none: nobody is told then

    @classmethod
    def of(cls, organization: Organization) -> "Notices":
        """As the policy says."""
        officer = next(iter(organization.officers), "")
        return cls(sender=organization.notices_from, organization=organization.name, officer=officer)


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
    kind = "7bit" if text.isascii() else "8bit"
    lines = [
        *head_lines(notices, transaction, addressee, subject, template),
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
    digest = sha256(f"{template}\n{addressee}".encode("utf-8", "replace")).hexdigest()[:16]
    domain = domain_of(notices.sender) or "localhost"
    return (
        f"From: {_phrase(notices.organization)} <{_line(notices.sender)}>",
        f"To: <{_line(addressee)}>",
        f"Subject: {encode_header_value(subject)}".replace("\n", "\r\n"),
        f"Date: {format_datetime(transaction.received)}",
        f"Message-ID: <{plain_id(transaction.incident) or 'none'}.{digest}@{domain}>",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
    )


def filled(notices: Notices, template: str, story: Story, transaction: Transaction) -> tuple[str, str]:
    """Subject and text of a template."""
    shown = list(story.recipients[:SHOWN_RECIPIENTS])
    more = len(story.recipients) - len(shown)
    found = Template(_template(template)).substitute(
        organization=_line(notices.organization) or "The mail gateway",
        contact=_line(notices.officer) or "your mail administrator",
        sender=_line(transaction.envelope.mail_from) or "none (a delivery report or automatic message)",
        date=format_datetime(transaction.received),
        incident=plain_id(transaction.incident),
        recipients="\n".join(f"  {_line(r)}" for r in shown) + (f"\n  and {more} more" if more else ""),
        rules=_section("Rules that applied:", story.titles),
        data=_section("What was found (kinds only, the values are not repeated here):", story.data),
        note=_line(story.note),
        obstacles=_section("Why it could not be delivered after a change:", story.obstacles),
        unread=_section("What could not be read for certain:", story.unread),
    )
    head, _, text = _EMPTY_LINES.sub("\n\n", found).partition("\n\n")
    return head.removeprefix("Subject: "), "\n".join(map(_wrapped, text.strip("\n").split("\n")))


def is_plausible(address: str) -> bool:
    """One address that mail can be sent to; not the null reverse-path, nothing quoted or odd."""
    return _ADDRESS.fullmatch(address) is not None and len(address.encode("utf-8", "replace")) <= 254


@cache
def _template(name: str) -> str:
    return (files("gateway.actions") / "notices" / f"{name}.txt").read_text(encoding="utf-8")


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
    indent = " " * (len(line) - len(line.lstrip(" -")))
    return fill(line, 72, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _line(text: str) -> str:
    """One line of at most 400 characters without control characters."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())[:400]
