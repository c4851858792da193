"""What an inspection found and decided, as the plain objects that `scan` and `explain` print.

Pure. The keys and their meaning are a contract with users' scripts: docs/cli.md.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gateway.core.finding import DetectorFailure, FailureKind, Finding
from gateway.core.message import Coverage, Place
from gateway.core.verdict import Action, Disposition, Outcome, RuleHit, Verdict, strictest

if TYPE_CHECKING:
    from gateway.metrics import Inspected

Report = dict[str, Any]
NO_HEADERS: Mapping[int, str] = MappingProxyType({})
PLACES = (Place.SUBJECT, Place.HEADER, Place.BODY, Place.ATTACHMENT, Place.FILENAME)


def report(
    inspection: "Inspected",
    *,
    path: str,
    index: int,
    elapsed_ms: float,
    reveal: bool,
    place: Callable[[int], int] = int,
    headers: Mapping[int, str] = NO_HEADERS,
) -> Report:
    """One line of `scan`. Values found are in it only with `reveal`.

    `place` maps offsets in a body to those shown; `headers` has the name of the field by segment.
    """
    return {
        "path": path,
        "index": index,
        "verdict": _verdict(inspection.verdict),
        "findings": [_finding(finding, place, headers, reveal=reveal) for finding in in_order(inspection.findings)],
        "opaque": [{"part": opaque.part_path, "reason": opaque.reason.value} for opaque in inspection.opaque],
        "ambiguous": [{"part": part.part_path, "reason": part.reason.value} for part in inspection.ambiguous],
        "failures": [_failure(failure) for failure in inspection.failures],
        "elapsed_ms": round(elapsed_ms, 3),
    }


def unread_report(
    *, path: str, index: int, policy: str, recipients: Sequence[str], failure: DetectorFailure, elapsed_ms: float = 0.0
) -> Report:
    """The line of an input that could not be inspected: nothing is known, so nothing would go out."""
    outcomes = [_outcome(Outcome(recipient, Disposition.DEFER)) for recipient in recipients]
    verdict = {"disposition": Disposition.DEFER.word, "policy": policy, "outcomes": outcomes, "rules": []}
    return {
        "path": path,
        "index": index,
        "verdict": verdict,
        "findings": [],
        "opaque": [],
        "ambiguous": [],
        "failures": [_failure(failure)],
        "elapsed_ms": round(elapsed_ms, 3),
    }


def input_failure(kind: FailureKind) -> DetectorFailure:
    """The file could not be read, or is too large: known before any detector ran."""
    return DetectorFailure("input", kind)


def explanation(
    inspection: "Inspected",
    *,
    path: str,
    elapsed_ms: float,
    reveal: bool,
    index: int = 0,
    place: Callable[[int], int] = int,
    headers: Mapping[int, str] = NO_HEADERS,
    mail_from: str = "",
) -> Report:
    """One line of `scan`, with what every condition of every rule saw, and why each finding is one."""
    plain = report(
        inspection, path=path, index=index, elapsed_ms=elapsed_ms, reveal=reveal, place=place, headers=headers
    )
    ordered = in_order(inspection.findings)
    plain["findings"] = [
        {
            **shown,
            "detector": finding.detector,
            "fingerprint": finding.fingerprint,
            "why": list(finding.why),
            "marks": sorted(mark.value for mark in finding.marks),
        }
        for shown, finding in zip(plain["findings"], ordered, strict=True)
    ]
    plain["mail_from"] = mail_from
    plain["shows"] = "revealed" if reveal else "outline"
    plain["nearest"] = []
    plain["nearly"] = []
    plain["hindrances"] = []
    plain["hits"] = [_hit(hit) for hit in inspection.verdict.hits]
    plain["trace"] = [
        {
            "rule": step.rule,
            "recipient": step.recipient,
            "condition": step.condition,
            "held": step.held,
            "seen": step.seen,
        }
        for step in inspection.verdict.trace
    ]
    plain["coverage"] = [_covered(line) for line in inspection.ledger]
    plain["seconds"] = {stage: round(seconds, 6) for stage, seconds in inspection.seconds.items()}
    return plain


def is_held(plain: Mapping[str, Any]) -> bool:
    """The message would not simply be delivered to everybody."""
    disposition: str = plain["verdict"]["disposition"]
    return disposition != Disposition.DELIVER.word


def _verdict(verdict: Verdict) -> Report:
    return {
        "disposition": verdict.disposition.word,
        "policy": verdict.policy_digest,
        "outcomes": [_outcome(outcome) for outcome in verdict.outcomes],
        "rules": [
            {"rule": hit.rule, "area": hit.area, "status": hit.status, "action": strictest(hit.actions).value}
            for hit in verdict.hits
        ],
    }


def _outcome(outcome: Outcome) -> Report:
    return {
        "recipient": outcome.recipient,
        "disposition": outcome.disposition.word,
        "actions": _verbs(outcome.actions),
        "method": outcome.method.value if outcome.method else None,
    }


def _finding(finding: Finding, place: Callable[[int], int], headers: Mapping[int, str], *, reveal: bool) -> Report:
    if finding.place is not Place.BODY:
        place = int
    shown = {
        "entity": finding.entity,
        "score": finding.score,
        "confidence": finding.confidence.word,
        "part": finding.part_path,
        "place": finding.place.value,
        "start": place(finding.span.start),
        "end": place(finding.span.end),
        "masked": finding.masked,
    }
    if finding.also:
        shown["may_be"] = [{"entity": also.entity, "confidence": also.confidence.word} for also in finding.also]
    if finding.place is Place.HEADER and finding.segment in headers:
        shown["header"] = headers[finding.segment]
    return {**shown, "value": finding.value} if reveal else shown


def _covered(line: Coverage) -> Report:
    return {
        "part": line.part_path,
        "member": line.member,
        "reader": line.reader,
        "bytes": line.octets,
        "read": line.read,
        "unread": [reason.value for reason in line.unread],
    }


def _failure(failure: DetectorFailure) -> Report:
    return {"detector": failure.detector, "kind": failure.kind.value}


def _hit(hit: RuleHit) -> Report:
    return {
        "rule": hit.rule,
        "area": hit.area,
        "title": hit.title,
        "severity": hit.severity,
        "status": hit.status,
        "recipients": list(hit.recipients),
        "actions": _verbs(hit.actions),
    }


def _verbs(actions: Sequence[Action]) -> list[str]:
    """Each once: two rules that notify are one word."""
    return list(dict.fromkeys(action.verb.value for action in actions))


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """Findings in the order of the contract: by part, place, header field, then by where they start."""
    return sorted(findings, key=_place)


def _place(finding: Finding) -> tuple[tuple[int, ...], int, int, int, int, int, str]:
    """Parts as in the message ("1.2" before "1.10"), header fields too: each is a segment, counted from 0."""
    part = tuple(int(number) if number.isdigit() else -1 for number in finding.part_path.split("."))
    field = finding.segment if finding.place is Place.HEADER else 0
    start, end = finding.span.start, finding.span.end
    return part, PLACES.index(finding.place), field, start, end, finding.segment, finding.entity
