"""`gatepost fingerprint`: forms of your own, so that filled-in ones are known in mail."""

import mimetypes
import os
import re
from base64 import encodebytes
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.evidence import record, who
from gateway.cli.exits import Exit
from gateway.cli.output import ConfigOption, Form, FormOption, say, write, write_json, write_table
from gateway.config import Config, keyring_file, load_config
from gateway.core.errors import SetupError

if TYPE_CHECKING:
    from gateway.core.message import Content
    from gateway.detect.forms.shelf import BlankForm

app = typer.Typer(
    help="Teach Gatepost your forms, so that it knows them when they are filled in.", no_args_is_help=True
)
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="In any format that attachments are read in.")]
ShelfOption = Annotated[
    Path | None,
    typer.Option("--forms", help="File of known forms. Default: forms.json in store.folder.", show_default=False),
]
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@app.command()
def add(
    file: FileArgument,
    name: Annotated[str, typer.Option(help="What to call the form: small letters, digits, dashes.")],
    forms: ShelfOption = None,
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Take in a blank form. One of that name is replaced. Nothing of its text is kept but checksums."""
    from gateway.detect.forms.shelf import form_of

    if not NAME.fullmatch(name):
        raise typer.BadParameter("small letters, digits, dots and dashes only", param_hint="--name")
    config = load_config(config_file, os.environ)
    path = forms or config.store.folder / "forms.json"
    try:
        taken = form_of(name, _text(file, config), datetime.now(UTC).isoformat(timespec="seconds"))
    except SetupError as error:
        raise SetupError(f"{file}: {error}") from None
    _keep(path, {**_known(path), name: taken}, config)
    shown = {"form": name, "words": taken.words, "phrases": len(taken.phrases), "forms": str(path)}
    if form is Form.JSON:
        write_json(shown)
        return
    write(f"{name}: known by {len(taken.phrases)} phrases of {taken.words} words")
    say(f"A detector names it with `engine: forms` and `index: {path}`. A running gateway takes it at its next reload.")


@app.command("list")
def list_forms(forms: ShelfOption = None, config_file: ConfigOption = None, form: FormOption = Form.TEXT) -> None:
    """List the known forms."""
    path = forms or load_config(config_file, os.environ).store.folder / "forms.json"
    rows = [
        {"form": f.name, "added": f.added, "words": f.words, "phrases": len(f.phrases)} for f in _known(path).values()
    ]
    if form is Form.JSON:
        for row in rows:
            write_json(row, indent=None)
    else:
        write_table(("form", "added", "words", "phrases"), [tuple(row.values()) for row in rows])


@app.command()
def remove(
    name: Annotated[str, typer.Argument(help="The form.")],
    forms: ShelfOption = None,
    config_file: ConfigOption = None,
) -> None:
    """Forget a form. A detector that names it is refused from then on."""
    config = load_config(config_file, os.environ)
    path = forms or config.store.folder / "forms.json"
    known = _known(path)
    if name not in known:
        say(f"{path}: there is no form {name}")
        raise typer.Exit(Exit.NOT_FOUND)
    del known[name]
    _keep(path, known, config)


@app.command("test")
def try_file(
    file: FileArgument,
    forms: ShelfOption = None,
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Say how much of each known form a file has; exit code 4 where no form reaches half."""
    from gateway.detect.forms.phrases import phrases_of_text
    from gateway.detect.text import fold

    config = load_config(config_file, os.environ)
    path = forms or config.store.folder / "forms.json"
    there = phrases_of_text(fold(_text(file, config)).octets)
    shares = {f.name: 100 * len(f.phrases & there) // len(f.phrases) for f in _known(path).values()}
    ranked = sorted(shares.items(), key=lambda pair: (-pair[1], pair[0]))
    if form is Form.JSON:
        write_json([{"form": name, "percent": share} for name, share in ranked])
    else:
        write_table(("form", "%"), ranked)
    if not ranked or ranked[0][1] < HALF:
        raise typer.Exit(Exit.NOT_FOUND)


HALF = 50


def _known(path: Path) -> dict[str, "BlankForm"]:
    from gateway.detect.forms.shelf import ShelfRefused, read_forms

    if not path.exists():
        return {}
    try:
        return {form.name: form for form in read_forms(path)[0]}
    except ShelfRefused as refused:
        raise SetupError(f"{path}: {refused}") from None


def _keep(path: Path, forms: Mapping[str, "BlankForm"], config: Config) -> None:
    """Replaced in one step, and noted in the audit log."""
    from hashlib import sha256

    from gateway.audit import events
    from gateway.detect.forms.shelf import written
    from gateway.store.durable import make_folder, write_file
    from gateway.store.keyring import Keyring

    keyring = Keyring.load(keyring_file(config, os.environ))
    octets = written(forms.values())
    make_folder(path.parent)
    write_file(path, octets)
    digest = sha256(octets).hexdigest()
    record(config, keyring, events.index_built(index=path.name, digest=digest, rows=len(forms), by=who()))


def _text(file: Path, config: Config) -> str:
    """All visible text, read as if the file had come as an attachment. SetupError where it cannot be read."""
    from gateway.actions.words import OPAQUE
    from gateway.core.message import Place, View

    content = _content(file, config)
    for opaque in content.opaque:
        raise SetupError(f"it cannot be read: {OPAQUE[opaque.reason]} ({opaque.reason.value})")
    texts = [s.text for s in content.segments if s.place is Place.ATTACHMENT and s.view is View.VISIBLE]
    return "\n".join(texts) or "\n".join(s.text for s in content.segments if s.place is Place.ATTACHMENT)


def _content(file: Path, config: Config) -> "Content":
    from gateway.extract import extract
    from gateway.parse import parse

    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    charset = "; charset=utf-8" if kind.startswith("text/") else ""
    ending = re.sub(r"[^A-Za-z0-9.]", "", file.suffix)
    head = (
        f"MIME-Version: 1.0\r\nContent-Type: {kind}{charset}\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment; filename="form{ending}"\r\n\r\n'
    )
    raw = head.encode("ascii") + encodebytes(file.read_bytes()).replace(b"\n", b"\r\n")
    limits = config.limits.core()
    return extract(parse(raw, limits), limits)
