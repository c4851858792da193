"""`gatepost notices`: the texts that people get, and what officers are told now and then."""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.exits import Exit
from gateway.cli.output import ConfigOption, Form, FormOption, say, write, write_json, write_table
from gateway.config import Config, load_config
from gateway.core.errors import Fault, FaultyFiles, GatepostError, SetupError

if TYPE_CHECKING:
    from gateway.actions import Notices
    from gateway.notices.briefing import Standing
    from gateway.policy import Policy

app = typer.Typer(help="Texts of notices, the officers' digest, reminders.", no_args_is_help=True)
ONCE_WITHIN = timedelta(hours=12)  # of several gateways one mails; each has the same timer
MailOption = Annotated[bool, typer.Option("--mail", help="Mail it to the officers of the policy; else it is printed.")]


@app.command("list")
def list_notices(config_file: ConfigOption = None, form: FormOption = Form.TEXT) -> None:
    """List the notices: which text counts, and what it may say."""
    from gateway.actions.templates import ALLOWED
    from gateway.notices.voice import own_texts

    config = load_config(config_file, os.environ)
    own, faults = own_texts(config.notices.templates)
    rows = [
        {"notice": name, "text": "own" if name in own else "shipped", "may_say": list(allowed)}
        for name, allowed in sorted(ALLOWED.items())
    ]
    if form is Form.JSON:
        write_json(rows)
    else:
        columns = ("notice", "text", "may say")
        write_table(columns, [(r["notice"], r["text"], " ".join(f"${v}" for v in r["may_say"])) for r in rows])
    _tell(faults)


@app.command()
def preview(
    name: Annotated[str, typer.Argument(help="Of a notice, as `notices list` has it.")],
    text: Annotated[
        Path | None, typer.Option("--text", help="Try this file in place of the text that counts.", show_default=False)
    ] = None,
    config_file: ConfigOption = None,
) -> None:
    """Show a notice as somebody would get it, filled in with made-up values; exit code 2 where its text is faulty."""
    from gateway.actions.templates import ALLOWED
    from gateway.documents import nearest
    from gateway.notices.voice import notices_of

    if name not in ALLOWED:
        close = nearest(name, ALLOWED)
        say(f"there is no notice {name}: {f'did you mean {close}?' if close else 'see `gatepost notices list`'}")
        raise typer.Exit(Exit.NOT_FOUND)
    config = load_config(config_file, os.environ)
    notices, faults = notices_of(config, _policy(config).organization)
    if text is not None:
        notices = _with_text(notices, name, text)
    elif wrong := [fault for fault in faults if Path(fault.file).stem == name]:
        raise FaultyFiles(wrong)
    write(_made_up(notices, name).decode("utf-8", "replace").replace("\r\n", "\n").rstrip("\n"))


@app.command()
def check(config_file: ConfigOption = None) -> None:
    """Check the organization's own texts: every fault with file and line, and exit code 2 where there is one."""
    from gateway.notices.voice import own_texts

    config = load_config(config_file, os.environ)
    own, faults = own_texts(config.notices.templates)
    if faults:
        raise FaultyFiles(faults)
    write(f"{len(own)} texts of your own, no faults" if own else "the shipped texts count")


@app.command()
def digest(mail: MailOption = False, config_file: ConfigOption = None) -> None:
    """What waits for review: counts, the gravest and oldest one by one, what is near its end."""
    from gateway.notices.briefing import digest as made

    def one(notices: "Notices", standing: "Standing", remind: timedelta, addressee: str) -> bytes | None:
        return made(notices, standing, remind, addressee)

    _brief("digest", one, mail=mail, config_file=config_file)


@app.command()
def remind(mail: MailOption = False, config_file: ConfigOption = None) -> None:
    """Which held messages will be destroyed soon without a decision; says nothing where there is none."""
    from gateway.notices.briefing import reminder

    _brief("remind", reminder, mail=mail, config_file=config_file)


def _brief(
    what: str,
    make: "Callable[[Notices, Standing, timedelta, str], bytes | None]",
    *,
    mail: bool,
    config_file: Path | None,
) -> None:
    from gateway.notices.briefing import addressees, standing
    from gateway.notices.voice import notices_of
    from gateway.quarantine import Terms
    from gateway.store.database import is_shared
    from gateway.store.members import first_to
    from gateway.wiring.stored import opened

    config = load_config(config_file, os.environ)
    organization = _policy(config).organization
    notices, faults = notices_of(config, organization)
    _tell(faults)
    remind, officers = timedelta(days=config.notices.remind_days), addressees(organization.officers)
    if not officers:
        raise SetupError(f"{config.policy.file}: organization.officers names nobody: who should be told?")
    failed = False
    with opened(config, os.environ) as stored:
        shared = mail and is_shared(stored.engine)
        if shared and not first_to(stored.engine, f"notice:{what}", stored.identity, ONCE_WITHIN):
            say("another gateway on the same database has mailed it today")
            return
        now = datetime.now(UTC)
        terms = Terms(config.retention.days, config.retention.areas)
        stands = standing(stored.quarantine, now, terms.ends)
        for officer in officers if mail else officers[:1]:
            octets = make(notices, stands, remind, officer)
            if octets is None:
                say("nothing to tell")
                return
            if not mail:
                write(octets.decode("utf-8", "replace").replace("\r\n", "\n").rstrip("\n"))
                continue
            try:
                queue_id = stored.submitter.submit("", [officer], [octets])
                write(f"{officer}  mailed as {queue_id}")
            except GatepostError as error:
                say(f"{officer}: {error}")
                failed = True
    if failed:
        raise typer.Exit(Exit.UNAVAILABLE)


def _policy(config: Config) -> "Policy":
    from gateway.cli.ruleset import rules_of

    return rules_of(config.policy.file).policy


def _with_text(notices: "Notices", name: str, file: Path) -> "Notices":
    """With the text of a file for one notice. Raises FaultyFiles."""
    from dataclasses import replace

    from gateway.actions.templates import problems

    try:
        said = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"{file}: cannot be read as UTF-8 text: {type(error).__name__}") from None
    if found := problems(name, said):
        raise FaultyFiles([Fault(str(file), each.line, 1, name, each.what, each.remedy) for each in found])
    return replace(notices, texts={**notices.texts, name: said})


def _made_up(notices: "Notices", name: str) -> bytes:
    """A notice about a message, or messages, that never were."""
    from gateway.actions.templates import ALLOWED
    from gateway.notices.briefing import Standing, digest, reminder
    from gateway.notices.samples import held_items, notice, to_recipient, to_sender

    if "incident" in ALLOWED[name]:
        return notice(notices, name)
    if name.startswith("sender-"):
        return to_sender(notices, name)
    if name.startswith("recipient-"):
        return to_recipient(notices, name)
    now = datetime(2026, 11, 25, 7, tzinfo=UTC)
    items = held_items(now)
    stands = Standing(now, items, 2, lambda item: item.created + timedelta(days=5))
    made = (digest if name == "officer-digest" else reminder)(notices, stands, timedelta(days=3), notices.officer)
    assert made is not None
    return made


def _tell(faults: Sequence[Fault]) -> None:
    """Faulty texts are not used: each is said."""
    for fault in faults:
        say(f"{fault} (the shipped text is used)")
