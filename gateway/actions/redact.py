"""Findings taken out of subject, text and mark-up. Each one is either gone, or named as a reason not to deliver."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from html import escape

from gateway.actions.draft import Change, Draft, sealed_parts
from gateway.actions.headers import ADDRESSING, CORRESPONDENTS, is_free_text, safe_value, same_name, set_value
from gateway.core.detector import Confidence
from gateway.core.finding import Finding
from gateway.core.message import Content, Part, Place, Run, Segment, Span, first_beyond
from gateway.core.redacted import Left
from gateway.core.verdict import Action

_MARKUP_TYPES = ("html", "xml")  # endings of content types, and of file names


class Obstacle(StrEnum):
    """Why a value can't be taken out. A closed list: notices have words for each."""

    ATTACHMENT = "attachment"
    FILENAME = "filename"
    HEADER = "header"
    NESTED = "nested"
    SEALED = "sealed"


@dataclass(frozen=True, slots=True)
class Piece:
    """One stretch to be replaced, and the finding it belongs to. `text` is "" behind the first stretch of a finding."""

    span: Span
    text: str = field(repr=False)
    entity: str
    is_label: bool


@dataclass(frozen=True, slots=True)
class Redaction:
    """The draft with the values taken out, and the findings that could not be, each with its obstacle."""

    draft: Draft
    redacted: tuple[Finding, ...]
    kept: tuple[tuple[Finding, Obstacle], ...]


def chosen(findings: Sequence[Finding], action: Action) -> tuple[Finding, ...]:
    """The findings that a redact action names: by entity or group; all where it names none.

    `confidence` ("low", "medium", "high") leaves out what is less sure. What may be of a named kind goes as well.
    """
    names = {*_words(action, "entities"), *_words(action, "groups")}
    word = action.settings.get("confidence")
    least = Confidence.of(word) if isinstance(word, str) else Confidence.LOW
    return tuple(f for f in findings if f.confidence >= least and (not names or names & f.names or names & f.groups))


def redact(
    draft: Draft, content: Content, asked: Iterable[tuple[Finding, bool]], leaving: frozenset[str] = frozenset()
) -> Redaction:
    """Replace every finding by a label (True) or its mask (False).

    `leaving` names header fields, in lower case, that other actions take away with all that stands in them; so do
    the parts that the draft replaces.
    Addresses and names of the correspondents in the address fields are passed over.
    """
    targets = _Targets(draft, content, leaving)
    pieces: dict[str | int, list[Piece]] = {}
    redacted: list[Finding] = []
    kept: list[tuple[Finding, Obstacle]] = []
    for finding, is_label in asked:
        target = targets.of(finding)
        if target is None:
            continue
        if isinstance(target, Obstacle):
            kept.append((finding, target))
            continue
        redacted.append(finding)
        for place in target.places:
            pieces.setdefault(place, []).extend(_pieces(finding, target.spans, is_label))
    for place, found in pieces.items():
        draft = _with_pieces(draft, place, found, targets)
    return Redaction(draft, tuple(redacted), tuple(kept))


def left_of(kept: Iterable[tuple[Finding, Obstacle]]) -> tuple[Left, ...]:
    """What stays, each kind in each part once."""
    return tuple(dict.fromkeys(Left(found.entity, found.part_path, obstacle.value) for found, obstacle in kept))


def label(entities: Iterable[str]) -> str:
    """What stands in the place of a value. No white space: it stays whole in folded lines and bare attributes."""
    return f"[REDACTED:{'+'.join(sorted(set(entities)))}]"


def merge(pieces: Iterable[Piece]) -> tuple[Change, ...]:
    """Changes that are sorted and apart. Where findings overlap, one text stands for all of them."""
    groups: list[list[Piece]] = []
    end = -1
    for piece in sorted(pieces, key=lambda p: (p.span.start, p.span.end)):
        if piece.span.start < end:
            groups[-1].append(piece)
        else:
            groups.append([piece])
        end = max(end, piece.span.end)
    return tuple(_merged(group) for group in groups)


def _merged(group: Sequence[Piece]) -> Change:
    """A mask is kept only where nothing else overlaps it: it could show what the other one hides."""
    span = Span(group[0].span.start, max(piece.span.end for piece in group))
    texts = {piece.text for piece in group if piece.text}
    if not texts:
        return span, ""
    if len(set(group)) == 1 or (len(texts) == 1 and all(piece.is_label for piece in group)):
        return span, texts.pop()
    return span, label(piece.entity for piece in group if piece.text)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a finding is replaced: in a part (its path) or in fields of the header (their places)."""

    places: tuple[str | int, ...]
    spans: tuple[Span, ...]


class _Targets:
    """Finds the place of a finding in the original message."""

    def __init__(self, draft: Draft, content: Content, leaving: frozenset[str]) -> None:
        self.parts: dict[str, Part] = {part.part_path: part for part in draft.message.root.walk()}
        self._draft = draft
        self._content = content
        self._leaving = leaving
        self._root = draft.message.root.part_path
        self._sealed = sealed_parts(draft.message)

    def of(self, finding: Finding) -> Target | Obstacle | None:
        """None: the finding belongs where it stands."""
        if finding.part_path in self._draft.replaced:
            return Target((), ())
        if not 0 <= finding.segment < len(self._content.segments):
            return Obstacle.NESTED
        segment = self._content.segments[finding.segment]
        if self._is_addressing(segment) and finding.entity in CORRESPONDENTS:
            return None
        spans = self._origin(finding)
        if segment.place is Place.FILENAME:
            return Obstacle.FILENAME
        if segment.place in (Place.SUBJECT, Place.HEADER):
            return self._in_header(segment, spans)
        return self._in_body(segment, spans)

    def _is_addressing(self, segment: Segment) -> bool:
        return segment.part_path == self._root and segment.header.lower() in ADDRESSING

    def _origin(self, finding: Finding) -> tuple[Span, ...]:
        """Where the finding came from; nothing where a character of it, other than white space, came from nowhere.

        Only the runs near it are looked at: a page of mark-up has very many.
        """
        segment = self._content.segments[finding.segment]
        if segment.runs is not None:
            first = first_beyond(segment.runs, finding.span.start)
            last = first_beyond(segment.runs, finding.span.end - 1)
            segment = replace(segment, runs=segment.runs[first : last + 1])
            if _made_up(segment.text, segment.runs or (), finding.span).strip():
                return ()
        return tuple(span for span in segment.origin(finding.span) if span.start < span.end)

    def _in_header(self, segment: Segment, spans: tuple[Span, ...]) -> Target | Obstacle:
        """A repeated field is known by its value: all that have it are changed."""
        name = (segment.header or ("subject" if segment.place is Place.SUBJECT else "")).lower()
        if segment.part_path == self._root and name in self._leaving:
            return Target((), ())
        if segment.part_path != self._root or not is_free_text(name):
            return Obstacle.HEADER
        places = tuple(n for n, f in enumerate(self._draft.fields) if same_name(f, name) and f.text == segment.text)
        if segment.runs is not None or not places or not spans:
            return Obstacle.HEADER
        return Target(places, spans)

    def _in_body(self, segment: Segment, spans: tuple[Span, ...]) -> Target | Obstacle:
        part = self.parts.get(segment.part_path)
        if segment.part_path in self._sealed:
            return Obstacle.SEALED
        if part is None or not part.is_original or not segment.editable or not spans:
            return Obstacle.ATTACHMENT if segment.place is Place.ATTACHMENT else Obstacle.NESTED
        return Target((part.part_path,), spans)


def _made_up(text: str, runs: Sequence[Run], span: Span) -> str:
    """What of a span stands between runs."""
    pieces: list[str] = []
    position = span.start
    for run in runs:
        pieces.append(text[position : max(position, run.text.start)])
        position = max(position, run.text.end)
    return "".join((*pieces, text[position : span.end]))


def _pieces(finding: Finding, spans: Sequence[Span], is_label: bool) -> list[Piece]:
    """The text goes into the first stretch. A mask that hides nothing becomes a label."""
    is_label = is_label or not finding.masked or finding.masked == finding.value
    text = label([finding.entity]) if is_label else finding.masked
    return [Piece(span, "" if n else text, finding.entity, is_label) for n, span in enumerate(spans)]


def _with_pieces(draft: Draft, place: str | int, pieces: Sequence[Piece], targets: _Targets) -> Draft:
    changes = merge(pieces)
    if isinstance(place, int):
        return draft.with_fields(set_value(draft.fields, place, _new_value(draft.fields[place].text, changes)))
    if _is_markup(targets.parts[place]):
        changes = tuple((span, escape(text)) for span, text in changes)
    return draft.with_changes(place, changes)


def _is_markup(part: Part) -> bool:
    return part.content_type.endswith(_MARKUP_TYPES) or part.filename.lower().endswith((".htm", *_MARKUP_TYPES))


def _new_value(text: str, changes: Sequence[Change]) -> str:
    for span, new in reversed(changes):
        text = text[: span.start] + new + text[span.end :]
    return safe_value(text)


def _words(action: Action, key: str) -> tuple[str, ...]:
    value = action.settings.get(key, ())
    if isinstance(value, str):
        return (value,)
    return tuple(str(word) for word in value) if isinstance(value, tuple | list | frozenset) else ()
