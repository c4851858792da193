"""`gatepost backup` and `gatepost restore`."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.evidence import audit_log, who
from gateway.cli.output import ConfigOption, Form, FormOption, say, write_json, write_pairs
from gateway.config import Config, configuration_file, keyring_file, load_config
from gateway.core.errors import SetupError

SYSTEM_FILE = Path("/etc/gatepost/gatepost.yaml")


def backup(
    archive: Annotated[Path, typer.Argument(help="The file to write. It must not be there yet.")],
    with_keyring: Annotated[
        bool, typer.Option("--with-keyring", help="Put the keyring in too: who has the file then reads all of it.")
    ] = False,
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Copy what is kept (database, sealed messages, audit log, keys of recipients, configuration, rules) into one file.

    Mail flows on. The keyring stays out, so that the file alone opens nothing: keep a copy of it elsewhere.
    """
    import sqlite3  # noqa: F401 - loaded before root acts as a user who may not read root's interpreter

    from gateway.audit import events
    from gateway.backup import staged, write_archive
    from gateway.store.durable import new_file, publish
    from gateway.store.keyring import Keyring
    from gateway.store.owner import as_owner

    config = load_config(config_file, os.environ)
    if archive.exists():
        raise SetupError(f"{archive} is there already: name a new file")
    settings = configuration_file(config_file, os.environ)
    with new_file(archive.absolute()) as (file, temporary), as_owner(config.store.folder):
        keyring = keyring_file(config, os.environ)
        with audit_log(config, Keyring.load(keyring)) as log:
            log.append(events.backup_made(keyring=with_keyring, by=who()))
        with staged(config) as pieces:
            manifest = write_archive(
                file,
                pieces,
                settings=settings,
                policy=config.policy.file,
                keyring=keyring if with_keyring else None,
                now=datetime.now(UTC),
            )
    publish(temporary, archive.absolute())
    told = {"file": str(archive), "files": len(manifest.files), "bytes": manifest.octets, "held": manifest.sealed}
    if form is Form.JSON:
        write_json(told)
        return
    write_pairs(told)
    if not with_keyring:
        say("The keyring is not in it: keep a copy of it elsewhere, or nothing sealed can be opened after a restore.")


def restore(
    archive: Annotated[Path, typer.Argument(help="A file that `gatepost backup` wrote.")],
    keyring: Annotated[
        Path | None, typer.Option(help="Your copy of the keyring, where the backup has none.", show_default=False)
    ] = None,
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Put a backup into an empty place. Configuration and rules are written where there are none yet.

    Every file is compared with its digest, the audit log verified, before the command says that it is done. Messages,
    evidence or a database that are there already, those of a new installation too, have to be moved aside first: the
    command names them and says how.
    """
    import sqlite3  # noqa: F401 - as above

    from gateway.backup import placed_settings
    from gateway.backup import restore as put_back
    from gateway.store.owner import as_owner

    settings = config_file or configuration_file(None, os.environ) or SYSTEM_FILE
    given = keyring.read_bytes() if keyring is not None else None
    with archive.open("rb") as file, placed_settings(file, settings) as written:
        config = load_config(settings, os.environ)
        config.store.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with as_owner(config.store.folder):
            restored = put_back(file, config, given)
            manifest, replaced = restored.manifest, restored.replaced
            noted = _noted(config, manifest.created)
    told = {
        "from": manifest.created,
        "files": len(manifest.files),
        "held": manifest.sealed,
        "events": noted,
        "settings": len(written),
        **({"keyring_replaced": str(replaced)} if replaced else {}),
        **({"schema": restored.schema} if restored.schema else {}),
    }
    write_json(told) if form is Form.JSON else write_pairs(told)
    if replaced:
        say(f"Another keyring was there; it is {replaced} now. Keep it for as long as anything may need it.")
    if restored.schema:
        say(
            f"The database is of an older Gatepost (schema {restored.schema}): the first start brings it to its new"
            " form. Rules of an older Gatepost may need a change: gatepost policy check names it."
        )
    say("Now: gatepost config check, gatepost policy check, gatepost doctor, then start Gatepost.")


def _noted(config: Config, created: str) -> int:
    """The restore is an event of its own. Number of events in the log."""
    from gateway.audit import events
    from gateway.store.keyring import Keyring

    with audit_log(config, Keyring.load(keyring_file(config, os.environ))) as log:
        log.append(events.backup_restored(made=created, by=who()))
        return log.last_seq
