"""Names that health content stands right beside, in the clipped writing of wards, ambulances and visits.

"INR on Roe?", "delberts shin", "JANE ROE BARIATRIC": no title, no verb, no capital that a model could go by. The test,
the part of the body or the state says that the word beside it is somebody's name.
"""

import re
from collections.abc import Collection, Iterator, Sequence

from gateway.detect.names.base import Mark
from gateway.detect.names.everyday import FUNCTION
from gateway.detect.names.gate import Window
from gateway.detect.names.gazetteer import WORD
from gateway.detect.names.rules import LABEL

_WORD = r"(?:[A-Z][a-z]+(?:['’\-][A-Z]?[a-z]+|[A-Z][a-z]+)?|[A-Z]{4,}(?:-[A-Z]{3,})?)"
_TESTED = re.compile(
    rf" (?:on|of|for|from) (?:(?:[Mm]rs?|[Mm]s|[Mm]iss|[Bb]aby|MRS?|MS)\.? )?(?P<value>{_WORD}(?: {_WORD})?)\b(?!\.\w)"
)
_IN_STATE = re.compile(  # in capitals, from the beginning of a line or behind a sign, up to the state
    r"(?:^|[\n:;,./\-–][ \t]*|\d[ \t])(?P<value>[A-Z][A-Z'’\-]{2,20}(?:,? [A-Z][A-Z'’\-]+){1,2}),?[ \t]$"
)
_FAMILY = re.compile(r"\b(?P<value>[A-Z][A-Z'’\-]{3,20}),?[ \t]$")  # one name in capitals, before a state
_POSSESSED = re.compile(
    r"(?i)(?<![\w'’])(?P<value>[a-z]{3,20})s "
    r"(?:(?:left|right|new|old|other|bad|sore|big|little|wound|heart|hip|knee) )?"
    r"(?:shins?|heels?|toes?|ankles?|knees?|hips?|elbows?|wrists?|foot|feet|legs?|arms?|hands?|stump|wounds?|sores?|"
    r"ulcers?|rash|incision|stoma|burns?|scar|dressings?|bandages?|stitches|staples|sutures|drain|foley|catheter|picc|"
    r"trach|bp|blood|sugars?|oxygen|insulin|meds|pills?|pill ?box|labs?|inr|x-?rays?|mri|ct|scan|biopsy|walker|"
    r"wheelchair|chemo|dialysis|infusion|pain|breathing|fever|surgery)\b"
)
_REACH = 60  # characters before a state in which a name is looked for


def marks(
    text: str,
    note: Window,
    health: Sequence[Window],
    somebody: Sequence[Window],
    given: Collection[str],
    family: Collection[str],
) -> Iterator[Mark]:
    """Of a note. `health`: what tells of health in it; `somebody`: of that, what is said of one person alone.

    `given`, `family`: names that are no words, in lower case.
    """
    for _, end in somebody:
        if (tested := _TESTED.match(text, end)) and _names(text, *tested.span("value")):
            yield Mark(*tested.span("value"), LABEL)
    for start, end in health:
        if not text[start:end].isupper():
            continue
        state = _IN_STATE.search(text[max(0, start - _REACH) : start])
        before = max(0, start - _REACH)
        if state and _names(state["value"], 0, len(state["value"])):
            yield Mark(before + state.start("value"), before + state.end("value"), LABEL)
        elif (alone := _FAMILY.search(text[before:start])) and alone["value"].lower() in family:
            yield Mark(before + alone.start("value"), before + alone.end("value"), LABEL)
    for found in _POSSESSED.finditer(text, *note):
        if (name := found["value"].lower()) in given or name in family:
            yield Mark(*found.span("value"), LABEL)


def _names(text: str, start: int, end: int) -> bool:
    """Whether none of the words is one of every sentence."""
    return all(word[0].lower() not in FUNCTION for word in WORD.finditer(text, start, end))
