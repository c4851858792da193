"""`gatepost postfix`: put Gatepost into the Postfix of this machine, and take it out again."""

import os
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.evidence import record, who
from gateway.cli.exits import Exit
from gateway.cli.output import ConfigOption, Form, FormOption, say, write, write_json
from gateway.config import Config, keyring_file, load_config
from gateway.core.errors import GatepostError, SetupError

if TYPE_CHECKING:
    from gateway.postfix import Change, Insertion, Outcome, Proposal, Survey
    from gateway.postfix.probe import Probe

app = typer.Typer(help="Put Gatepost into a Postfix, and take it out again.", no_args_is_help=True)

FolderOption = Annotated[
    Path | None,
    typer.Option(
        "--postfix-config", help="Folder of main.cf and master.cf. Default: what postconf says.", show_default=False
    ),
]
BeforeOption = Annotated[
    str,
    typer.Option(
        "--before",
        help="Address of the milter that Gatepost goes before. Default: the first that looks like a signer, else all.",
    ),
]
IncludeOption = Annotated[
    list[str] | None,
    typer.Option("--include", help="A listener with milters switched off, to be filtered too.", show_default=False),
]
LanesOption = Annotated[
    bool,
    typer.Option("--tls-lanes", help="Also the transports that send encrypted or not at all (docs/encryption.md)."),
]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Also while Gatepost does not answer: Postfix defers all mail until it does.")
]
NoProbeOption = Annotated[bool, typer.Option("--no-probe", help="Send no probe message after the change.")]


@app.command()
def plan(
    config_file: ConfigOption = None,
    postfix_config: FolderOption = None,
    before: BeforeOption = "",
    include: IncludeOption = None,
    tls_lanes: LanesOption = False,
    form: FormOption = Form.TEXT,
) -> None:
    """Show what would change in Postfix's configuration, and why. Nothing is touched."""
    place = _Place(postfix_config, before, tuple(include or ()), tls_lanes)
    insertion, folder = _insertion(load_config(config_file, os.environ), place)
    _show_plan(insertion.plan(), folder, form)


@app.command()
def apply(
    config_file: ConfigOption = None,
    postfix_config: FolderOption = None,
    before: BeforeOption = "",
    include: IncludeOption = None,
    tls_lanes: LanesOption = False,
    force: ForceOption = False,
    no_probe: NoProbeOption = False,
    form: FormOption = Form.TEXT,
) -> None:
    """Make these changes, check, reload and send a probe; where anything fails Postfix is left as it was.

    The files as they were stay beside the new ones, named *.before-gatepost.
    """
    config = load_config(config_file, os.environ)
    insertion, folder = _insertion(config, _Place(postfix_config, before, tuple(include or ()), tls_lanes))
    if not force:
        _must_answer(config)
    prober = None if no_probe else _prober(config)
    outcome = insertion.apply(prober or _no_probe)
    _recorded(config, "inserted", folder, outcome)
    proof = {"proven": prober.proven, "unproven": prober.unproven} if prober else {"proven": [], "unproven": []}
    if form is Form.JSON:
        write_json({"changed": [_plain(change) for change in outcome.changes], "notes": list(outcome.notes),
                    "reloaded": outcome.reloaded, **proof})  # fmt: skip
        return
    _show_outcome(outcome, "nothing to do: all mail of this Postfix comes to Gatepost already")
    for listener in proof["proven"]:
        write(f"probed: a message by {listener} came to Gatepost")
    for listener in proof["unproven"]:
        write(f"not probed: {listener}")
    if tls_lanes and outcome.changes:
        write("Postfix knows the TLS lanes now. Say so in gatepost.yaml and restart Gatepost: "
              "postfix.lanes: [encrypt, secure, dane-only], and postfix.mail-log for the proofs")  # fmt: skip
    if outcome.changes and not outcome.reloaded:
        write("Postfix does not run: the changes count when it starts")
    elif outcome.changes:
        write(f"Postfix in {folder} was reloaded and sends its mail by Gatepost now; gatepost postfix remove undoes it")


@app.command()
def remove(config_file: ConfigOption = None, postfix_config: FolderOption = None, form: FormOption = Form.TEXT) -> None:
    """Give Postfix its configuration back: byte for byte, or where you changed it since, without Gatepost's part."""
    config = load_config(config_file, os.environ)
    insertion, folder = _insertion(config, _Place(postfix_config))
    outcome = insertion.remove()
    _recorded(config, "removed", folder, outcome)
    if form is Form.JSON:
        write_json({"undone": [_plain(change) for change in outcome.changes], "notes": list(outcome.notes),
                    "reloaded": outcome.reloaded})  # fmt: skip
        return
    for note in outcome.notes:
        write(note)
    if outcome.changes:
        write(f"Postfix in {folder} is without Gatepost again" + (" and was reloaded" if outcome.reloaded else ""))


@dataclass(frozen=True, slots=True)
class _Place:
    """What the options say: which Postfix, and where in it."""

    folder: Path | None
    before: str = ""
    include: tuple[str, ...] = ()
    tls_lanes: bool = False


def _insertion(config: Config, place: _Place) -> "tuple[Insertion, Path]":
    from gateway.postfix import Insertion, PostfixTools, wish_of
    from gateway.postfix.lanes import NAMES
    from gateway.postfix.tools import default_folder

    folder = (place.folder or default_folder()).resolve()
    lanes = NAMES if place.tls_lanes else ()
    wish = wish_of(config, before=place.before, include=place.include, lanes=lanes)
    return Insertion(PostfixTools(folder), wish), folder


def _must_answer(config: Config) -> None:
    """Postfix would defer all mail while nobody answers its milter."""
    port = config.status.port
    url = f"http://{config.status.host}:{port}/readyz"
    try:
        with urllib.request.urlopen(url, timeout=5):
            return
    except OSError:
        raise SetupError(
            f"Gatepost does not answer on {url}, so Postfix would defer all mail. Start it first "
            "(systemctl start gatepost-milter), or use --force"
        ) from None


def _prober(config: Config) -> "Probe":
    from gateway.core.probe import ProbeMark
    from gateway.postfix import wish_of
    from gateway.postfix.probe import Probe
    from gateway.store.keyring import Keyring
    from gateway.store.owner import as_owner
    from gateway.wiring.stored import now

    with as_owner(config.store.folder):
        keyring = Keyring.load(keyring_file(config, os.environ))
    return Probe(ProbeMark(keyring.derive("probe")), now, wish_of(config))


def _no_probe(survey: "Survey") -> list[str]:
    return []


def _recorded(config: Config, what: str, folder: Path, outcome: "Outcome") -> None:
    """Into the audit log, as the user whose log it is; a log that cannot be written undoes nothing."""
    if not outcome.changes:
        return
    from gateway.audit import events
    from gateway.store.keyring import Keyring
    from gateway.store.owner import as_owner

    event = events.postfix_changed(what=what, changes=len(outcome.changes), by=who())
    try:
        with as_owner(config.store.folder):
            record(config, Keyring.load(keyring_file(config, os.environ)), event)
    except (GatepostError, OSError) as error:
        say(f"the change of {folder} holds, but could not be noted in the audit log: {error}")


def _show_plan(proposal: "Proposal", folder: Path, form: Form) -> None:
    if form is Form.JSON:
        write_json({"changes": [_plain(change) for change in proposal.changes], "notes": list(proposal.notes),
                    "refusals": list(proposal.refusals)})  # fmt: skip
    else:
        _show_changes(proposal.changes, "nothing to do: all mail of this Postfix comes to Gatepost already")
        for note in proposal.notes:
            write(f"note: {note}")
        for refusal in proposal.refusals:
            say(f"not possible: {refusal}")
        if proposal.changes and not proposal.refusals:
            write(f"gatepost postfix apply makes these changes in {folder}, and undoes them where anything fails.")
    if proposal.refusals:
        raise typer.Exit(Exit.USAGE)


def _show_outcome(outcome: "Outcome", nothing: str) -> None:
    _show_changes(outcome.changes, nothing)
    for note in outcome.notes:
        write(f"note: {note}")


def _show_changes(changes: "tuple[Change, ...]", nothing: str) -> None:
    from gateway.postfix.insertion import shown

    for change in changes:
        write(shown(change))
    if not changes:
        write(nothing)


def _plain(change: "Change") -> dict[str, object]:
    return {"place": change.place, **asdict(change)}
