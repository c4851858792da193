"""`gatepost keys own`: the organization's certificates and OpenPGP keys, with which it signs what it encrypts."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.evidence import audit_log, who
from gateway.cli.exits import Exit
from gateway.cli.output import (
    ConfigOption,
    Form,
    FormOption,
    read_file,
    say,
    write,
    write_json,
    write_pairs,
    write_table,
)
from gateway.config import Config, keyring_file, load_config
from gateway.core.errors import SetupError

if TYPE_CHECKING:
    from gateway.audit.log import AuditLog
    from gateway.keys import OwnKeys
    from gateway.keys.making import Made
    from gateway.keys.own import OwnKey

app = typer.Typer(help="The organization's certificates and OpenPGP keys.", no_args_is_help=True)

Fingerprint = Annotated[str, typer.Argument(help="As `keys own list` tells it; its beginning is enough.")]
Mail = Annotated[str, typer.Argument(help="The mail address it is for.", metavar="ADDRESS")]
Name = Annotated[str, typer.Option(help="A name beside the address.", show_default=False)]


@dataclass(frozen=True, slots=True)
class _Opened:
    config: Config
    own: "OwnKeys"
    log: "AuditLog"

    def keep(self, made: "Made") -> None:
        """Seal it, and say so."""
        from gateway.audit import key_events

        what = "added" if made.public else "requested"
        event = key_events.own_key(what, method=made.method.value, fingerprint=made.fingerprint, by=who())
        tell = partial(self.log.append, event)
        key = self.own.add(made.method, made.fingerprint, made.public, made.private, made.not_after, who(), tell)
        shown = {"method": key.method.value, "key": key.fingerprint, "state": key.state, "until": _day(made.not_after)}
        say("\n".join(f"{name}: {value}" for name, value in shown.items() if value))


@contextmanager
def _opened(config_file: Path | None) -> Iterator[_Opened]:
    from gateway.keys import OwnKeys
    from gateway.store.keyring import Keyring
    from gateway.store.members import bind_keyring
    from gateway.wiring.opening import database_of

    config = load_config(config_file, os.environ)
    keyring = Keyring.load(keyring_file(config, os.environ))
    engine = database_of(config)
    try:
        bind_keyring(engine, keyring)
        with audit_log(config, keyring) as log:
            yield _Opened(config, OwnKeys(engine, keyring), log)
    finally:
        engine.dispose()


@app.command()
def request(address: Mail, name: Name = "", config_file: ConfigOption = None) -> None:
    """Make an S/MIME key; the request for its certificate goes to standard output, to be sent to an authority."""
    from gateway.keys.making import request_certificate

    with _opened(config_file) as opened:
        made = request_certificate(address, name)
        opened.keep(made)
        write(made.request.rstrip())


@app.command()
def generate(
    address: Mail,
    name: Name = "",
    years: Annotated[int, typer.Option(min=1, max=20, help="Until it expires.")] = 2,
    config_file: ConfigOption = None,
) -> None:
    """Make an OpenPGP key; its public part goes to standard output."""
    from gateway.keys.making import generate_openpgp

    with _opened(config_file) as opened:
        made = generate_openpgp(address, name, years, opened.own.passphrase)
        opened.keep(made)
        write(made.public.rstrip())


@app.command("import")
def import_key(
    file: Annotated[Path, typer.Argument(help="PEM: a certificate, its chain, its key. Or an OpenPGP secret key.")],
    password_file: Annotated[
        Path | None, typer.Option(help="File whose first line protects the private key.", show_default=False)
    ] = None,
    config_file: ConfigOption = None,
) -> None:
    """Take in a certificate with its private key, the certificate that was requested, or an OpenPGP secret key."""
    from gateway.keys.making import certificate_of, key_ids_in, openpgp_of

    octets = read_file(file)
    password = _password_in(password_file) if password_file else None
    with _opened(config_file) as opened:
        # what openssl makes of a .p12 file has words before each part
        if b"BEGIN PGP PRIVATE KEY" in octets or b"-----BEGIN " not in octets:
            # under the passphrase that all of ours are under, or none: GnuPG asks for it where it exports
            with _telling_of(file):
                opened.keep(openpgp_of(octets, opened.own.passphrase))
            return
        wanted = key_ids_in(octets)
        known = next((key for key in opened.own.list() if key.fingerprint in wanted), None)
        private = opened.own.private(known) if known and b"PRIVATE KEY" not in octets else b""
        with _telling_of(file):
            opened.keep(certificate_of(octets, password, private))


@app.command("list")
def list_keys(config_file: ConfigOption = None, form: FormOption = Form.TEXT) -> None:
    """List them, the newest first. The newest active one of each method signs."""
    with _opened(config_file) as opened:
        keys = opened.own.list()
    rows = [
        {"method": key.method.value, "state": key.state, "until": _day(key.not_after), "added": _day(key.added)}
        | {"key": key.fingerprint}
        for key in keys
    ]
    if form is Form.JSON:
        for row in rows:
            write_json(row, indent=None)
    else:
        write_table(("method", "state", "until", "added", "key"), [tuple(row.values()) for row in rows])


@app.command()
def export(fingerprint: Fingerprint, config_file: ConfigOption = None) -> None:
    """Write the public part to standard output: PEM with its chain, or armored."""
    with _opened(config_file) as opened:
        write(_chosen(opened.own, fingerprint).public.rstrip())


@app.command()
def retire(fingerprint: Fingerprint, config_file: ConfigOption = None) -> None:
    """Sign with a key no more. A running gateway takes the next one from its next message on."""
    from gateway.audit import key_events

    with _opened(config_file) as opened:
        key = _chosen(opened.own, fingerprint)
        event = key_events.own_key("retired", method=key.method.value, fingerprint=key.fingerprint, by=who())
        opened.own.retire(key.fingerprint, partial(opened.log.append, event))
    write_pairs({"key": key.fingerprint, "state": "retired"})


def _chosen(own: "OwnKeys", fingerprint: str) -> "OwnKey":
    found = [key for key in own.list() if key.fingerprint.lower().startswith(fingerprint.lower())]
    if len(found) != 1:
        say("there is no such key" if not found else "several keys begin so: give more of the fingerprint")
        raise typer.Exit(Exit.NOT_FOUND)
    return found[0]


@contextmanager
def _telling_of(file: Path) -> Iterator[None]:
    """What is wrong with it is told with its name."""
    try:
        yield
    except SetupError as error:
        raise SetupError(f"{file}: {error}") from None


def _password_in(file: Path) -> bytes:
    first = read_file(file).partition(b"\n")[0].rstrip(b"\r")
    if not first:
        raise SetupError(f"{file}: its first line is empty: the password belongs there")
    return first


def _day(when: object) -> str:
    return str(when)[:10] if when else ""
