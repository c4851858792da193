"""`gatepost recipients`: what recipients can read, and what would be used for one."""

import os
from collections.abc import Callable, Iterator
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
from gateway.config import keyring_file, load_config
from gateway.core.errors import SetupError

if TYPE_CHECKING:
    from gateway.keys import Directory, KeyBook
    from gateway.keys.intake import Intake
    from gateway.keys.records import RecipientKey

app = typer.Typer(help="Certificates, keys and TLS lanes of recipients.", no_args_is_help=True)

Address = Annotated[str, typer.Argument(help="A mail address.", metavar="ADDRESS")]
LARGEST = 4 << 20


@dataclass(frozen=True, slots=True)
class _Opened:
    book: "KeyBook"
    directory: "Directory"
    intake: "Intake"
    tell_lane: Callable[[str, str], None]


@contextmanager
def _opened(config_file: Path | None) -> Iterator[_Opened]:
    """Store and audit log; every change is evidence before the command ends."""
    from gateway.audit import key_events
    from gateway.keys import KeyBook
    from gateway.store.keyring import Keyring
    from gateway.wiring.opening import database_of
    from gateway.wiring.protection import directory_of, intake_of, told_in

    config = load_config(config_file, os.environ)
    keyring = Keyring.load(keyring_file(config, os.environ))
    engine = database_of(config)
    try:
        with audit_log(config, keyring) as log:

            def tell_lane(domain: str, lane: str) -> None:
                log.append(key_events.recipient_lane(domain=domain, lane=lane, by=who()))

            book = KeyBook(engine)
            yield _Opened(
                book,
                directory_of(config, engine, keyring),
                intake_of(config, book, told_in(log.append, who())),
                tell_lane,
            )
    finally:
        engine.dispose()


@app.command("import")
def import_keys(
    files: Annotated[
        list[Path],
        typer.Argument(help="Certificates (PEM, DER, PKCS#7), OpenPGP keys, messages with an Autocrypt field."),
    ],
    address: Annotated[
        list[str] | None, typer.Option(help="Only for this address. Default: all that each names.", show_default=False)
    ] = None,
    cbc: Annotated[bool, typer.Option("--cbc", help="The recipient's program cannot read AES-GCM.")] = False,
    accept: Annotated[bool, typer.Option("--accept", help="Also in place of another OpenPGP key.")] = False,
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Take in certificates and keys. Each is checked; one that may not be used is kept with the reason."""
    from gateway.keys.autocrypt import key_in
    from gateway.keys.records import Source, State

    wanted = [_form(one) for one in address or []]
    refused = False
    with _opened(config_file) as opened:
        for file in files:
            octets = read_file(file, LARGEST + 1)
            if (seen := key_in(octets)) and (not wanted or seen[0] in wanted):
                taken = opened.intake.take(seen[1], Source.AUTOCRYPT, [seen[0]], accept=accept, by=who())
            else:
                manner = "cbc" if cbc else "gcm"
                taken = opened.intake.take(octets, Source.MANUAL, wanted, manner=manner, accept=accept, by=who())
            if not taken:
                say(f"{file}: there is no certificate or OpenPGP key for a mail address in it")
                refused = True
            for key in taken:
                refused |= key.state is not State.ACTIVE
                _tell(key, form)
    if refused:
        raise typer.Exit(Exit.REFUSED)


@app.command("list")
def list_keys(config_file: ConfigOption = None, form: FormOption = Form.TEXT) -> None:
    """List all certificates, keys and TLS lanes. With --format json: JSON Lines."""
    with _opened(config_file) as opened:
        keys, lanes = opened.book.all_keys(), opened.book.all_lanes()
    rows = [
        {"for": key.address, "method": key.method.value, "state": key.state.value, "source": key.source.value}
        | {"manner": key.manner, "until": _day(key.not_after), "key": key.fingerprint, "reason": key.reason}
        for key in keys
    ]
    rows += [
        {"for": lane.domain, "method": "tls", "state": "active", "source": lane.source.value}
        | {"manner": lane.lane.value, "until": _day(lane.expires), "key": "", "reason": lane.reason}
        for lane in lanes
    ]
    if form is Form.JSON:
        for row in rows:
            write_json(row, indent=None)
    else:
        columns = ("for", "method", "state", "source", "manner", "until", "key", "reason")
        write_table(columns, [tuple(row.values()) for row in rows])


@app.command()
def show(address: Address, config_file: ConfigOption = None, form: FormOption = Form.TEXT) -> None:
    """Show every key that is known for an address."""
    with _opened(config_file) as opened:
        keys = opened.book.keys_of([_form(address)])
    if not keys:
        say(f"nothing is known for {address}")
        raise typer.Exit(Exit.NOT_FOUND)
    for key in keys:
        _tell(key, form)


@app.command("test")
def would_use(address: Address, config_file: ConfigOption = None, form: FormOption = Form.TEXT) -> None:
    """Say what would be used for an address now, and why; exit code 4 where nothing can be."""
    with _opened(config_file) as opened:
        ways = opened.directory.explain(address)
    if form is Form.JSON:
        for way in ways:
            write_json(
                {"method": way.method.value, "usable": way.usable, "why": way.words}
                | {"key": way.fingerprint, "manner": way.manner},
                indent=None,
            )
    else:
        for way in ways:
            word = "yes" if way.usable else "no "
            write(f"{word}  {way.method.value:<6} {way.manner:<10} {way.words}")
            if way.fingerprint:
                write(f"            {way.fingerprint}")
    if not any(way.usable for way in ways):
        say(f"{address} cannot be reached protected: a rule that asks for encryption does what its otherwise says")
        raise typer.Exit(Exit.NOT_FOUND)


@app.command()
def accept(
    address: Address,
    fingerprint: Annotated[str, typer.Argument(help="As `recipients show` tells it.")],
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Accept an OpenPGP key that waits because the address had another one."""
    from gateway.keys.records import State

    with _opened(config_file) as opened:
        known = _form(address)
        waiting = [key for key in opened.book.keys_of([known]) if key.state is State.PENDING]
        chosen = [key for key in waiting if key.fingerprint.lower() == fingerprint.lower()]
        if not chosen:
            say(f"no key of that fingerprint waits for {address}")
            raise typer.Exit(Exit.NOT_FOUND)
        _tell(opened.intake.accept(chosen[0], who()), form)


@app.command()
def remove(
    address: Address,
    fingerprint: Annotated[str, typer.Argument(help="Only this key.")] = "",
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Forget the keys of an address."""
    with _opened(config_file) as opened:
        known = _form(address)
        for key in opened.book.keys_of([known]):
            if not fingerprint or key.fingerprint.lower() == fingerprint.lower():
                opened.intake.forget(key, who())
                _tell(key, form)


@app.command()
def lane(
    domain: Annotated[str, typer.Argument(help="A domain, or '*.domain' for all below it.")],
    lane: Annotated[str, typer.Argument(help="encrypt, secure, dane-only; none: TLS does not count; forget.")],
    config_file: ConfigOption = None,
) -> None:
    """Say by which TLS lane a domain is reached, whatever look-ups find."""
    from gateway.keys.records import DomainLane, Lane, Source, form

    plain = domain.removeprefix("*.")
    known = form(f"x@{plain}").partition("@")[2]
    if not known or lane not in {*Lane, "forget"}:
        raise typer.BadParameter(f"a domain, then one of {', '.join(Lane)}, forget")
    name = f"*.{known}" if domain.startswith("*.") else known
    with _opened(config_file) as opened:
        tell = partial(opened.tell_lane, name, lane)
        if lane == "forget":
            opened.book.remove_lane(name, Source.MANUAL, tell)
        else:
            opened.book.put_lane(DomainLane(name, Lane(lane), Source.MANUAL), tell)
    write_pairs({"domain": name, "lane": lane})


def _form(address: str) -> str:
    from gateway.keys.records import form

    known = form(address)
    if not known:
        raise SetupError(f"{address}: this is no address of one mailbox at one domain")
    return known


def _tell(key: "RecipientKey", form: Form) -> None:
    shown = {
        "address": key.address,
        "method": key.method.value,
        "state": key.state.value,
        "source": key.source.value,
        "key": key.fingerprint,
        "until": _day(key.not_after),
    }
    shown |= {"manner": key.manner} if key.manner else {}
    shown |= {"why": key.reason} if key.reason else {}
    write_json(shown, indent=None) if form is Form.JSON else write_pairs(shown)


def _day(when: object) -> str:
    return str(when)[:10] if when else ""
