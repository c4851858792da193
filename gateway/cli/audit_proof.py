"""`gatepost audit export --output`: evidence that an auditor checks without Gatepost."""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from gateway.cli.evidence import record, who
from gateway.cli.output import say, write_pairs
from gateway.config import Config, keyring_file
from gateway.core.errors import SetupError

if TYPE_CHECKING:
    from gateway.audit.export import Question
    from gateway.store.keyring import Keyring

Beside = Mapping[str, tuple[str, bytes]]


def export_proved(log: Path, to: Path, question: "Question", config: Config, *, is_ours: bool) -> int:
    """Write it; number of events, 0 for an incident that is not there: nothing is written then.

    The log of the configuration (`is_ours`) notes it first, where we have its keyring. Raises ChainBroken.
    """
    from gateway.audit.chain import PUBLIC_KEY
    from gateway.audit.export import README, export
    from gateway.audit.verify import verify
    from gateway.cli.audit import events_of, existing, key_of

    if not log.is_dir():
        raise typer.BadParameter("needs the folder of a log, not one segment of it", param_hint="--output")
    if os.path.lexists(to):
        raise typer.BadParameter(f"{to} is there already: name a new folder or file", param_hint="--output")
    keyring = _keyring(config) if is_ours else None
    key = keyring.audit_key().public_key() if keyring else key_of(existing(log / PUBLIC_KEY), config)
    assert key is not None
    verified = verify(log, key)
    if question.incident and not events_of(log, question.incident):
        return 0
    if keyring is not None:
        _note(config, keyring, question)
    elif verified.unsigned_tail:
        say(f"The last {verified.unsigned_tail} events are not signed yet and left out: export where the keyring is.")
    signing = keyring.audit_key() if keyring else None
    words, beside = said(question), _beside(log, question)
    done = export(log, to, question, key, words=words, signing_key=signing, beside=beside)
    write_pairs({"written": to, "events": done.events, "lines of proof": done.lines, "signatures": done.checkpoints})
    say(f"Read {README} in it for how to check it without Gatepost.")
    return done.events


def said(question: "Question") -> str:
    """What was asked for, in words."""
    from gateway.audit.export import LATEST

    which = f"Events of incident {question.incident}" if question.incident else "All events"
    if question.code:
        which += f" with the code {question.code}"
    since = f" from {_day(question.since)}" if question.since else ""
    until = f" until {_day(question.until)}" if question.until < LATEST else ""
    return f"{which}{since}{until}{'' if since or until else ' of the log'}."


def note_reading(config: Config, what: str, question: "Question", *, is_ours: bool) -> None:
    """Somebody is shown evidence as "lines", a "timeline" or an "incident": noted before, in a log of our own.

    Where the log was brought from elsewhere, or an auditor has no keyring, nothing can be noted. Raises SetupError.
    """
    keyring = _keyring(config) if is_ours else None
    if keyring is not None:
        _note(config, keyring, question, what)


def _note(config: Config, keyring: "Keyring", question: "Question", what: str = "proof") -> None:
    from gateway.audit import events
    from gateway.audit.export import LATEST

    limits = {"from": question.since, "until": question.until if question.until < LATEST else 0}
    details = {"code": question.code, **limits}
    record(config, keyring, events.exported(what=what, by=who(), incident=question.incident, details=details))


def _beside(log: Path, question: "Question") -> Beside:
    """The timeline, where one incident is asked for."""
    from gateway.cli.audit import events_of
    from gateway.report.timeline import as_html, as_plain, as_text, timeline

    if not question.incident:
        return {}
    moments = timeline(events_of(log, question.incident))
    plain = {"incident": question.incident, "moments": as_plain(moments)}
    return {
        "timeline.txt": ("the incident in plain words, made of the events", as_text(moments).encode()),
        "timeline.html": ("the same as a page", as_html(question.incident, moments).encode()),
        "timeline.json": ("the same for programs", json.dumps(plain, indent=2).encode() + b"\n"),
    }


def _keyring(config: Config) -> "Keyring | None":
    from gateway.store.keyring import Keyring

    try:
        return Keyring.load(keyring_file(config, os.environ))
    except SetupError:
        return None  # an auditor has none


def _day(milliseconds: int) -> str:
    time = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return f"{time:%Y-%m-%d}" if milliseconds % 86_400_000 == 0 else f"{time:%Y-%m-%dT%H:%M:%SZ}"
