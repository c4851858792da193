"""An explanation as a page, made of the plain object that `--format json` prints: neither says more than the other."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from gateway.cli.render import by_rule, covered, not_done, unread, why_not
from gateway.pages import disposition, folded, page, table, text

Plain = Mapping[str, Any]


def explain_page(report: Plain) -> str:
    """All of it, in the order in which a reader asks: what happened, why, what would have changed it."""
    return page(f"Why: {report['path']}", _parts(report))


def _parts(report: Plain) -> Iterator[str]:
    verdict = report["verdict"]
    yield f'<p class="soft">Policy {text(verdict["policy"])}</p>'
    if report.get("shows", "outline") != "outline":
        yield '<p class="warning">This page shows text of the message. Treat it as the message.</p>'
    yield f"<p>Sender: {text(report.get('mail_from') or 'none')}</p>"
    yield "<h2>Recipients</h2>"
    yield table(
        ("Recipient", "Outcome", "What is done"),
        ((text(o["recipient"]), disposition(o["disposition"]), _done(report, o)) for o in verdict["outcomes"]),
    )
    yield "<h2>What would have changed it</h2>"
    yield table(
        ("Recipient", "Would become", "If", "Rule"),
        (
            (
                text(way["recipient"]),
                disposition(way["becomes"]),
                "<br>".join(text(why_not(change)) for change in way["changes"]),
                text(", ".join(way["rules"])),
            )
            for way in report.get("nearest", ())
        ),
    )
    yield "<h2>Rules</h2>"
    yield from _rules(report)
    yield "<h2>Findings</h2>"
    yield table(("What", "Confidence", "Where", "Value", "Why"), (_finding(finding) for finding in report["findings"]))
    yield "<h2>What was read</h2>"
    yield "".join(f"<p>{text(line)}</p>" for line in unread(report))
    yield table(("Part",), ((text(covered(line)),) for line in report.get("coverage", ())))


def _done(report: Plain, outcome: Plain) -> str:
    return "<br>".join(text(line) for line in (", ".join(outcome["actions"]), *not_done(report, outcome)))


def _rules(report: Plain) -> Iterator[str]:
    """Those that apply are open; those that were not even near are behind one more click."""
    others = []
    for rule, hit, steps in by_rule(report):
        people = groupby(steps, key=lambda step: step["recipient"])
        inside = "".join(_recipient(who, list(asked), hit) for who, asked in people)
        fate = "does not apply" if hit is None else f"applies: {', '.join(hit['actions'])}"
        if hit is not None and hit["status"] != "enforce":
            fate += " (monitor: changes nothing)"
        mark = "held" if hit is not None else "soft"
        made = folded(f'<code>{text(rule)}</code> <span class="{mark}">{text(fate)}</span>', inside, is_open=bool(hit))
        if hit is not None or rule in report.get("nearly", ()):
            yield made
        else:
            others.append(made)
    if others:
        count = f"{len(others)} other {'rule' if len(others) == 1 else 'rules'} did not apply"
        yield folded(f'<span class="soft">{count}</span>', "".join(others))


def _recipient(who: str, steps: list[Plain], hit: Plain | None) -> str:
    applies = hit is not None and who in hit["recipients"]
    head = f"<h3>{text(who or 'the message')}: {'applies' if applies else 'does not apply'}</h3>"
    return head + table(("", "Condition", "Seen"), (_step(step) for step in steps))


def _step(step: Plain) -> tuple[str, str, str]:
    section, _, asked = step["condition"].partition(": ")
    stands = step["held"] is not ("none" in section)
    sign = '<span class="good">yes</span>' if stands else '<span class="bad">no</span>'
    return sign, text(f"{section}: {asked}"), text(step["seen"])


def _finding(finding: Plain) -> tuple[str, str, str, str, str]:
    where = f"part {finding['part']}, {finding['place']}, {finding['start']}-{finding['end']}"
    value = f"<mark>{text(finding.get('value', finding['masked']))}</mark>"
    if "context" in finding:
        value = f"<code>{text(finding['context'])}</code>"
    why = "<br>".join(text(reason) for reason in finding.get("why", ()))
    return text(finding["entity"]), text(finding["confidence"]), text(where), value, why
