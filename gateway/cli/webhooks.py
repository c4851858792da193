"""`gatepost webhooks`: who gets events, how far each has come, and trying one."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.exits import Exit
from gateway.cli.output import ConfigOption, Form, FormOption, say, write, write_json, write_table
from gateway.config import Config, load_config

if TYPE_CHECKING:
    from gateway.webhooks import Receiver

app = typer.Typer(help="Receivers of audit events over https.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Of a receiver, as gatepost.yaml has it.")]
TEST = "webhook-test"


@app.command("list")
def list_receivers(config_file: ConfigOption = None, form: FormOption = Form.TEXT) -> None:
    """List the receivers: where events go, which, and how many each has not taken yet."""
    config = load_config(config_file, os.environ)
    rows = [_shown(config, receiver) for receiver in _receivers(config)]
    if form is Form.JSON:
        write_json(rows)
        return
    columns = ("receiver", "url", "events", "waiting", "since", "never in the log")
    write_table(columns, [tuple(_cell(value) for value in row.values()) for row in rows])


@app.command("test")
def try_out(name: Name, config_file: ConfigOption = None) -> None:
    """Send a made-up event of the code webhook-test now, once; exit code 6 where it is not taken."""
    from gateway.webhooks.receiver import Refused
    from gateway.webhooks.sender import deliver

    receiver = _receiver(load_config(config_file, os.environ), name)
    now = int(time.time())
    event = {"metadata": {"event_code": TEST, "uid": f"test-{now}"}, "time": now * 1000, "unmapped": {}}
    try:
        deliver(receiver, event, now)
    except Refused as error:
        say(f"{name}: {error}")
        raise typer.Exit(Exit.UNAVAILABLE) from None
    write(f"{name}  took it")


@app.command()
def skip(name: Name, config_file: ConfigOption = None) -> None:
    """Pass over the one event that a receiver does not take, and go on with the next. The event stays in the log."""
    from gateway.webhooks.position import Positions, lines_from

    config = load_config(config_file, os.environ)
    receiver = _receiver(config, name)
    positions = Positions(config.webhooks.folder, name)
    with positions.held():
        position = positions.read()
        ahead = lines_from(config.audit.folder, position) if position else iter(())
        found = next(((event, behind) for event, behind in ahead if receiver.wants(event)), None)
        if found is None:
            say(f"{name} has taken every event")
            raise typer.Exit(Exit.NOT_FOUND)
        positions.write(found[1])
    write(f"{name}  goes on behind event {found[1].seq}")


@app.command()
def secret(
    file: Annotated[Path, typer.Argument(help="A new file, mode 0600; one that is there gets another secret on top.")],
) -> None:
    """Make a secret. With an older one below it deliveries are signed by both, until the receiver knows the new one."""
    from gateway.store.durable import write_file
    from gateway.webhooks.signing import new_secret, read_secrets

    older = ""
    if os.path.lexists(file):
        read_secrets(file)
        older = file.read_text(encoding="ascii").splitlines()[0].strip() + "\n"
    write_file(file, f"{new_secret()}\n{older}".encode("ascii"))
    write(f"{file}: give its first line to the receiver")


def _receivers(config: Config) -> "tuple[Receiver, ...]":
    from gateway.webhooks import receivers_of

    return receivers_of(config)


def _receiver(config: Config, name: str) -> "Receiver":
    found = next((receiver for receiver in _receivers(config) if receiver.name == name), None)
    if found is None:
        say(f"there is no receiver {name} in webhooks.receivers")
        raise typer.Exit(Exit.NOT_FOUND)
    return found


def _shown(config: Config, receiver: "Receiver") -> dict[str, object]:
    """A code that is misspelt would never be sent: so it is told which are not in the log."""
    from gateway.audit.reading import code, word
    from gateway.webhooks.position import Position, Positions, lines_from

    position = Positions(config.webhooks.folder, receiver.name).read()
    seen: set[str] = set()
    waiting, since = 0, ""
    log = config.audit.folder
    for event, behind in lines_from(log, Position(1, 0, 0)) if log.exists() else ():
        seen.add(code(event))
        if position is not None and behind.seq > position.seq and receiver.wants(event):
            waiting += 1
            since = since or word(event, "time_dt")
    return {
        "receiver": receiver.name,
        "url": receiver.url,
        "events": sorted(receiver.events),
        "waiting": waiting,
        "since": since,
        "unseen": sorted(receiver.events - seen),
    }


def _cell(value: object) -> object:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return "–" if value == "" else value
