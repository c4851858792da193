"""`gatepost pickups`: what waits at the portal, for whom and until when, and taking it back."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.evidence import who
from gateway.cli.exits import Exit, exit_of
from gateway.cli.output import ConfigOption, Form, FormOption, say, write, write_json, write_table
from gateway.config import load_config
from gateway.core.errors import GatepostError

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.audit.log import AuditLog
    from gateway.pickup import Pickup, Pickups
    from gateway.wiring.stored import Stored

app = typer.Typer(help="List and revoke messages that wait at the portal.", no_args_is_help=True)


@contextmanager
def _opened(config_file: "Path | None") -> "Iterator[tuple[Stored, Pickups]]":
    from gateway.core.errors import SetupError
    from gateway.wiring.stored import opened

    with opened(load_config(config_file, os.environ), os.environ) as stored:
        if stored.pickups is None:
            raise SetupError("portal: there is none, and never was: docs/portal.md says how to set one up")
        yield stored, stored.pickups


@app.command("list")
def list_pickups(
    state: Annotated[str, typer.Option(help="waiting, expired, revoked or all.")] = "waiting",
    recipient: Annotated[str, typer.Option("--to", help="Of this recipient.", show_default=False)] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 1_000_000,
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """List what waits, newest first: for whom, until when, whether it was opened. With --format json: JSON Lines."""
    from gateway.pickup import State, events

    if state not in {"all", *State}:
        raise typer.BadParameter("waiting, expired, revoked or all", param_hint="--state")
    with _opened(config_file) as (stored, pickups):
        found = list(pickups.list(None if state == "all" else State(state), recipient, limit))
        stored.audit.append(events.listed(by=who(), found=len(found)))
    if form is Form.JSON:
        for pickup in found:
            write_json(_shown(pickup), indent=None)
        return
    columns = ("pickup", "created", "until", "state", "opened", "to", "from", "incident", "bytes")
    write_table(columns, [_row(pickup) for pickup in found])


@app.command()
def revoke(
    ids: Annotated[
        list[str], typer.Argument(help="Ids as `pickups list` has them; the beginning is enough.", metavar="PICKUP...")
    ],
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Take messages back: their links open nothing from now on, and their keys are destroyed."""
    worst = Exit.OK
    with _opened(config_file) as (stored, pickups):
        for wanted in ids:
            try:
                done = _taken_back(pickups, pickups.meant_by(wanted), stored.audit)
            except GatepostError as error:
                worst = worst or exit_of(error)
                say(f"{wanted}: {error}")
                continue
            if form is Form.JSON:
                write_json(_shown(done), indent=None)
            else:
                write(f"{done.id[:16]}  {done.state.value}")
    if worst:
        raise typer.Exit(worst)


def _taken_back(pickups: "Pickups", pickup: "Pickup", audit: "AuditLog") -> "Pickup":
    """What became of it. The link is dead first, then evidence is written, then the key destroyed.

    Where the evidence cannot be written the key stays, and the same again writes it.
    """
    from gateway.pickup import PickupUnknown, State, events

    if pickup.state is State.WAITING:
        pickups.end(pickup, State.REVOKED, who())
    done = pickups.get(pickup.id)
    if done.state is State.WAITING:
        raise PickupUnknown("the same message was sent once more at this moment, and waits anew: try again")
    if done.state is State.REVOKED and pickups.is_sealed(done.id):
        audit.append(events.ended(done, State.REVOKED, done.ended_by))
        pickups.destroy(done.id)
    return done


def _shown(pickup: "Pickup") -> dict[str, Any]:
    return {
        "pickup": pickup.id,
        "state": pickup.state.value,
        "to": pickup.recipient,
        "from": pickup.mail_from,
        "incident": pickup.incident,
        "created": pickup.created.isoformat(),
        "until": pickup.expires.isoformat(),
        "opened": pickup.opened.isoformat() if pickup.opened else None,
        "ended": pickup.ended.isoformat() if pickup.ended else None,
        "ended_by": pickup.ended_by,
        "bytes": pickup.size,
    }


def _row(pickup: "Pickup") -> tuple[object, ...]:
    return (
        pickup.id[:16],
        f"{pickup.created:%Y-%m-%d %H:%M}",
        f"{pickup.expires:%Y-%m-%d}",
        pickup.state.value,
        f"{pickup.opened:%Y-%m-%d %H:%M}" if pickup.opened else "no",
        pickup.recipient,
        pickup.mail_from or "<>",
        pickup.incident,
        pickup.size,
    )
