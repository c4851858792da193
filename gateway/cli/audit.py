"""`gatepost audit`: is the evidence whole, and what does it say?"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.audit_find import find
from gateway.cli.exits import Exit
from gateway.cli.output import ConfigOption, Form, FormOption, printable, progress, say, write, write_json, write_pairs
from gateway.config import Config, keyring_file, load_config
from gateway.core.errors import SetupError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from gateway.audit.verify import Expected

app = typer.Typer(help="Verify, export and show the audit log.", no_args_is_help=True)

app.command("find")(find)
PUBLIC_KEY = "audit-key.pub.pem"
LogPath = Annotated[
    Path | None,
    typer.Argument(help="Folder of the log, or one segment. Default: the configured one.", show_default=False),
]
Time = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="UTC.", show_default=False)
]


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
    """Check every line, link and signature; exit code 3 and the first broken line where the log was changed."""
    from gateway.audit.errors import ChainBroken
    from gateway.audit.verify import verify as check

    config = load_config(config_file, os.environ)
    folder = existing(path or config.audit.folder)
    key = _key(public_key, config)
    try:
        with progress("bytes") as advance:
            position = 0

            def on(done: int, total: int) -> None:
                nonlocal position
                advance(done - position, total)
                position = done

            verified = check(folder, key, expected=_expected(expect), progress=on)
    except ChainBroken as error:
        if form is Form.JSON:
            broken = {"ok": False, "file": error.file, "line": error.line, "seq": error.seq, "why": error.why}
            write_json(broken)
        else:
            write(f"BROKEN  {error}")
        raise typer.Exit(Exit.BROKEN) from None
    shown = {"ok": True, **asdict(verified)}
    if form is Form.JSON:
        write_json(shown)
        return
    write_pairs({**shown, "ok": "the chain is whole", "end": f"{verified.last_seq}:{verified.last_hash}"})
    if key is None:
        say("Checked with the key beside the log. Give --public-key to check with one that was kept elsewhere.")


@app.command()
def export(
    path: LogPath = None,
    since: Time = None,
    until: Time = None,
    kind: Annotated[
        str, typer.Option(help="Only events of this code, such as message-decided.", show_default=False)
    ] = "",
    incident: Annotated[str, typer.Option(help="Only events of this incident.", show_default=False)] = "",
    to: Annotated[
        Path | None,
        typer.Option(
            help="A new folder for the events with their proof, the public key and how to check both without Gatepost.",
            show_default=False,
        ),
    ] = None,
    config_file: ConfigOption = None,
    form: FormOption = Form.JSON,
) -> None:
    """Write the events to standard output: JSON Lines exactly as they are in the log, or a line of text each.

    With --to: into a folder, with the proof that they stand in the signed log; the log is verified first.
    """
    config = load_config(config_file, os.environ)
    log = existing(path or config.audit.folder)

    def wanted(event: Mapping[str, Any]) -> bool:
        return _wanted(event, since, until, kind, incident)

    found = _export_proved(log, to, wanted, config) if to else _export_plain(log, wanted, form)
    if incident and not found:
        say(f"there is no event of incident {incident}")
        raise typer.Exit(Exit.NOT_FOUND)


def _export_plain(log: Path, wanted: Callable[[Mapping[str, Any]], bool], form: Form) -> int:
    found = 0
    for line, event in read_events(log):
        if wanted(event):
            found += 1
            write(line if form is Form.JSON else summary(event))
    return found


def _export_proved(log: Path, to: Path, wanted: Callable[[Mapping[str, Any]], bool], config: Config) -> int:
    """Number of events. Raises ChainBroken, whose exit code is that of a verification that failed."""
    from gateway.audit.export import export as export_proved
    from gateway.audit.verify import verify as check

    if not log.is_dir():
        raise typer.BadParameter("needs the folder of a log, not one segment of it", param_hint="--to")
    if os.path.lexists(to):
        raise typer.BadParameter(f"{to} is there already: name a new folder", param_hint="--to")
    key = _key(None, config) or _key(existing(log / PUBLIC_KEY), config)
    assert key is not None
    if unsigned := check(log, key).unsigned_tail:
        say(f"The last {unsigned} events are not signed yet and are left out: start the gateway, then export again.")
    done = export_proved(log, to, wanted, key)
    write_pairs({"folder": to, "events": done.events, "lines of proof": done.lines, "signatures": done.checkpoints})
    say(f"Read {to / 'README.txt'} for how to check it without Gatepost.")
    return done.events


@app.command()
def show(
    incident: Annotated[str, typer.Argument(help="The id that a reply, notice or log line gave.")],
    path: LogPath = None,
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Show all that happened to one message."""
    folder = existing(path or load_config(config_file, os.environ).audit.folder)
    events = [event for _, event in read_events(folder) if _wanted(event, None, None, "", incident)]
    if not events:
        say(f"there is no event of incident {incident}")
        raise typer.Exit(Exit.NOT_FOUND)
    if form is Form.JSON:
        for event in events:
            write_json(event, indent=None)
        return
    for event in events:
        write(summary(event))
        write_pairs({f"    {name}": value for name, value in _flat(event.get("unmapped", {})) if value not in ("", [])})


def existing(path: Path) -> Path:
    if path.exists():
        return path
    say(f"{path}: there is no audit log")
    raise typer.Exit(Exit.NOT_FOUND)


def _key(file: Path | None, config: Config) -> "Ed25519PublicKey | None":
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


def _expected(text: str) -> "Expected | None":
    from gateway.audit.verify import Expected

    if not text:
        return None
    seq, _, digest = text.partition(":")
    if not seq.isdecimal() or len(digest) != 64:
        raise typer.BadParameter("must be the number of an event, a colon and its hash", param_hint="--expect")
    return Expected(int(seq), digest.lower())


def read_events(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
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
                    say(f"{file.name}:{number}: this is not an event: use `gatepost audit verify`")
                    raise typer.Exit(Exit.BROKEN)
                yield line.rstrip("\n"), event


def _wanted(event: Mapping[str, Any], since: datetime | None, until: datetime | None, kind: str, incident: str) -> bool:
    time = _time(event)
    return (
        (not kind or _at(event, "metadata", "event_code") == kind)
        and (not incident or _at(event, "metadata", "correlation_uid") == incident)
        and (since is None or time >= since.replace(tzinfo=UTC))
        and (until is None or time < until.replace(tzinfo=UTC))
    )


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
