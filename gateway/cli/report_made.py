"""What all reports share: checking the log, noting who took what, and handing the document over."""

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.evidence import record, who
from gateway.cli.exits import Exit
from gateway.cli.output import progress, say, write_pairs
from gateway.config import Config, keyring_file
from gateway.core.errors import GatepostError, SetupError
from gateway.report.document import counted

if TYPE_CHECKING:
    from gateway.report.document import Document, Source
    from gateway.report.quarterly import Surroundings
    from gateway.report.source import Read
    from gateway.ruleset import RuleSet
    from gateway.store.keyring import Keyring


class ReportForm(StrEnum):
    """For paper, for a screen, or for spreadsheets."""

    PDF = "pdf"
    HTML = "html"
    CSV = "csv"


FormatOption = Annotated[ReportForm, typer.Option("--format", help="For paper, for a screen, or for spreadsheets.")]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        help="A new file; of csv a new folder. Default: standard output, where it is no terminal.",
        show_default=False,
    ),
]


@dataclass(frozen=True, slots=True)
class Ready:
    """The log, checked, and what is known beside it. `keyring` None: an auditor's copy, away from the gateway."""

    config: Config
    folder: Path
    keyring: "Keyring | None"
    ruleset: "RuleSet | None"
    verified: str
    is_whole: bool
    now: datetime
    is_ours: bool

    @property
    def organization(self) -> str:
        return self.ruleset.policy.organization.name if self.ruleset else "The organization"

    def source(self, read: "Read") -> "Source":
        return read.source(self.verified, is_whole=self.is_whole)

    def note(self, report: str, incident: str = "", **details: object) -> None:
        """Into the log, before anything is handed over; not where the log is not this gateway's, or is broken."""
        from gateway.audit import events

        if self.keyring is not None and self.is_ours and self.is_whole:
            event = events.exported(what=f"report {report}", by=who(), incident=incident, details=details)
            record(self.config, self.keyring, event)

    def needed(self) -> "tuple[Keyring, RuleSet]":
        """For a report that cannot do without. Raises SetupError."""
        if self.keyring is None or self.ruleset is None:
            raise SetupError("this report needs the gateway's keyring and its rules: run it on the gateway")
        return self.keyring, self.ruleset

    def around(self) -> "Surroundings":
        """Rules, lists and keys, as far as they can be read here. Raises StoreUnavailable."""
        from gateway.report.around import allowances, key_ends, titles
        from gateway.report.quarterly import Surroundings

        if self.ruleset is None:
            return Surroundings(self.organization)
        policy = self.ruleset.policy
        found = Surroundings(self.organization, titles(policy), allowances(policy))
        if self.keyring is None or not self.is_ours:
            return found
        from dataclasses import replace

        from gateway.keys import KeyBook, OwnKeys
        from gateway.wiring.opening import database_of

        engine = database_of(self.config)
        try:
            book, own = KeyBook(engine), OwnKeys(engine, self.keyring)
            return replace(found, keys=key_ends(book, own, self.now))
        finally:
            engine.dispose()


def prepared(config: Config, log: Path | None, environ: Mapping[str, str]) -> Ready:
    """Check the log and read what is beside it. A broken log is reported on too, and said to be broken."""
    from gateway.cli.audit import existing
    from gateway.cli.ruleset import rules_of
    from gateway.store.keyring import Keyring

    folder = existing(log or config.audit.folder)
    keyring = ruleset = None
    with suppress(SetupError):
        keyring = Keyring.load(keyring_file(config, environ))
    try:
        ruleset = rules_of(config.policy.file)
    except GatepostError as error:
        say(f"The rules cannot be read: rules go by their ids, and exceptions are left out. {error}")
    is_ours = log is None or log == config.audit.folder
    verified, is_whole = _verified(folder, keyring if is_ours else None)
    verified += _elsewhere(config) if is_ours else ""
    return Ready(config, folder, keyring, ruleset, verified, is_whole, datetime.now(UTC), is_ours)


def _verified(folder: Path, keyring: "Keyring | None") -> tuple[str, bool]:
    from gateway.audit.errors import ChainBroken
    from gateway.audit.verify import verify

    key = keyring.audit_key().public_key() if keyring else None
    try:
        with progress("bytes of the log") as advance:
            done = 0

            def on(position: int, total: int) -> None:
                nonlocal done
                advance(position - done, total)
                done = position

            found = verify(folder, key, progress=on)
    except ChainBroken as error:
        say(f"BROKEN  {error}")
        return f"broken at {error}", False
    beside = "" if key else ", with the key beside the log"
    signed = counted(found.checkpoints, "signature")
    for doubt in found.doubts:
        say(f"{doubt[:1].upper()}{doubt[1:]}.")
    told = "; ".join((f"the chain is whole: {counted(found.events, 'event')}, {signed}{beside}", *found.doubts))
    return told, not found.unsigned_tail


def _elsewhere(config: Config) -> str:
    """What is to be said of the logs of other gateways."""
    if config.store.database.startswith("sqlite"):
        return ""
    from gateway.report.around import logs_elsewhere
    from gateway.wiring.opening import database_as_it_is, identity_of

    engine = database_as_it_is(config)
    try:
        return logs_elsewhere(engine, identity_of(config, engine))
    except GatepostError as error:
        say(f"Whether other gateways have logs of their own cannot be told: {error}")
        return "; whether other gateways have logs of their own could not be told"
    finally:
        engine.dispose()


def rendered(document: "Document", form: ReportForm) -> bytes:
    """A document as one file; not for CSV, which is many. Raises SetupError."""
    if form is ReportForm.HTML:
        from gateway.report.html import as_html

        return as_html(document).encode("utf-8", "replace")
    from gateway.report.pdf import as_pdf

    return as_pdf(document)


def hand_over(document: "Document", form: ReportForm, output: Path | None, ready: Ready) -> None:
    """Write it where it was asked for; exit code 3 where the log that it tells of is broken."""
    if output is not None and os.path.lexists(output):
        raise typer.BadParameter(f"{output} is there already: name a new one", param_hint="--output")
    if form is ReportForm.CSV:
        _tables(document, output)
    elif output is not None:
        write_private(output, rendered(document, form))
        write_pairs({"written": output, "evidence": document.source.digest})
    elif sys.stdout.isatty():
        raise typer.BadParameter("name a file: a report is not for a terminal", param_hint="--output")
    else:
        sys.stdout.buffer.write(rendered(document, form))
        sys.stdout.buffer.flush()
    if not ready.is_whole:
        raise typer.Exit(Exit.BROKEN)


def _tables(document: "Document", output: Path | None) -> None:
    from gateway.report.csvs import csv_files

    if output is None:
        raise typer.BadParameter("csv needs a new folder: it is a file for each table", param_hint="--output")
    output.mkdir(mode=0o700)
    for name, octets in csv_files(document).items():
        write_private(output / name, octets)
    write_pairs({"written": output, "tables": len(document.tables), "evidence": document.source.digest})


def write_private(path: Path, octets: bytes) -> None:
    """A new file of mode 0600: it has addresses in it."""
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(octets)


def mail_out(document: "Document", form: ReportForm, ready: Ready) -> None:
    """Keep the report in `reports.folder` and mail it, encrypted, to each of `reports.recipients`.

    One whom nothing is known to encrypt for gets none; the others do, and the exit code is 6. Raises SetupError.
    """
    from gateway.report.mail import letter, made_name, send
    from gateway.wiring.protection import protector_of
    from gateway.wiring.stored import opened

    reports = ready.config.reports
    _, ruleset = ready.needed()
    if not reports.recipients:
        raise SetupError("reports.recipients names nobody: whom should the report be mailed to?")
    if form is ReportForm.CSV:
        raise typer.BadParameter("a report is mailed as pdf or html", param_hint="--format")
    octets, name = rendered(document, form), made_name(document, ready.now, form.value)
    reports.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = _unused(reports.folder / name)
    write_private(kept, octets)
    write_pairs({"kept": kept, "evidence": document.source.digest})
    sender, failed = ruleset.policy.organization.notices_from, False
    with opened(ready.config, os.environ) as stored:
        protector = protector_of(ready.config, stored.directory)
        for recipient in reports.recipients:
            try:
                sent = send(
                    letter(document, name, octets, sender, recipient), sender, recipient, protector, stored.submitter
                )
            except GatepostError as error:
                say(f"{recipient}: {error}" if recipient not in str(error) else str(error))
                failed = True
            else:
                write_pairs({"mailed": f"{recipient} by {sent.method} as {sent.queue_id}"})
    if failed or not ready.is_whole:
        raise typer.Exit(Exit.UNAVAILABLE if failed else Exit.BROKEN)


def _unused(path: Path) -> Path:
    number, chosen = 1, path
    while os.path.lexists(chosen):
        number += 1
        chosen = path.with_stem(f"{path.stem}-{number}")
    return chosen
