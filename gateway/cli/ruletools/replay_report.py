"""A comparison as a plain object, as lines, and as a page."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gateway.cli.output import printable
from gateway.evaluate.measure import Ratio
from gateway.pages import disposition, page, table, text
from gateway.report.document import counted

if TYPE_CHECKING:
    from gateway.replay import Comparison, Record, Side

Plain = dict[str, Any]


def plain_of(comparison: "Comparison", purpose: Mapping[str, str], *, complete: bool) -> Plain:
    """What `--format json` prints. Shares come with Wilson's interval, 95 %."""
    messages = comparison.messages
    return {
        "old": purpose["old"],
        "new": purpose["new"],
        "complete": complete,
        "messages": messages,
        "recipients": comparison.recipients,
        "failed": comparison.failed,
        "changed": _share(comparison.changed, messages),
        "moves": [
            {"old": old, "new": new, "recipients": _share(number, comparison.recipients)}
            for (old, new), number in sorted(comparison.moves.items())
        ],
        "rules": [
            {
                "rule": rule,
                "old": _share(counts[0], messages),
                "new": _share(counts[1], messages),
                "old_alone": counts[2],
                "new_alone": counts[3],
            }
            for rule, counts in sorted(comparison.of_rule.items())
        ],
        "examples": [_example(record) for record in comparison.examples],
    }


def _share(hits: int, n: int) -> Plain:
    bounds = Ratio(hits, n).interval
    return {"count": hits, "of": n, "interval": [round(bound, 6) for bound in bounds] if bounds else None}


def _example(record: "Record") -> Plain:
    return {
        "path": record.path,
        "index": record.index,
        "found": list(record.masked),
        "recipients": [
            {"recipient": fate.recipient, "old": _side(fate.old), "new": _side(fate.new)}
            for fate in record.fates
            if fate.changed
        ],
    }


def _side(side: "Side") -> Plain:
    return {"disposition": side.disposition, "actions": list(side.actions), "rules": list(side.rules)}


def lines_of(plain: Plain) -> Iterator[str]:
    """For people."""
    yield f"Old       {plain['old']}"
    yield f"New       {plain['new']}"
    part = "" if plain["complete"] else " (interrupted)"
    yield f"Messages  {plain['messages']}, {counted(plain['recipients'], 'recipient')}{part}"
    yield f"Changed   {_said(plain['changed'])} messages"
    if plain["failed"]:
        yield f"Failed    {plain['failed']} messages with a detector that did not finish"
    yield from ("", "Recipients, from old to new")
    for move in plain["moves"]:
        yield f"  {move['old']:<10} -> {move['new']:<10}  {_said(move['recipients'])}"
    yield from ("", "Rules, in messages")
    for rule in plain["rules"]:
        yield f"  {rule['rule']:<36}  {_said(rule['old'])} -> {_said(rule['new'])}  ({_difference(rule)})"
    yield from ("", "Examples")
    for example in plain["examples"] or []:
        yield f"  {printable(_name(example))}  {printable(', '.join(example['found']))}"
        for one in example["recipients"]:
            yield f"    {printable(one['recipient'])}: {_did(one['old'])} -> {_did(one['new'])}"
    if not plain["examples"]:
        yield "  none"


def html_of(plain: Plain) -> str:
    """A page that stands alone."""
    return page("Replay: old rules and new", _parts(plain))


def _parts(plain: Plain) -> Iterator[str]:
    yield f'<p class="soft">Old {text(plain["old"])}<br>New {text(plain["new"])}</p>'
    part = "" if plain["complete"] else " <b>Interrupted: this is a part of the mail.</b>"
    changed = text(_said(plain["changed"]))
    said = f"{counted(plain['messages'], 'message')} to {counted(plain['recipients'], 'recipient')}"
    yield f"<p>{said}; {changed} changed.{part}</p>"
    yield '<p class="soft">In brackets: Wilson\'s interval, 95 %.</p><h2>Recipients</h2>'
    yield table(
        ("Old", "New", "Recipients"),
        ((disposition(m["old"]), disposition(m["new"]), text(_said(m["recipients"]))) for m in plain["moves"]),
    )
    yield "<h2>Rules</h2>"
    yield table(
        ("Rule", "Old, messages", "New, messages", "Difference"),
        ((text(r["rule"]), text(_said(r["old"])), text(_said(r["new"])), text(_difference(r))) for r in plain["rules"]),
    )
    yield "<h2>Examples</h2>"
    yield table(
        ("Message", "Found", "Recipient", "Old", "New"),
        (
            (
                text(_name(example)),
                "<br>".join(text(found) for found in example["found"]),
                text(one["recipient"]),
                f"{disposition(one['old']['disposition'])}<br>{text(', '.join(one['old']['rules']))}",
                f"{disposition(one['new']['disposition'])}<br>{text(', '.join(one['new']['rules']))}",
            )
            for example in plain["examples"]
            for one in example["recipients"]
        ),
    )


def _said(share: Plain) -> str:
    if share["interval"] is None:
        return f"{share['count']} of {share['of']}"
    low, high = (f"{100 * bound:.1f}" for bound in share["interval"])
    return f"{share['count']} of {share['of']} ({low}-{high} %)"


def _difference(rule: Plain) -> str:
    return f"+{rule['new_alone']} -{rule['old_alone']}"


def _name(example: Plain) -> str:
    return f"{example['path']}#{example['index']}" if example["index"] else str(example["path"])


def _did(side: Plain) -> str:
    rules = f" by {', '.join(side['rules'])}" if side["rules"] else ""
    actions = [action for action in side["actions"] if action != side["disposition"]]
    return f"{side['disposition']}{f' ({chr(44).join(actions)})' if actions else ''}{rules}"
