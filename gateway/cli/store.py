"""`gatepost store`: what is kept, as a whole."""

import os
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.evidence import audit_log, who
from gateway.cli.output import ConfigOption, Form, FormOption, progress, say, write_json, write_pairs
from gateway.config import keyring_file, load_config

app = typer.Typer(help="Copy all that is kept from one store to another.", no_args_is_help=True)


@app.command()
def copy(
    to: Annotated[Path, typer.Argument(help="A configuration that names an empty store.")],
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Copy database and sealed messages to the store of another configuration, such as from a folder to servers.

    The gateway must be stopped; the old store stays as it is. Audit log and keyring are the machine's, and stay too.
    """
    from gateway.audit import events
    from gateway.backup.copying import copy_store
    from gateway.store.keyring import Keyring

    source, target = load_config(config_file, os.environ), load_config(to, os.environ)
    keyring = Keyring.load(keyring_file(source, os.environ))
    with audit_log(source, keyring) as log, progress("sealed messages") as advance:
        copied = copy_store(source, target, keyring, advance)
        log.append(events.store_copied(rows=copied.rows, messages=copied.messages, by=who()))
    shown = {"rows": copied.rows, "messages": copied.messages}
    write_json(shown) if form is Form.JSON else write_pairs(shown)
    say("Put the new settings into the gateway's configuration and start it. Keep the old store until all is well.")
