"""`gatepost explain`: why a message fares as it does."""

import os
import re
from collections.abc import Collection, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from datetime import UTC, datetime
from enum import StrEnum
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.begun import begun
from gateway.cli.exits import Exit
from gateway.cli.inspecting import Bench, bench
from gateway.cli.output import ConfigOption, printable, say, write, write_json
from gateway.cli.render import explain_lines, scan_lines
from gateway.cli.report import Report, explanation
from gateway.cli.scan import AsOption, PolicyOption, RevealOption
from gateway.cli.sources import Input, Kind, inputs
from gateway.core.finding import FailureKind, Finding
from gateway.core.message import Span

if TYPE_CHECKING:
    from gateway.config import Config
    from gateway.core.plan import Hindrance
    from gateway.pipeline import Inspection

_WORD = re.compile(r"\w+")
_QUOTED = re.compile(r"'([^']+)'")


class Shape(StrEnum):
    """For people, for programs, or for people as a page."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


class Show(StrEnum):
    """How much of the text around each finding is shown."""

    OUTLINE = "outline"
    MASKED = "masked"
    REVEALED = "revealed"


def explain(
    path: Annotated[
        str, typer.Argument(metavar="FILE", help="One message, or - (standard input). Of several, each is explained.")
    ],
    policy: PolicyOption = None,
    form: Annotated[Shape, typer.Option("--format", help="For people, for programs, or a page.")] = Shape.TEXT,
    reveal: RevealOption = False,
    context: Annotated[
        bool,
        typer.Option("--context", help="Show the words around each finding, values masked. They may be protected too."),
    ] = False,
    all_rules: Annotated[
        bool,
        typer.Option("--all-rules", help="Show every rule, also those that neither applied nor were near to it."),
    ] = False,
    kind: AsOption = Kind.MESSAGE,
    mail_from: Annotated[
        str | None,
        typer.Option("--from", help="Envelope sender, '' for none. Default: the one in From.", show_default=False),
    ] = None,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", help="Envelope recipient; may be repeated. Default: To, Cc and Bcc.", show_default=False),
    ] = None,
    config_file: ConfigOption = None,
) -> None:
    """Say which rules applied or nearly did, which condition held for whom and what was seen; for each finding why it
    is one; what would have changed the outcome; and why what a rule wanted done could not be.

    A rule is near where what it is about was seen, or where an exception alone kept it from applying.
    A message that names nobody is judged as mail of the organisation to an address outside.

    With --format json: one object; JSON Lines for a folder or an mbox. With --format html: a page of one message.
    """
    around_it = Show.REVEALED if reveal else Show.MASKED if context else Show.OUTLINE
    alone = kind is Kind.MESSAGE and not Path(path).is_dir()
    with begun(policy, config_file) if alone else nullcontext() as start:
        from gateway.config import load_config  # a fifth of a second, in which the engine is made

        config = load_config(config_file, os.environ)
        items = inputs([path], kind, config.milter.max_message_bytes)
        first = list(islice(items, 2)) or [Input(path, failure=FailureKind.ERROR)]
        several = len(first) > 1
        if several and form is Shape.HTML:
            raise typer.BadParameter("html explains one message: give one, or take json", param_hint="--format")
        unread = False
        people = to or []
        with bench(
            config,
            policy,
            mail_from,
            people,
            reveal=reveal,
            explain=True,
            single=not several,
            by_header=kind is Kind.MESSAGE,
            begun=start,
        ) as looking:
            for number, item in enumerate(chain(first, items)):
                plain = explained(looking, item, config, around_it)
                show(plain, form, apart=several, number=number, all_rules=all_rules)
                unread = unread or item.failure is not None
                if item.failure is not None:
                    say(f"{printable(item.path)} cannot be read")
    if unread:
        raise typer.Exit(Exit.NOT_FOUND)


def show(plain: Report, form: Shape, *, apart: bool, number: int, all_rules: bool) -> None:
    """One explanation on standard output; `apart`: one of several. Only the text leaves rules out."""
    if form is Shape.HTML:
        from gateway.cli.explain_page import explain_page

        write(explain_page(plain))
        return
    if form is Shape.JSON:
        write_json(plain, indent=None if apart else 2)
        return
    if apart and number:
        write("\n" + "=" * 72 + "\n")
    for line in explain_lines(plain, all_rules=all_rules) if "trace" in plain else scan_lines(plain):
        write(line)


def explained(looking: Bench, item: Input, config: "Config", around_it: Show = Show.OUTLINE) -> Report:
    """The explanation of one input, each finding with the text around it, its outline unless more is asked for."""

    def make(inspection: "Inspection", item: Input, elapsed_ms: float) -> Report:
        plain = explanation(
            inspection,
            path=item.path,
            index=item.index,
            elapsed_ms=elapsed_ms,
            reveal=around_it is Show.REVEALED,
            place=item.in_file,
            headers=inspection.headers,
            mail_from=looking.envelope(item.raw).mail_from,
        )
        plain["shows"] = around_it.value
        plain["nearest"] = _nearest(looking, inspection)
        plain["nearly"] = _nearly(looking, inspection)
        plain["hindrances"] = [_hindrance(hindrance) for hindrance in inspection.plan.hindrances]
        _add_context(plain, inspection, around_it)
        return plain

    return looking.look(item, 0, make)


def _nearest(looking: Bench, inspection: "Inspection") -> list[Report]:
    """What would have changed the outcome, for each recipient."""
    from gateway.policy.nearest import nearest

    if looking.ruleset is None:
        return []
    ways = nearest(looking.ruleset.policy, looking.ruleset.detectors, inspection.verdict, datetime.now(UTC).date())
    return [
        {
            "recipient": way.recipient,
            "becomes": way.becomes.word,
            "changes": [asdict(change) for change in way.changes],
            "rules": list(way.rules),
        }
        for way in ways
    ]


def _nearly(looking: Bench, inspection: "Inspection") -> list[str]:
    """Rules that match for nobody, and were near to it."""
    from gateway.policy.nearly import nearly

    if looking.ruleset is None:
        return []
    return list(nearly(looking.ruleset.policy, inspection.verdict, inspection.findings))


def _hindrance(hindrance: "Hindrance") -> Report:
    return {
        "recipient": hindrance.recipient,
        "obstacle": hindrance.obstacle,
        "entity": hindrance.entity,
        "part": hindrance.part_path,
    }


def _add_context(plain: Report, inspection: "Inspection", around_it: Show) -> None:
    """What the worker gave along with each finding; of a message that it could not read there is nothing."""
    from gateway.cli.report import in_order

    passages = {id(f): passage for f, passage in zip(inspection.findings, inspection.passages, strict=False)}
    ordered = in_order(inspection.findings)
    for shown, finding in zip(plain["findings"], ordered, strict=True):
        passage = passages.get(id(finding))
        if passage is None:
            continue
        text, here = passage.text, _moved(finding, passage.start)
        if around_it is Show.REVEALED:
            shown["context"] = around(text, here.span.start, here.span.end)
        elif around_it is Show.OUTLINE:
            shown["context"] = veiled(text, here.span.start, here.span.end, finding.masked, words_of(finding.why))
        else:
            others = [_moved(other, passage.start) for other in ordered if other.segment == finding.segment]
            shown["context"] = masked_around(text, here, others)


def _moved(finding: Finding, start: int) -> Finding:
    """As it stands in a passage that begins there."""
    return replace(finding, span=Span(finding.span.start - start, finding.span.end - start))


def masked_around(text: str, finding: Finding, others: Sequence[Finding], width: int = 40) -> str:
    """The text around a finding with every value that was found masked, this one in guillemets.

    Where values overlap all of them are hidden; a letter or digit of a value that the window cuts is hidden too.
    """
    start, end = finding.span.start, finding.span.end
    low, high = max(0, start - width), min(len(text), end + width)
    signs = list(text[low:high])
    for other in others:
        for at in range(max(low, other.span.start), min(high, other.span.end)):
            signs[at - low] = "*" if signs[at - low].isalnum() else signs[at - low]
    before, after = "".join(signs[: start - low]), "".join(signs[end - low :])
    return " ".join(f"{before}«{finding.masked}»{after}".split())


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
