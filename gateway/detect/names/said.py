"""Whether health content in a note is said of somebody named in it, by how people speak of the ill.

A classifier weighs a note as a whole, and a note of one line may have few words that it knows: "Thornbury's audiogram",
"Callum has been diagnosed with". What stands right beside a name then tells whose the illness is.
"""

import re
from collections.abc import Sequence

from gateway.detect.names.gate import Window

_HAS = re.compile(  # what is said right behind the name of somebody who is ill
    r"(?i)(?:['’]s? |,? \(?(?:(?:who|he|she|they) )?(?:(?:still|just|also|never|now|again|only|really) )?"
    r"(?:is|was|has|had|have|takes?|took|needs?|gets?|got|feels?|can['’]?t|cannot|could|will|won['’]?t|does|did|"
    r"start(?:s|ed)|stopped|refus\w+|complain\w+|suffer\w*|fell|keeps?|lost|died|vomit\w*|lives with|recover\w+|"
    r"carries|tested|broke|hurt|wants?|asks?|asked|sees?|seen|saw|went|goes|came|comes|present(?:s|ed)?|states|denies|picked|"
    r"swallowed|missed|reacted|tolerat\w+|received|given|diagnosed|admitted|positive|negative|ready|due|back|out|tested|"
    r"scheduled|re|for|needing|status|s/p|on|with|w/)\b|[ \t]*[:;,|(\-–—=/][ \t]*)"
)
_ANYTHING = re.compile(r"['’]|[ \t,:;(\-–—]")  # said of a Mr. or Mrs.
_AT_WORK = re.compile(  # and what is said of those who work in care, or on it
    r"(?i)[^.?!\n]{0,12}\b(?:present(?:s|ing|ed) (?:on|a|the|at|his|her|our)|speak\w*|talks? |lectur\w+|writ\w+|wrote|"
    r"teach\w*|taught|host\w*|lead\w*|cover\w*|chair\w*|author\w*|stud(?:y|ies|ied)|research\w*|publish\w*|explain\w*|"
    r"argu\w+|discover\w*|describ\w+|train\w*|for (?:his|her|their) work|certif\w+|join\w*|hired|promot\w+|sell\w*|"
    r"report\w*|work(?:s|ed|ing) (?:in|at|on|for)|manag\w+|award\w*|o(?:n|ff) (?:call|duty)|(?:our|the) new|"
    r"an? (?:new )?(?:\w+ )?(?:nurse|doctor|surgeon|physician|dentist|therapist|director|manager|lead|[a-z]+ologist|"
    r"trainer|volunteer|student|resident|fellow|intern|author|actor|singer|coach|vet))\b"
)
_ABOUT = re.compile(  # what stands between an illness and its bearer
    r"(?i)\b(?:for|of|in|on|re:?|about|with|to|from|that|did|is|does|has|was|why) "
    r"(?:(?:our|my|your|the|little|baby|old|young|uncle|aunt|brother|sister|grandma|grandpa|sgt|ssg|pvt|cpl|capt|client|"
    r"patient|pt|student|resident|camper|child) )?$"
)
_AS_A_PATIENT = re.compile(  # said of writers, readers and doctors only when they are ill themselves
    r"(?i) (?:(?:was|is|has been|got) (?:just |recently |re)?(?:diagnosed with|admitted (?:for|to|with)|"
    r"hospitali[sz]ed|intubated)|(?:has )?tested positive|suffers from)\b"
)
_VERB = re.compile(
    r"(?i)(?:['’]s? |(?:, \d{1,3},)? (?:(?:still|just|also|now|again) )?(?:is|was|has|had|have|"
    r"takes?|took|needs?|gets?|got|suffer\w*|died|lost|stopped|started|starts|refus\w+|"
    r"tested|complain\w*|broke|fell|lives with)\b)"
)
_COLON = re.compile(r" ?[:\-–—] ")
_NEXT = 40  # characters between such a verb and the illness
_FURTHER_ON = re.compile(  # and further on: "his diabetes", "she is diabetic", "he was started on insulin"
    r"(?i)\b(?:(?:his|her)(?: (?!for|of|in|on|about|to|with|and|or|the|a|an|at|from|by|as)[a-z\-]+){0,2}|"
    r"(?:(?:he|she)(?:['’]s|['’]d)?|(?:he|she) (?:is|was|has|had|got|gets|takes?|needs?|have)|"
    r"(?:he|she) (?:[a-z']+ ){1,3}(?:is|was|has|had|on|with|of|from|for))(?: [a-z\-]+){0,3}) $"
)
CARRIED = 250  # characters between a name and health content of "him" or "her", who is its bearer
_PARAGRAPH_END = re.compile(r"\n[ \t>]*\n")
_BEHIND, _AHEAD = 80, 30  # characters between a name and what is said of its bearer
_OF_ONESELF = re.compile(r"(?i)\b(?:my|i|i['’](?:ve|m|d|ll)|im|ive)\b[^.?!\n]{0,40}$")  # before an illness
_OF_WORK = re.compile(  # and before others' illnesses
    r"(?i)\b(?:my (?:patients?|clients?|practice|team|clinic|staff|work|talk|slides|paper|research|book|interest|"
    r"customers?)|i (?:treat|see|teach|work|lecture|write|specialize|research|stud(?:y|ied)|manage|run|lead|read|sell|"
    r"saw|examin|wrote|presented|spoke|covered|trained))\b[^.?!\n]{0,60}$"
)
_SENTENCE_END = re.compile(r"[.?!](?:\s|$)|\n")
_LONG_AGO = re.compile(r"\b1[5-9]\d\d\b")  # who had it then is nobody's patient


def of(
    text: str, note: Window, start: int, end: int, health: Sequence[Window], *, titled: bool, doubtful: bool = True
) -> str:
    """Why the health content of a note is that of the bearer of a name, in plain words; empty where it is not said.

    `titled`: a Mr. or Mrs., of whom anything may be said. `doubtful`: the note may tell of somebody's care. Where it
    does not as a whole, an illness has to be told outright: "has diabetes", "'s biopsy", ": HIV positive".
    """
    if _LONG_AGO.search(text, *note):
        return ""
    behind = (_ANYTHING if titled else _HAS).match(text, end)
    if behind and _AT_WORK.match(text, end) is None:
        stop = _SENTENCE_END.search(text, end, note[1])
        high = min(end + _BEHIND, stop.start() if stop else note[1])
        if any(end <= low < high for low, _ in health):
            return "health content is said of it" if doubtful or _outright(text, end, high, health) else ""
    if not doubtful:
        return ""
    before = _ABOUT.search(text, max(0, start - _AHEAD), start)
    if before and any(0 <= before.start() - high <= _AHEAD for _, high in health):
        return "health content is told about it"
    return ""


def _outright(text: str, end: int, high: int, health: Sequence[Window]) -> bool:
    """Whether a verb of the ill or a possessive stands right behind a name, or an illness behind a colon."""
    if found := _VERB.match(text, end):
        return any(found.end() <= low + 1 and low < min(high, found.end() + _NEXT) for low, _ in health)
    found = _COLON.match(text, end)
    return found is not None and any(low == found.end() for low, _ in health)


def as_a_patient(text: str, end: int) -> bool:
    """Whether what stands right behind a name is said of patients alone, whoever they are in the mail."""
    return _AS_A_PATIENT.match(text, end) is not None


def further_on(text: str, end: int, health: Sequence[Window]) -> str:
    """Why the health content behind a name is that of "him" or "her", in its paragraph; empty where it is not."""
    told = any(
        _FURTHER_ON.search(text, max(end, low - _BEHIND), low) is not None
        and _PARAGRAPH_END.search(text, end, low) is None
        and _LONG_AGO.search(text, end, low) is None
        for low, _ in health
    )
    return "health content is said of him or her further on" if told else ""


def by_the_writer(text: str, note: Window, health: Sequence[Window]) -> bool:
    """Whether somebody tells in a note what illness they have themselves."""
    return _LONG_AGO.search(text, *note) is None and any(
        _OF_ONESELF.search(text, max(0, low - 60), low) and not _OF_WORK.search(text, max(0, low - 80), low)
        for low, _ in health
    )
