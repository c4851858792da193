"""How long the console's list, filters and search take on the server with many items.

    .venv/bin/python bench/console_list.py [ITEMS] [ROUNDS]

Measured: requests over loopback to the real server (sign-in, right, query, page), one at a time: by the clock, and the time that the
process worked (server and client together), which other work on the machine does not change.
"""

import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parents[1]))

from gateway.store.database import writing
from gateway.store.schema import items, labels, recipients
from tests.web.conftest import Person
from tests.web.house import house

RULES = [f"rule-{number:02d}" for number in range(40)]
AREAS = ["hipaa", "pci", "secrets", "hr"]
SEVERITIES = ["critical", "high", "medium", "low"]
STATES = ["held"] * 3 + ["released"] * 5 + ["discarded"] * 2


def fill(engine: sa.Engine, count: int) -> None:
    """Rows alone, many at a time: what is measured never opens a message."""
    rng, now = random.Random(7), datetime.now(UTC)
    for start in range(0, count, 10_000):
        rows, to, why = [], [], []
        for number in range(start, min(count, start + 10_000)):
            rows.append(item(rng, number, now))
            item_id, state = rows[-1]["id"], rows[-1]["state"]
            for position in range(rng.choice((1, 1, 1, 2, 3))):
                address = f"who{rng.randrange(30_000)}@partner{rng.randrange(900)}.example"
                to.append({"item_id": item_id, "position": position, "address": address, "state": state})
            named = [("rule", name) for name in rng.sample(RULES, rng.choice((1, 1, 2)))]
            why += [
                {"item_id": item_id, "kind": kind, "name": name} for kind, name in [*named, ("area", rng.choice(AREAS))]
            ]
        with writing(engine) as connection:
            connection.execute(sa.insert(items), rows)
            connection.execute(sa.insert(recipients), to)
            connection.execute(sa.insert(labels), why)


def item(rng: random.Random, number: int, now: datetime) -> dict[str, object]:
    findings = [
        {"entity": "US_SSN", "count": 2, "samples": ["***-**-6789"]},
        {"entity": "PERSON", "count": 3, "samples": []},
    ]
    return {
        "id": f"item-{number:07d}",
        "incident": f"20261125-{number:010d}",
        "created": now - timedelta(minutes=2 * number),
        "state": rng.choice(STATES),
        "mail_from": f"person{rng.randrange(4_000)}@clinic.example",
        "size": rng.randrange(2_000, 400_000),
        "severity": rng.choice(SEVERITIES),
        "policy_digest": "sha256:" + "0" * 64,
        "message_id_hash": "",
        "findings": findings,
        "assignee": "olga" if rng.random() < 0.002 else "",
    }


QUESTIONS = {
    "first page, held": "/items",
    "first page, all": "/items?state=all",
    "oldest first": "/items?order=oldest",
    "largest first": "/items?state=all&order=largest",
    "rule": "/items?state=all&rule=rule-07",
    "rule and severity": "/items?rule=rule-07&severity=critical",
    "area": "/items?area=pci",
    "severity": "/items?severity=critical",
    "sender": "/items?state=all&sender=person77%40clinic.example",
    "recipient": "/items?state=all&recipient=who5%40partner5.example",
    "assignee": "/items?assignee=olga",
    "a week": "/items?state=all&since=2026-10-01&until=2026-10-07",
    "search address": "/items?state=all&search=person77%40",
    "search domain": "/items?state=all&search=partner77.example",
    "search incident": "/items?state=all&search=20261125-0000099998",
    "search nothing": "/items?state=all&search=no-such-thing-at-all",
}


Times = list[tuple[float, float]]  # milliseconds of the clock, and of this process at work (the client's too)


def main() -> None:
    count, rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, int(sys.argv[2]) if len(sys.argv) > 2 else 40
    with tempfile.TemporaryDirectory() as folder, house(Path(folder)) as built:
        begun = time.perf_counter()
        fill(built.stored.engine, count)
        print(f"{count:,} items in {time.perf_counter() - begun:.0f} s", file=sys.stderr)
        with built.serve() as url:
            olga = Person(built, url, "olga")
            assert olga.sign_in().status_code == 303
            everything: Times = []
            for name, path in QUESTIONS.items():
                times = [timed(olga, path)[0] for _ in range(rounds + 1)][1:]
                everything += times
                tell(name, times)
            deep = paged(olga, 5 * rounds)
            tell(f"page by page, {len(deep)}", deep)
            tell(f"all, n {len(everything + deep)}", everything + deep)
            olga.close()


def timed(person: Person, path: str) -> tuple[tuple[float, float], str]:
    clock, worked = time.perf_counter(), time.process_time()
    answer = person.get(path)
    assert answer.status_code == 200, path
    return (1000 * (time.perf_counter() - clock), 1000 * (time.process_time() - worked)), answer.text


def paged(person: Person, pages: int) -> Times:
    path, times = "/items?state=all", []
    for _ in range(pages):
        took, text = timed(person, path)
        times.append(took)
        found = re.search(r'class="button" href="([^"]+)">Next', text)
        assert found, "no next page"
        path = unescape(found[1])
    return times


def tell(name: str, times: Times) -> None:
    clock, worked = zip(*times, strict=True)
    figures = (statistics.median(clock), percentile(clock), statistics.median(worked), percentile(worked))
    print(
        "{:<20} median {:5.0f} p95 {:5.0f} ms   at work: median {:5.0f} p95 {:5.0f} ms".format(name, *figures),
        flush=True,
    )


def percentile(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


if __name__ == "__main__":
    main()
