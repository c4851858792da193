"""Reports for people: the plain objects of report.py as lines. A value appears only where the report has it."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from gateway.cli.output import printable
from gateway.core.finding import FailureKind
from gateway.core.message import AmbiguousReason, OpaqueReason
from gateway.core.verdict import Disposition, Verb

_WHOLE = {
    Disposition.QUARANTINE.word: "the message is held as it came",
    Disposition.BLOCK.word: "nothing is sent, so nothing is changed",
}


def scan_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """One line for the message, one for each rule, finding and thing that could not be read."""
    name = report["path"] if not report["index"] else f"{report['path']}#{report['index']}"
    verdict = report["verdict"]
    yield f"{verdict['disposition']:<10}  {printable(name)}  ({report['elapsed_ms']:.1f} ms)"
    for rule in verdict["rules"]:
        monitored = "  (monitor: changes nothing)" if rule["status"] == "monitor" else ""
        yield f"            rule {rule['rule']}: {rule['action']}{monitored}"
    for finding in report["findings"]:
        yield f"            {_finding(finding)}"
    for line in unread(report):
        yield f"            {line}"


def explain_lines(report: Mapping[str, Any], *, all_rules: bool = False) -> Iterator[str]:
    """Everything about one message: what happens to each recipient, what was found, and why.

    Of rules that neither applied nor nearly did only the number, but for `all_rules`.
    """
    verdict = report["verdict"]
    name = report["path"] if not report["index"] else f"{report['path']}#{report['index']}"
    yield f"Message   {printable(name)}"
    yield f"Verdict   {verdict['disposition']}"
    yield f"Policy    {verdict['policy']}"
    yield f"Time      {report['elapsed_ms']:.1f} ms"
    yield f"Sender    {printable(report['mail_from']) or 'none'}"
    yield from _block("Recipients", (line for outcome in verdict["outcomes"] for line in _fared(report, outcome)))
    yield from _block("What would have changed it", (line for way in report["nearest"] for line in _nearest(way)))
    yield from _block("Findings", (line for finding in report["findings"] for line in _finding_with_reasons(finding)))
    yield from _block("Not read, or not for certain", unread(report))
    yield from _block("What was read", (covered(line) for line in report["coverage"]))
    yield from _rules(report, all_rules=all_rules)


def _block(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield ""
    yield title
    empty = True
    for line in lines:
        empty = False
        yield f"  {line}"
    if empty:
        yield "  none"


def _outcome(outcome: Mapping[str, Any]) -> str:
    actions = ", ".join(outcome["actions"])
    method = f" by {outcome['method']}" if outcome["method"] else ""
    return (
        f"{outcome['disposition']:<10}  {printable(outcome['recipient'])}{f'  ({actions}{method})' if actions else ''}"
    )


def _fared(report: Mapping[str, Any], outcome: Mapping[str, Any]) -> Iterator[str]:
    yield _outcome(outcome)
    for line in not_done(report, outcome):
        yield f"            {line}"


def not_done(report: Mapping[str, Any], outcome: Mapping[str, Any]) -> Iterator[str]:
    """Why what rules wanted done to a recipient's copy was not."""
    from gateway.actions.words import obstacle_words

    asked = [each for each in report.get("hindrances", ()) if each["recipient"] == outcome["recipient"]]
    kept = {Verb.REDACT, Verb.ENCRYPT, Verb.REMOVE_ATTACHMENTS} & {*outcome["actions"]}
    for obstacle, those in groupby(asked, key=lambda each: each["obstacle"]):
        where = ", ".join(f"{each['entity']} in part {each['part']}" for each in those if each["entity"])
        (words,) = obstacle_words([obstacle])
        yield f"not done: {words} ({obstacle}){': ' if where else ''}{where}"
    if kept and not asked and outcome["disposition"] in _WHOLE:
        yield f"{', '.join(sorted(kept))} not done: {_WHOLE[outcome['disposition']]}"


def _finding(finding: Mapping[str, Any]) -> str:
    value = f"  = {printable(finding['value'])}" if "value" in finding else ""
    field = f" {printable(finding['header'])}" if "header" in finding else ""
    place = f"part {finding['part']}, {finding['place']}{field}, {finding['start']}-{finding['end']}"
    return f"{finding['entity']}  {finding['confidence']}  {place}  {printable(finding['masked'])}{value}"


def _finding_with_reasons(finding: Mapping[str, Any]) -> Iterator[str]:
    yield f"{_finding(finding)}  [detector {finding['detector']}, score {finding['score']:.2f}]"
    for reason in finding["why"]:
        yield f"    because {printable(reason)}"
    if "context" in finding:
        yield f"    in      {printable(finding['context'])}"


def unread(report: Mapping[str, Any]) -> Iterator[str]:
    from gateway.actions.words import AMBIGUOUS, OPAQUE  # the room brings every reader of attachments with it

    for opaque in report["opaque"]:
        yield f"part {opaque['part']} was not read: {OPAQUE[OpaqueReason(opaque['reason'])]} ({opaque['reason']})"
    for part in report["ambiguous"]:
        words = AMBIGUOUS[AmbiguousReason(part["reason"])]
        yield f"part {part['part']} could be read differently: {words} ({part['reason']})"
    for failure in report["failures"]:
        yield f"{failure['detector']} {FailureKind(failure['kind']).words} ({failure['kind']})"


def covered(line: Mapping[str, Any]) -> str:
    from gateway.actions.words import OPAQUE

    member = f", file {line['member']}" if line["member"] else ""
    why = "; ".join(f"{OPAQUE[OpaqueReason(reason)]} ({reason})" for reason in line["unread"])
    how_much = f"{line['read']} of {line['bytes']} bytes{': ' if why else ''}{why}"
    return f"part {line['part']}{member}: {line['reader']}, {how_much}"


def by_rule(
    report: Mapping[str, Any],
) -> Iterator[tuple[str, Mapping[str, Any] | None, list[Mapping[str, Any]]]]:
    """Each rule once, where it applies with its hit, and its conditions for each recipient.

    Those that apply come first, then those that nearly did.
    """
    hits = {hit["rule"]: hit for hit in report.get("hits", ())}
    steps: dict[str, list[Mapping[str, Any]]] = {}
    for step in report.get("trace", ()):
        steps.setdefault(step["rule"], []).append(step)
    near = frozenset(report.get("nearly", ()))
    for rule in sorted(steps, key=lambda rule: (rule not in hits, rule not in near)):
        yield rule, hits.get(rule), steps[rule]


def why_not(change: Mapping[str, Any]) -> str:
    """A condition that had to be answered the other way."""
    return f"{'it did not hold' if change['held'] else 'it held'}: {change['condition']}"


def _nearest(way: Mapping[str, Any]) -> Iterator[str]:
    yield f"{printable(way['recipient'])} would become {way['becomes']} (rule {', '.join(way['rules'])}) if"
    for change in way["changes"]:
        yield f"    {why_not(change)}"


def _rules(report: Mapping[str, Any], *, all_rules: bool) -> Iterator[str]:
    """For each rule and recipient, each condition: did it hold, and what was seen. Those that apply come first."""
    yield from ("", "Rules" if all_rules else "Rules that applied or nearly did")
    left_out = 0
    for rule, hit, steps in by_rule(report):
        if not (all_rules or hit is not None or rule in report.get("nearly", ())):
            left_out += 1
            continue
        yield f"  {rule}  {_fate(hit)}"
        for recipient, conditions in groupby(steps, key=lambda step: step["recipient"]):
            applies = hit is not None and recipient in hit["recipients"]
            yield f"    {printable(recipient) or 'the message'}: {'applies' if applies else 'does not apply'}"
            for step in conditions:
                yield f"      {_step(step)}"
    if left_out:
        yield f"  {left_out} other {'rule' if left_out == 1 else 'rules'} did not apply: --all-rules shows them"


def _step(step: Mapping[str, Any]) -> str:
    """Whether the rule may apply as far as this condition goes: one below `none` is an exception, and must not hold."""
    section, _, asked = step["condition"].partition(": ")
    may, condition = step["held"], step["condition"]
    if section == "none":
        may = not step["held"]
        condition = f"exception {'applies' if step['held'] else 'did not apply'}: {asked}"
    return f"{'yes' if may else 'no ':<3}  {condition}: {printable(step['seen'])}"


def _fate(hit: Mapping[str, Any] | None) -> str:
    if hit is None:
        return "does not apply to anybody"
    actions = ", ".join(hit["actions"])
    only = "" if hit["status"] == "enforce" else ", monitored only: changes nothing"
    return f"applies: {actions}  ({hit['area']}, severity {hit['severity']}{only})"
