"""What the demo prints, as Rich renderables."""

import difflib
import email
import email.policy
from collections.abc import Iterable, Mapping, Sequence
from email.message import EmailMessage
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from gateway.demo.rehearse import Result
from gateway.demo.sink import Delivery

EVERYWHERE = "EMAIL_ADDRESS"
COLOURS = {"delivered": "green", "changed": "cyan", "split": "yellow", "held": "yellow", "refused": "red"}
LINES = 4  # of context around a change


def day_table(results: Sequence[Result], *, wide: bool) -> Table:
    """One row a message: what was found and what came of it; where there is room, for whom and by which rules too."""
    table = _table("A day at the clinic")
    columns = {
        "": [str(number) for number in range(1, len(results) + 1)],
        "message": [result.errand.what for result in results],
        "to": ["\n".join(result.errand.recipients) for result in results],
        "found": [_found(result.decided) for result in results],
        "verdict": [Text(verdict, style=COLOURS[verdict]) for verdict in map(verdict_of, results)],
        "rules": ["\n".join(_enforced(result.decided)) for result in results],
        "reply": [f"{result.reply.code} {result.reply.enhanced}" for result in results],
        "ms": [f"{result.milliseconds:.0f}" for result in results],
    }
    for name in ("to", "rules") if not wide else ():
        del columns[name]
    for name in columns:
        table.add_column(name, overflow="fold", justify="right" if name in {"", "ms"} else "left")
    for row in zip(*columns.values(), strict=True):
        table.add_row(*row)
    return table


def _enforced(decided: Mapping[str, Any]) -> list[str]:
    return [rule["rule"] for rule in decided["unmapped"]["rules"] if rule["status"] == "enforce"]


def verdict_of(result: Result) -> str:
    """One word for what happened."""
    if result.reply.code >= 400:
        return "refused"
    if not result.deliveries:
        return "held"
    if result.errand.held:
        return "split"
    return "changed" if result.errand.changed else "delivered"


def _found(decided: Mapping[str, Any]) -> str:
    """Entities with their counts, and what could not be read. Addresses are in every message: left out."""
    entities = [entity for entity in decided["unmapped"]["entities"] if entity["entity"] != EVERYWHERE]
    unread = [part["reason"] for part in decided["unmapped"]["opaque"]]
    return "\n".join([*(_times(entity["entity"], entity["count"]) for entity in entities), *unread])


def _times(name: str, count: int) -> str:
    return f"{name} ×{count}" if count > 1 else name


def before_and_after(result: Result) -> Table:
    """The lines that changed, with some around them, as they were sent and as they were delivered."""
    table = _table(f"{result.errand.what}: as sent, as delivered")
    table.add_column("as sent", ratio=1, overflow="fold")
    table.add_column("as delivered", ratio=1, overflow="fold")
    before, after = readable(result.sent), readable(result.delivered.message)
    for kind, first, last, start, end in _changes(before, after):
        red, green = ("", "") if kind == "equal" else ("bold red", "bold green")
        rows = max(last - first, end - start)
        left, right = before[first:last], after[start:end]
        for row in range(rows):
            one = left[row] if row < len(left) else ""
            other = right[row] if row < len(right) else ""
            table.add_row(Text(one, style=red), Text(other, style=green))
    return table


def _changes(before: list[str], after: list[str]) -> Iterable[tuple[str, int, int, int, int]]:
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for group in matcher.get_grouped_opcodes(LINES):
        yield from group


def readable(raw: bytes) -> list[str]:
    """Subject and the text of every part, as a mail program shows it."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    lines = [f"Subject: {message['subject']}", ""]
    for part in message.walk():
        if part.get_content_maintype() == "text":
            lines += [f"({part.get_content_type()})", *part.get_content().strip().splitlines(), ""]
    return lines


def quarantine_table(items: Iterable[Mapping[str, Any]]) -> Table:
    """What is held, with masked samples."""
    table = _table("Quarantine, sealed with AES-256-GCM (gatepost quarantine list)")
    for name in ("item", "from", "held for", "rules", "found", "samples"):
        table.add_column(name, overflow="fold")
    for item in items:
        found = [finding for finding in item["findings"] if finding["entity"] != EVERYWHERE]
        samples = [sample for finding in found for sample in finding["samples"] if sample.strip("*")]
        table.add_row(
            item["item"],
            item["from"],
            "\n".join(recipient["address"] for recipient in item["recipients"]),
            "\n".join(item["rules"]),
            "\n".join([_times(finding["entity"], finding["count"]) for finding in found]),
            "\n".join(samples[:4]),
        )
    return table


def metrics_table(samples: Mapping[str, float]) -> Table:
    """The counters that moved, and the times of the stages."""
    table = _table("Metrics (/metrics, excerpt)")
    table.add_column("sample", overflow="fold")
    table.add_column("value", justify="right")
    for name, value in samples.items():
        if value and name.startswith(SHOWN):
            table.add_row(Text(name), f"{value:g}")
    for stage in ("parse", "extract", "detect", "decide", "plan", "total"):
        label = f'{{stage="{stage}"}}'
        count = samples.get(f"gatepost_stage_seconds_count{label}", 0)
        if count:
            mean = samples[f"gatepost_stage_seconds_sum{label}"] / count * 1000
            table.add_row(Text(f"mean of gatepost_stage_seconds{label}"), f"{mean:.2f} ms")
    return table


SHOWN = (
    "gatepost_messages_total",
    "gatepost_recipients_total",
    "gatepost_rule_hits_total",
    "gatepost_opaque_parts_total",
    "gatepost_quarantine_items",
    "gatepost_workers",
)


def notice_text(notice: Delivery) -> str:
    """A notice that Gatepost wrote, as its reader sees it."""
    message = email.message_from_bytes(notice.message, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    head = "\n".join(f"{name}: {message[name]}" for name in ("From", "To", "Subject"))
    return f"{head}\n\n{message.get_content().strip()}"


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", header_style="bold", box=box.SIMPLE_HEAD)
