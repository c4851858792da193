"""`gatepost report`: what the evidence says, for boards, auditors and privacy officers."""

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.exits import Exit
from gateway.cli.output import ConfigOption, say
from gateway.cli.report_made import FormatOption, OutputOption, ReportForm, hand_over, mail_out, prepared
from gateway.config import load_config

if TYPE_CHECKING:
    from gateway.report.document import Document, Source
    from gateway.report.quarterly import Surroundings
    from gateway.report.tally import Period, Tally

    Make = Callable[[Tally, Source, Surroundings, datetime], Document]

app = typer.Typer(help="Reports for boards, auditors and privacy officers, from the audit log.", no_args_is_help=True)
QUARTER = re.compile(r"([0-9]{4})-Q([1-4])")
YEARS = 6  # 45 CFR 164.528(a)(3)
QuarterOption = Annotated[
    str, typer.Option("--quarter", help="Such as 2026-Q4, `last` or `this`. Default: the last.", show_default=False)
]
FromOption = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day, UTC.", show_default=False)
]
ToOption = Annotated[
    datetime | None,
    typer.Option("--to", formats=["%Y-%m-%d"], help="Day after the last, UTC.", show_default=False),
]
LogOption = Annotated[
    Path | None, typer.Option("--log", help="Folder of the audit log. Default: the configured one.", show_default=False)
]
MailOption = Annotated[
    bool,
    typer.Option("--mail", help="Mail it, encrypted, to `reports.recipients`; a copy stays in `reports.folder`."),
]


@app.command()
def quarterly(
    quarter: QuarterOption = "",
    since: FromOption = None,
    until: ToOption = None,
    log: LogOption = None,
    form: FormatOption = ReportForm.PDF,
    output: OutputOption = None,
    mail: MailOption = False,
    config_file: ConfigOption = None,
) -> None:
    """Volume, protection, incidents, reviewers' times, rule changes, accesses, exceptions; whether the log is whole.

    Exit code 3 where the audit log is broken: the report says so, and is written all the same.
    """
    from gateway.report.quarterly import quarterly as made

    _of_period(made, "quarterly", (quarter, since, until), log, form, output, config_file, mail=mail)


@app.command()
def safeguards(
    quarter: QuarterOption = "",
    since: FromOption = None,
    until: ToOption = None,
    log: LogOption = None,
    form: FormatOption = ReportForm.PDF,
    output: OutputOption = None,
    mail: MailOption = False,
    config_file: ConfigOption = None,
) -> None:
    """The HIPAA Security Rule, safeguard by safeguard: the evidence, and the command that shows it."""
    from gateway.report.safeguards import safeguards as made

    _of_period(made, "safeguards", (quarter, since, until), log, form, output, config_file, mail=mail)


@app.command()
def incident(
    incident: Annotated[str, typer.Argument(help="The id that a reply, notice or log line gave.")],
    log: LogOption = None,
    form: FormatOption = ReportForm.PDF,
    output: OutputOption = None,
    config_file: ConfigOption = None,
) -> None:
    """One incident for the assessment of a breach: what the evidence says about each of the four factors."""
    from gateway.audit.reading import incident as of
    from gateway.audit.reading import read_lines
    from gateway.report.breach import breach
    from gateway.report.source import Read

    config = load_config(config_file, os.environ)
    ready = prepared(config, log, os.environ)
    read = Read()
    events = list(read.through(each for each in read_lines(ready.folder) if of(each[1]) == incident))
    if not events:
        say(f"there is no event of incident {incident}")
        raise typer.Exit(Exit.NOT_FOUND)
    ready.note("incident", incident)
    document = breach(incident, events, ready.source(read), ready.organization, ready.now)
    hand_over(document, form, output, ready)


@app.command()
def disclosures(
    entity: Annotated[
        str, typer.Option(help="Only as this entity, such as US_SSN. Default: as every one.", show_default=False)
    ] = "",
    since: FromOption = None,
    until: ToOption = None,
    log: LogOption = None,
    form: FormatOption = ReportForm.PDF,
    output: OutputOption = None,
    config_file: ConfigOption = None,
) -> None:
    """Whom an individual's information was disclosed to, as 45 CFR 164.528 asks; six years back where no day is given.

    The individual is known by a value (a record number, a name with birth date, …) that is asked for, or read from
    standard input: never from the command line. Only its keyed fingerprint is looked for.
    """
    from gateway.audit.reading import read_lines
    from gateway.cli.audit_find import asked, prints
    from gateway.report.disclosures import disclosures as made
    from gateway.report.disclosures import find
    from gateway.report.source import Read

    config = load_config(config_file, os.environ)
    ready = prepared(config, log, os.environ)
    keyring, ruleset = ready.needed()
    wanted = prints(asked(), entity, None, config, keyring.derive)
    read = Read()
    found = find(read.through(read_lines(ready.folder)), wanted)
    period = (_utc(since) or _years_before(ready.now), _utc(until) or ready.now)
    ready.note("disclosures", found=len(found.incidents))
    inside = ruleset.policy.organization.inside
    document = made(found, inside.covers, ready.source(read), period, ready.organization, ready.now)
    hand_over(document, form, output, ready)


def _of_period(
    make: "Make",
    kind: str,
    which: tuple[str, datetime | None, datetime | None],
    log: Path | None,
    form: ReportForm,
    output: Path | None,
    config_file: Path | None,
    *,
    mail: bool,
) -> None:
    from gateway.audit.reading import read_lines
    from gateway.report.tally import count

    config = load_config(config_file, os.environ)
    ready = prepared(config, log, os.environ)
    period = _period(*which, ready.now)
    ready.note(kind, period=period.words)
    tally = count(read_lines(ready.folder), period)
    document = make(tally, ready.source(tally.read), ready.around(), ready.now)
    if mail:
        mail_out(document, form, ready)
    else:
        hand_over(document, form, output, ready)


def _period(words: str, since: datetime | None, until: datetime | None, now: datetime) -> "Period":
    from gateway.report.tally import Period, quarter

    if since or until:
        if words or since is None or (until or now.replace(tzinfo=None)) <= since:
            raise typer.BadParameter("give --from and a later --to, or --quarter", param_hint="--from")
        return Period(since.replace(tzinfo=UTC), _utc(until) or now)
    if words in ("", "last", "this"):
        number = 4 * now.year + (now.month - 1) // 3 - (words != "this")
        return quarter(number // 4, number % 4 + 1)
    found = QUARTER.fullmatch(words)
    if found is None:
        raise typer.BadParameter("such as 2026-Q4, last or this", param_hint="--quarter")
    return quarter(int(found[1]), int(found[2]))


def _utc(time: datetime | None) -> datetime | None:
    return time.replace(tzinfo=UTC) if time else None


def _years_before(now: datetime) -> datetime:
    return now.replace(year=now.year - YEARS, day=min(now.day, 28))
