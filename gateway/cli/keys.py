"""`gatepost keys`: the keys that seal what Gatepost keeps. Every change of them is in the audit log."""

import os

import typer

from gateway.cli import own_keys
from gateway.cli.evidence import audit_log, record, who
from gateway.cli.output import ConfigOption, Form, FormOption, progress, say, write_json, write_pairs, write_table
from gateway.config import keyring_file, load_config, refuse_lost

app = typer.Typer(help="Make, change and list the keys.", no_args_is_help=True)
app.add_typer(own_keys.app, name="own")


@app.command()
def init(config_file: ConfigOption = None, form: FormOption = Form.TEXT) -> None:
    """Make the keyring, mode 0600. Refused where there is one, and where something is kept that needs one."""
    from gateway.audit import key_events
    from gateway.store.keyring import Keyring

    config = load_config(config_file, os.environ)
    refuse_lost(config, config.store.keyring)
    keyring = Keyring.init(config.store.keyring)
    record(config, keyring, key_events.keys_initialised(key=keyring.current_id, by=who()))
    shown = {"keyring": str(config.store.keyring), "key": keyring.current_id}
    write_json(shown) if form is Form.JSON else write_pairs(shown)
    say("Keep a copy of this file in a safe place: what is sealed with it cannot be opened without it.")


@app.command()
def rotate(config_file: ConfigOption = None, form: FormOption = Form.TEXT) -> None:
    """Add a key that seals from now on; the old one still opens what it sealed. A running gateway needs a restart."""
    from gateway.audit import key_events
    from gateway.store.keyring import Keyring
    from gateway.wiring.opening import keep_portal_keys

    config = load_config(config_file, os.environ)
    refuse_lost(config, config.store.keyring)
    old = Keyring.load(config.store.keyring)
    # Opened before the keys change: without a place for the evidence nothing is changed.
    with audit_log(config, old) as log:
        new = Keyring.rotate(config.store.keyring)
        log.append(key_events.keys_rotated(key=new.current_id, retired=old.current_id, by=who()))
        if os.path.lexists(config.portal.keyring):
            keep_portal_keys(config, new)
    shown = {"keyring": str(config.store.keyring), "key": new.current_id, "retired": old.current_id}
    write_json(shown) if form is Form.JSON else write_pairs(shown)
    say("Restart the gateway to use the new key. `gatepost keys rewrap` seals the keys of kept items with it.")


@app.command()
def portal(config_file: ConfigOption = None, form: FormOption = Form.TEXT) -> None:
    """Write the keys of the portal, mode 0600, and seal what waits with them: then it needs the keyring no more.

    They are made of the keyring; they open no held message and sign no audit log. Restart the portal afterwards.
    """
    from gateway.audit import key_events
    from gateway.store.keyring import Keyring
    from gateway.store.members import bind_portal_keyring
    from gateway.wiring.opening import database_of, keep_portal_keys, pickups_of

    config = load_config(config_file, os.environ)
    keyring = Keyring.load(keyring_file(config, os.environ))
    portal_keys = keyring.for_portal()
    engine = database_of(config)
    try:
        bind_portal_keyring(engine, portal_keys)
        pickups = pickups_of(config, engine, keyring)
        with audit_log(config, keyring) as log:
            written = keep_portal_keys(config, keyring)
            changed = sum(pickups.rewrap()) if pickups is not None else 0
            log.append(key_events.portal_keys_written(key=portal_keys.current_id, count=changed, by=who()))
    finally:
        engine.dispose()
    shown = {"keyring": str(config.portal.keyring), "key": portal_keys.current_id, "written": written}
    shown |= {"rewrapped": changed}
    write_json(shown) if form is Form.JSON else write_pairs(shown)


@app.command("list")
def list_keys(config_file: ConfigOption = None, form: FormOption = Form.TEXT) -> None:
    """List the keys of the keyring, oldest first, without the keys themselves."""
    from gateway.store.keyring import Keyring

    keyring = Keyring.load(keyring_file(load_config(config_file, os.environ), os.environ))
    rows = [{"key": key.id, "created": key.created.isoformat(), "state": key.state} for key in keyring.list()]
    if form is Form.JSON:
        for row in rows:
            write_json(row, indent=None)
    else:
        write_table(("key", "created", "state"), [tuple(row.values()) for row in rows])


@app.command()
def rewrap(config_file: ConfigOption = None, form: FormOption = Form.TEXT) -> None:
    """Seal the data keys of all kept items with the active key, so that a retired one opens nothing any more."""
    from gateway.audit import key_events
    from gateway.keys import OwnKeys
    from gateway.store.keyring import Keyring
    from gateway.wiring.opening import blobs_of, database_of, pickups_of

    config = load_config(config_file, os.environ)
    Keyring.tidy(config.store.keyring)
    keyring = Keyring.load(keyring_file(config, os.environ))
    blobs = blobs_of(config, keyring)
    changed = 0
    with progress("items") as advance:
        for item in blobs.ids():
            changed += blobs.rewrap(item)
            advance()
    engine = database_of(config)
    changed += OwnKeys(engine, keyring).rewrap()
    if (pickups := pickups_of(config, engine, keyring)) is not None:
        changed += sum(pickups.rewrap())
    engine.dispose()
    record(config, keyring, key_events.items_rewrapped(key=keyring.current_id, count=changed, by=who()))
    shown = {"key": keyring.current_id, "rewrapped": changed}
    write_json(shown) if form is Form.JSON else write_pairs(shown)
