"""`gatepost audit`: is the evidence whole, and what does it say?"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.audit_find import find
from gateway.cli.audit_proof import export_proved, note_reading
from gateway.cli.exits import Exit
from gateway.cli.output import ConfigOption, Form, FormOption, printable, progress, say, write, write_json, write_pairs
from gateway.config import Config, keyring_file, load_config
from gateway.core.errors import SetupError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from gateway.audit.verify import Expected

app = typer.Typer(help="Verify, export and show the audit log.", no_args_is_help=True)

app.command("find")(find)
DAY_OR_TIME = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]
LogPath = Annotated[
    Path | None,
    typer.Argument(help="Folder of the log, or one segment. Default: the configured one.", show_default=False),
]


class PageForm(StrEnum):
    """For people, for programs, or a page."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


@app.command()
def verify(
    path: LogPath = None,
    public_key: Annotated[
        Path | None,
        typer.Option(
            help="PEM file. Default: the key of the keyring, else the one beside the log.", show_default=False
        ),
    ] = None,
    expect: Annotated[
        str,
        typer.Option(metavar="SEQ:HASH", help="An end noted earlier, which must be in the log.", show_default=False),
    ] = "",
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Check every line, link and signature; exit code 3 and the first broken line where the log was changed, and where
    events stand behind its signed end that nobody signed.

    The configured log is compared with what this gateway has told a shared database of it, too.
    """
    from gateway.audit.errors import ChainBroken
    from gateway.audit.verify import verify as check

    config = load_config(config_file, os.environ)
    folder = existing(path or config.audit.folder)
    key = key_of(public_key, config)
    try:
        with progress("bytes") as advance:
            position = 0

            def on(done: int, total: int) -> None:
                nonlocal position
                advance(done - position, total)
                position = done

            expected = _expected(expect) or (_told(config) if path is None else None)
            verified = check(folder, key, expected=expected, progress=on)
    except ChainBroken as error:
        if form is Form.JSON:
            broken = {"ok": False, "file": error.file, "line": error.line, "seq": error.seq, "why": error.why}
            write_json(broken)
        else:
            write(f"BROKEN  {error}")
        raise typer.Exit(Exit.BROKEN) from None
    is_signed = not (folder.is_dir() and verified.unsigned_tail)  # of one file the next may sign the end
    shown = {"ok": is_signed, **asdict(verified)}
    if form is Form.JSON:
        write_json(shown)
    else:
        ok = "the chain is whole" if is_signed else "NOT SIGNED to its end"
        write_pairs({**shown, "ok": ok, "end": f"{verified.last_seq}:{verified.last_hash}"})
        for doubt in verified.doubts if folder.is_dir() else ():
            say(f"{doubt[:1].upper()}{doubt[1:]}. What to do: docs/runbook/GatepostAuditBroken.md")
        if key is None:
            say("Checked with the key beside the log. Give --public-key to check with one that was kept elsewhere.")
    if not is_signed:
        raise typer.Exit(Exit.BROKEN)


@app.command()
def export(
    path: LogPath = None,
    since: Annotated[
        datetime | None,
        typer.Option("--since", "--from", formats=DAY_OR_TIME, help="Written then or later, UTC.", show_default=False),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--until", "--to", formats=DAY_OR_TIME, help="Written before then, UTC.", show_default=False),
    ] = None,
    kind: Annotated[
        str, typer.Option(help="Only events of this code, such as message-decided.", show_default=False)
    ] = "",
    incident: Annotated[str, typer.Option(help="Only events of this incident.", show_default=False)] = "",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="A new folder, or a new file whose name ends in .zip: events, proof, public key, how to check them.",
            show_default=False,
        ),
    ] = None,
    config_file: ConfigOption = None,
    form: FormOption = Form.JSON,
) -> None:
    """Write the events to standard output: JSON Lines exactly as they are in the log, or a line of text each.

    With --output: with the proof that they stand in the signed log and that none is missing, to be checked without
    Gatepost, and of an incident the timeline; the log is verified first. Either way the log of the configuration notes
    what was taken, and by whom.
    """
    from gateway.audit.export import LATEST, Question

    config = load_config(config_file, os.environ)
    log = existing(path or config.audit.folder)
    question = Question(incident, kind, _milliseconds(since, 0), _milliseconds(until, LATEST))
    is_ours = _is_ours(path, config)
    if output:
        found = export_proved(log, output, question, config, is_ours=is_ours)
    elif incident and not events_of(log, incident):
        found = 0
    else:
        note_reading(config, "lines", question, is_ours=is_ours and _is_sound(log))
        found = _export_plain(log, question.wants, form)
    if incident and not found:
        say(f"there is no event of incident {incident}")
        raise typer.Exit(Exit.NOT_FOUND)


def _is_sound(log: Path) -> bool:
    """Whether each line is an event: nothing is written behind one that is not, which would hide it."""
    try:
        for _ in read_events(log, tell=False):
            pass
    except typer.Exit:
        return False
    return True


def _export_plain(log: Path, wanted: Callable[[Mapping[str, Any]], bool], form: Form) -> int:
    found = 0
    for line, event in read_events(log):
        if wanted(event):
            found += 1
            write(line if form is Form.JSON else summary(event))
    return found


@app.command()
def timeline(
    incident: Annotated[str, typer.Argument(help="The id that a reply, notice or log line gave.")],
    path: LogPath = None,
    config_file: ConfigOption = None,
    form: Annotated[
        PageForm, typer.Option("--format", help="Text, JSON, or a page that stands alone.")
    ] = PageForm.TEXT,
) -> None:
    """Tell one incident in plain words: SMTP, decision, what was done, Postfix's delivery records, reviewers."""
    from gateway.report.timeline import as_html, as_plain, as_text
    from gateway.report.timeline import timeline as told

    moments = told(_seen(path, config_file, incident, "timeline"))
    if form is PageForm.JSON:
        write_json({"incident": incident, "moments": as_plain(moments)})
    else:
        write((as_html(incident, moments) if form is PageForm.HTML else as_text(moments)).rstrip("\n"))


@app.command()
def show(
    incident: Annotated[str, typer.Argument(help="The id that a reply, notice or log line gave.")],
    path: LogPath = None,
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Show all that happened to one message."""
    events = _seen(path, config_file, incident, "incident")
    if form is Form.JSON:
        for event in events:
            write_json(event, indent=None)
        return
    for event in events:
        write(summary(event))
        write_pairs({f"    {name}": value for name, value in _flat(event.get("unmapped", {})) if value not in ("", [])})


def _seen(path: Path | None, config_file: Path | None, incident: str, what: str) -> list[dict[str, Any]]:
    """The events of an incident, and that somebody was shown them. typer.Exit where there are none."""
    from gateway.audit.export import Question

    config = load_config(config_file, os.environ)
    found = events_of(existing(path or config.audit.folder), incident)
    if not found:
        say(f"there is no event of incident {incident}")
        raise typer.Exit(Exit.NOT_FOUND)
    note_reading(config, what, Question(incident), is_ours=_is_ours(path, config))
    return found


def _is_ours(path: Path | None, config: Config) -> bool:
    """The log of the configuration, whatever it was called by."""
    return path is None or path.resolve() == config.audit.folder.resolve()


def existing(path: Path) -> Path:
    if path.exists():
        return path
    say(f"{path}: there is no audit log")
    raise typer.Exit(Exit.NOT_FOUND)


def key_of(file: Path | None, config: Config) -> "Ed25519PublicKey | None":
    """The key to check with; None: the one beside the log."""
    from gateway.audit.chain import parse_public_pem
    from gateway.store.keyring import Keyring

    if file is not None:
        key = parse_public_pem(file.read_bytes())
        if key is None:
            raise SetupError(f"{file}: this is not an Ed25519 public key in PEM")
        return key
    try:
        return Keyring.load(keyring_file(config, os.environ)).audit_key().public_key()
    except SetupError:
        return None  # an auditor has no keyring


def _told(config: Config) -> "Expected | None":
    """The end of the log that other gateways know of; None where there are none."""
    from gateway.audit.verify import Expected
    from gateway.store.errors import StoreUnavailable
    from gateway.store.members import Members
    from gateway.wiring.opening import database_as_it_is, identity_of

    if config.store.database.startswith("sqlite"):
        return None
    engine = database_as_it_is(config)
    try:
        head = Members(engine).audit_of(identity_of(config, engine))
    except StoreUnavailable as error:
        say(f"{error}: the log was not compared with what the database knows of it")
        return None
    finally:
        engine.dispose()
    if head is None:
        say("the database knows no end of this gateway's log: the log was not compared with it (docs/cluster.md)")
        return None
    return Expected(head.seq, head.hash)


def _expected(text: str) -> "Expected | None":
    from gateway.audit.verify import Expected

    if not text:
        return None
    seq, _, digest = text.partition(":")
    if not seq.isdecimal() or len(digest) != 64:
        raise typer.BadParameter("must be the number of an event, a colon and its hash", param_hint="--expect")
    return Expected(int(seq), digest.lower())


def read_events(path: Path, *, tell: bool = True) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each line and what it says. A line that is no event ends it: `audit verify` tells more."""
    from gateway.audit.chain import segment_numbers, segment_path

    files = [segment_path(path, number) for number in segment_numbers(path)] if path.is_dir() else [path]
    for file in files:
        with file.open(encoding="ascii", errors="replace") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    event = json.loads(line)
                except (ValueError, RecursionError):
                    event = None
                if not isinstance(event, dict):
                    if tell:
                        say(f"{file.name}:{number}: this is not an event: use `gatepost audit verify`")
                    raise typer.Exit(Exit.BROKEN)
                yield line.rstrip("\n"), event


def events_of(folder: Path, incident: str) -> list[dict[str, Any]]:
    """All events of one incident, in order."""
    return [event for _, event in read_events(folder) if _at(event, "metadata", "correlation_uid") == incident]


def _milliseconds(time: datetime | None, otherwise: int) -> int:
    return otherwise if time is None else int(time.replace(tzinfo=UTC).timestamp() * 1000)


def _time(event: Mapping[str, Any]) -> datetime:
    milliseconds = event.get("time")
    try:
        return datetime.fromtimestamp((milliseconds if isinstance(milliseconds, int) else 0) / 1000, UTC)
    except (OverflowError, ValueError, OSError):  # a time that no log of ours has
        return datetime.fromtimestamp(0, UTC)


def _at(event: object, *names: str) -> str:
    """The text at that place, "" where there is none: a log may have been tampered with."""
    for name in names:
        event = event.get(name) if isinstance(event, dict) else None
    return "" if event is None else str(event)


def summary(event: dict[str, Any]) -> str:
    """One line: number, time, code, incident, disposition, who."""
    parts = (
        f"{_at(event, 'seq'):>6}",
        _time(event).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        f"{_at(event, 'metadata', 'event_code'):<18}",
        _at(event, "metadata", "correlation_uid"),
        _at(event, "disposition"),
        _at(event, "actor", "user", "name"),
    )
    return printable("  ".join(part for part in parts if part)).rstrip()


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Nested objects as (dotted name, value)."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _flat(below, f"{name}.{key}" if name else key)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for index, below in enumerate(value):
            yield from _flat(below, f"{name}[{index}]")
    elif isinstance(value, list):
        yield name, ", ".join(str(element) for element in value)
    else:
        yield name, value
