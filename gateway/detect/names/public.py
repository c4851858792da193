"""Whom the world is told about: people in office, authors, those who are quoted. They are no patients."""

import re

_OFFICE = (
    r"president|chairman|chairwoman|chair|ceo|cto|cfo|founder|director|minister|senator|governor|mayor|congressman|"
    r"spokes\w+|professor|"
    r"analyst|author|writer|reporter|editor|columnist|researcher|scientist|actor|actress|singer|coach|judge|king|"
    r"queen|pope|prince"
)
_PUBLIC_BEFORE = re.compile(
    rf"(?i)(?:\b(?:{_OFFICE}|[a-z]+(?:olog|em|ic|om|ys)ist|according to|by|said|says|sir|saint|st\.)[ \t,]+|"
    r"\b(?:according to|said|says|claims|explains|adds|warns)(?: (?:an? |the )?[a-z]+){1,4} )$"
)
_PUBLIC_AFTER = re.compile(
    r"(?i)(?:,? (?:said|says|told|writes|wrote|reports|reported|argues|explains|announced|claims)\b|"
    rf",? (?:the |an? )?(?:\w+ ){{0,3}}(?:{_OFFICE})\b|"
    r"(?:\s*>?\s*[A-Z][\w'’\-]+)?,? (?:of|from|at) (?:the )?(?:[A-Z][\w.]+ ){0,3}(?:University|Institute|College|"
    r"School|Society|"
    r"Association|Ministry|Agency)\b|"
    r"[\"”],? ?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|(?:19|20)\d\d))"  # a source, quoted
)
_SAID = re.compile(r"(?i),? (?:said|says|told|reports|reported|explains)\b")


def is_public(text: str, start: int, end: int, *, in_a_note: bool) -> bool:
    """Whether a name is of somebody quoted, in office, or of an author. What patients say is told in notes of care."""
    before, after = text[max(0, start - 30) : start], text[end : end + 60]
    if in_a_note and _SAID.match(after):
        return False
    return _PUBLIC_BEFORE.search(before) is not None or _PUBLIC_AFTER.match(after) is not None
