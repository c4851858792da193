"""`gatepost explain`: why a message fares as it does."""

import os
import re
from collections.abc import Collection, Iterable
from itertools import chain, islice
from typing import Annotated

import typer

from gateway.cli.exits import Exit
from gateway.cli.fields import header_names
from gateway.cli.inspecting import Bench, bench
from gateway.cli.output import ConfigOption, Form, FormOption, printable, say, write, write_json
from gateway.cli.render import explain_lines, scan_lines
from gateway.cli.report import Report, explanation
from gateway.cli.scan import AsOption, FromOption, PolicyOption, RevealOption, ToOption
from gateway.cli.sources import Input, Kind, inputs
from gateway.config import Config, load_config
from gateway.core.finding import FailureKind
from gateway.metrics import Inspected

_WORD = re.compile(r"\w+")
_QUOTED = re.compile(r"'([^']+)'")


def explain(
    path: Annotated[
        str, typer.Argument(metavar="FILE", help="One message, or - (standard input). Of several, each is explained.")
    ],
    policy: PolicyOption = None,
    form: FormOption = Form.TEXT,
    reveal: RevealOption = False,
    kind: AsOption = Kind.MESSAGE,
    mail_from: FromOption = None,
    to: ToOption = None,
    config_file: ConfigOption = None,
) -> None:
    """Say for each rule and recipient which condition held and what was seen, and for each finding why it is one.

    With --format json: one object; JSON Lines for a folder or an mbox.
    """
    config = load_config(config_file, os.environ)
    items = inputs([path], kind, config.milter.max_message_bytes)
    first = list(islice(items, 2)) or [Input(path, failure=FailureKind.ERROR)]
    several = len(first) > 1
    unread = False
    with bench(config, policy, mail_from, to or [], reveal=reveal, explain=True, models_later=not several) as looking:
        for number, item in enumerate(chain(first, items)):
            show(explained(looking, item, config, reveal=reveal), form, apart=several, number=number)
            unread = unread or item.failure is not None
            if item.failure is not None:
                say(f"{printable(item.path)} cannot be read")
    if unread:
        raise typer.Exit(Exit.NOT_FOUND)


def show(plain: Report, form: Form, *, apart: bool, number: int) -> None:
    """One explanation on standard output; `apart`: one of several."""
    if form is Form.JSON:
        write_json(plain, indent=None if apart else 2)
        return
    if apart and number:
        write("\n" + "=" * 72 + "\n")
    for line in explain_lines(plain) if "trace" in plain else scan_lines(plain):
        write(line)


def explained(looking: Bench, item: Input, config: Config, *, reveal: bool) -> Report:
    """The explanation of one input, each finding with the text around it: with `reveal` as it is, else its outline."""

    def make(inspection: Inspected, item: Input, elapsed_ms: float) -> Report:
        plain = explanation(
            inspection,
            path=item.path,
            index=item.index,
            elapsed_ms=elapsed_ms,
            reveal=reveal,
            place=item.in_file,
            headers=header_names(inspection, item.raw, config.limits.core()),
        )
        _add_context(plain, inspection, item.raw, config, reveal=reveal)
        return plain

    return looking.look(item, 0, make)


def _add_context(plain: Report, inspection: Inspected, raw: bytes, config: Config, *, reveal: bool) -> None:
    if not inspection.findings:
        return
    from gateway.cli.report import in_order
    from gateway.extract import extract
    from gateway.parse import parse

    limits = config.limits.core()
    segments = extract(parse(raw, limits), limits).segments
    for shown, finding in zip(plain["findings"], in_order(inspection.findings), strict=True):
        if finding.segment < len(segments):
            text, span = segments[finding.segment].text, finding.span
            shown["context"] = (
                around(text, span.start, span.end)
                if reveal
                else veiled(text, span.start, span.end, finding.masked, words_of(finding.why))
            )


def around(text: str, start: int, end: int, width: int = 40) -> str:
    """The span with `width` code points on each side, on one line, the span in guillemets."""
    before, after = text[max(0, start - width) : start], text[end : end + width]
    return " ".join(f"{before}«{text[start:end]}»{after}".split())


def veiled(text: str, start: int, end: int, masked: str, shown: Collection[str], width: int = 40) -> str:
    """The same with the masked value, and of the text around it the outline: x for a letter, 9 for a digit.

    `shown` are words of rules, in lower case, that may be read: those that made the finding.
    """
    before, after = text[max(0, start - width) : start], text[end : end + width]
    outlined = (_WORD.sub(lambda found: _outline(found[0], shown), piece) for piece in (before, after))
    return " ".join(f"«{masked}»".join(outlined).split())


def words_of(reasons: Iterable[str]) -> frozenset[str]:
    """The words that reasons quote; they come from rules, not from messages."""
    return frozenset(word for reason in reasons for quoted in _QUOTED.findall(reason) for word in quoted.split())


def _outline(word: str, shown: Collection[str]) -> str:
    if word.lower() in shown:
        return word
    return "".join("9" if character.isdecimal() else "x" for character in word)
