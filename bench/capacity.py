"""How many machines a day's mail needs, from what `make bench` measured.

    python bench/capacity.py [--day N] [--peak SHARE] [--burst FACTOR] [--full SHARE] [--cores N] [--held SHARE] [--page]

`--page` writes the tables of docs/capacity.md anew. The model is in `need`: read it before you believe it.
"""

import argparse
import math
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from written import read

PAGE = Path(__file__).resolve().parent.parent / "docs" / "capacity.md"
DAYS = (10_000, 1_000_000, 100_000_000)
MB = 1e6
BEGIN, END = "<!-- by bench/capacity.py: begin -->", "<!-- end -->"


@dataclass(frozen=True, slots=True)
class Assumed:
    """What was not measured. Change it to what you know of your mail."""

    peak: float = 0.15  # share of a day's mail in its busiest hour
    burst: float = 2.0  # the busiest minutes of that hour, to its mean
    full: float = 0.6  # how much of the processors may be used then
    cores: int = 16  # of one machine
    held: float = 0.005  # share of messages that go into the quarantine
    quarantine_days: int = 90  # retention.days
    audit_days: int = 2_190  # six years: 45 CFR 164.316(b)(2)


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one message: seconds of processor time, octets, events. `memory` of the gateway in MB."""

    cpu: float
    postfix: float
    octets: float
    events: float
    event_octets: float
    memory: float
    cores: int

    @classmethod
    def of(cls, relay: Mapping[str, Any], filter_: str = "shipped") -> "Measured":
        mine = relay["filters"][filter_]
        return cls(
            mine["cpu"],
            mine["postfix"],
            relay["mean_octets"],
            mine["events"],
            mine["octets"],
            mine["memory"],
            relay["machine"]["cores"],
        )


@dataclass(frozen=True, slots=True)
class Need:
    """Of so many messages a day. `machines` with one more than needed; disks of all machines together, in bytes."""

    a_second: float
    cores: float
    machines: int
    memory: float
    quarantine: float
    audit: float
    syncs: float


def need(day: int, measured: Measured, assumed: Assumed) -> Need:
    """The model: processor time is what runs out first, and is proportional to messages.

    It leaves out: what TLS and spam filters cost, mail with many pictures (OCR takes seconds, not milliseconds),
    and what machines share (a database of several gateways).
    """
    a_second = day * assumed.peak / 3600 * assumed.burst
    cores = a_second * (measured.cpu + measured.postfix) / assumed.full
    working = max(1, math.ceil(cores / assumed.cores))
    workers = min(assumed.cores, max(2, math.ceil(cores / working)))
    return Need(
        a_second,
        cores,
        working + 1,
        measured.memory * max(1.0, workers / measured.cores) * MB,
        day * assumed.held * measured.octets * assumed.quarantine_days,
        day * measured.event_octets * assumed.audit_days,
        a_second * measured.events,
    )


def size(octets: float) -> str:
    """Such as "3.2 GB"."""
    for unit, least in (("PB", 1e15), ("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if octets >= least:
            return f"{octets / least:.3g} {unit}"
    return f"{octets / 1e3:.0f} KB"


def rounded(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"


def tables(relay: Mapping[str, Any], days: tuple[int, ...], assumed: Assumed) -> str:
    """What was measured, what is assumed, and what follows, as Markdown."""
    measured = Measured.of(relay)
    machine = relay["machine"]
    lines = [
        (
            f"Measured on {relay['day']}: {relay['messages']} messages of {relay['mean_octets'] / 1e3:.0f} KB in the mean, "
            f"median of {relay['rounds']} rounds, {machine['cores']} cores of {machine['processor']}, "
            f"load before {relay['load_before']:.1f}."
        ),
        "",
        "| one message costs | |",
        "| --- | --- |",
        f"| processor time of Gatepost | {measured.cpu * 1000:.1f} ms |",
        f"| processor time of Postfix | {measured.postfix * 1000:.1f} ms |",
        f"| audit events | {measured.events:.2f}, {measured.event_octets / 1e3:.2f} KB together |",
        f"| memory of the gateway, {measured.cores} workers, not by message | {measured.memory:.0f} MB |",
        "",
        "| assumed | |",
        "| --- | --- |",
        f"| the busiest hour has | {assumed.peak:.0%} of the day's mail |",
        f"| its busiest minutes, to its mean | {assumed.burst:g} times |",
        f"| processors may then be busy | {assumed.full:.0%} |",
        f"| cores of a machine | {assumed.cores} |",
        f"| held for review | {assumed.held:.1%} of messages, kept {assumed.quarantine_days} days |",
        f"| the audit log is kept | {assumed.audit_days:,} days |",
        "",
        "| messages a day | at the peak | cores | machines | memory each | held mail | audit log | syncs a second at most |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for day in days:
        found = need(day, measured, assumed)
        lines.append(
            f"| {day:,} | {rounded(found.a_second)} a second | {rounded(found.cores)} | {found.machines:,} | {size(found.memory)} "
            f"| {size(found.quarantine)} | {size(found.audit)} | {rounded(found.syncs)} |"
        )
    return "\n".join(lines)


def page(text: str, inside: str) -> str:
    """The page with its tables in place of those before. ValueError where it has no place for them."""
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"no {BEGIN} … {END} in the page")
    return pattern.sub(lambda _: f"{BEGIN}\n{inside}\n{END}", text)


def main() -> int:
    """Print the tables, or write them into the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--day", type=int, action="append", help="messages a day; may be given several times")
    for field in fields(Assumed):
        kind = int if field.type in ("int", int) else float
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=kind, default=field.default)
    parser.add_argument("--page", action="store_true", help="write docs/capacity.md")
    wanted = vars(parser.parse_args())
    into_page, days = wanted.pop("page"), tuple(wanted.pop("day") or DAYS)
    try:
        inside = tables(read("relay"), days, Assumed(**wanted))
    except FileNotFoundError as error:
        sys.stderr.write(f"{error.filename}: nobody measured yet: make bench\n")
        return 4
    if into_page:
        PAGE.write_text(page(PAGE.read_text("utf-8"), inside), "utf-8")
    else:
        print(inside)
    return 0


if __name__ == "__main__":
    sys.exit(main())
