"""Is a message about somebody who is cared for, or about work? By the weights of the passages' classifier.

The words of care alone do not tell: a clinic orders insulin, teaches about stroke, greets a new surgeon. A message is
about work where it reads so as a whole and in each of its parts: one sentence about a patient among the minutes of a
meeting is about the patient.
"""

import re
from collections.abc import Iterator, Sequence

from gateway.detect.care.classifier import NOTHING, Classifier

WORK = -35  # score below which a text is about work, in hundredths
READ = 20_000  # bytes; a longer message is judged as any other
_PIECE = 350  # bytes that are looked at together
_FEWEST = 8  # words with a weight; fewer tell nothing by themselves
_BREAK = re.compile(rb"(?<=\n)|(?<=[.!?] )")


def is_of_work(classifier: Classifier, texts: Sequence[bytes]) -> bool:
    """Whether nothing in the texts of one message reads as if somebody were cared for. False where it is too long or
    too short to tell."""
    if sum(map(len, texts)) > READ:
        return False
    whole = b"\n".join(texts)
    if not NOTHING < classifier.told(whole, _FEWEST) < WORK:
        return False
    return all(classifier.told(piece, _FEWEST) < WORK for text in texts for piece in _pieces(text))


def _pieces(octets: bytes) -> Iterator[bytes]:
    """The text cut behind lines and sentences; a sentence longer than a piece stays whole."""
    piece = b""
    for part in _BREAK.split(octets):
        if piece and len(piece) + len(part) > _PIECE:
            yield piece
            piece = b""
        piece += part
    yield piece
