"""How health content is meant: denied, of a relative, or only if. Notes for people; nothing is left out for them.

A small ConText (Harkema et al., ConText: an algorithm for determining negation, experiencer, and temporal status from
clinical reports, 2009): words before or behind a term, in its sentence, up to a word that ends their reach. The word
lists are ours.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from gateway.core.finding import Finding, Mark
from gateway.core.message import Segment

HEALTH = "health"
MOST = 5_000  # findings of one message that are looked at
_BEFORE, _BEHIND = 80, 40  # characters
_ENDS = re.compile(r"[.!?;](?=\s|$)|\n[ \t]*\n|\b(?:but|however|although|though|except|yet|because)\b", re.IGNORECASE)
_RELATIVE = (
    r"(?:(?:grand|step|god)?(?:mother|father|son|daughter|parents?|child(?:ren)?)|mom|mum|dad|brother|sister|"
    r"siblings?|aunt|"
    r"uncle|cousin|niece|nephew|husband|wife|spouse)"
)
_NEGATED = (  # before the term, behind it
    (
        r"no(?! (?:longer|doubt|change|increase|matter|later))|not(?! only| sure| certain)|never|without|"
        r"den(?:y|ies|ied|ying)|negative for|absence of|free of|free from|rul(?:ed|es) out|lacks?|neither|nor|"
        r"(?:is|was|are|were|do|does|did|has|have)n['’]t"
    ),
    (
        r"(?:is|was|were|has been|been) (?:ruled out|excluded|absent)|(?:is|was|came back|were) (?:negative|normal)|"
        r"(?:is|are|was|were) not (?:present|found|seen|suspected)|unlikely"
    ),
)
_FAMILY = (
    rf"{_RELATIVE}(?:['’]s|s['’])?|family (?:history|hx)(?: of| is)?|fhx?|runs in (?:the|my|his|her|our) family",
    rf"in (?:my|his|her|the|our) (?:family|{_RELATIVE})|runs in (?:the|my|his|her|our) family",
)
_HYPOTHETICAL = (
    (
        r"if|in case(?: of)?|in the event of|should (?:you|he|she|they|there|any)|unless|whether|rule out|r/o|"
        r"screen(?:ed|ing)? for|risk (?:of|for)|at risk|to prevent|prevention of|prophylaxis|worr(?:y|ied) about|"
        r"afraid of|concern(?:ed)? (?:for|about)"
    ),
    r"screening|prevention|prophylaxis|should (?:be )?(?:considered|ruled out)",
)
_WORDS = {Mark.NEGATED: _NEGATED, Mark.FAMILY: _FAMILY, Mark.HYPOTHETICAL: _HYPOTHETICAL}
_SAID = {
    Mark.NEGATED: "said not to be so",
    Mark.FAMILY: "said of a relative",
    Mark.HYPOTHETICAL: "said as what may be",
}
_EXPRESSIONS = {
    mark: tuple(re.compile(rf"(?<![\w/])(?:{words})(?!\w)", re.IGNORECASE) for words in both)
    for mark, both in _WORDS.items()
}


def marked(findings: Sequence[Finding], segments: Sequence[Segment]) -> list[Finding]:
    """The same findings; those of health content with their marks, and with the words that made them."""
    left = MOST
    out = []
    for finding in findings:
        if HEALTH in finding.groups and left > 0:
            left -= 1
            finding = _marked(finding, segments[finding.segment].text)
        out.append(finding)
    return out


def _marked(finding: Finding, text: str) -> Finding:
    found = dict(_marks(text, finding.span.start, finding.span.end))
    if not found:
        return finding
    why = tuple(f"{_SAID[mark]}: '{words}'" for mark, words in found.items())
    return replace(finding, marks=frozenset(found), why=(*finding.why, *why))


def _marks(text: str, start: int, end: int) -> Iterator[tuple[Mark, str]]:
    """Each mark and the nearest words that say so."""
    before = _last_piece(text[max(0, start - _BEFORE) : start])
    behind = _ENDS.split(text[end : end + _BEHIND], maxsplit=1)[0]
    for mark, (ahead, after) in _EXPRESSIONS.items():
        words = _last(ahead.finditer(before)) or _last(after.finditer(behind), first=True)
        if words:
            yield mark, " ".join(words.lower().split())


def _last_piece(text: str) -> str:
    return _ENDS.split(text)[-1]


def _last(found: Iterable[re.Match[str]], *, first: bool = False) -> str:
    texts = [match[0] for match in found]
    return (texts[0] if first else texts[-1]) if texts else ""
