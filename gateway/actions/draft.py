"""What a copy is to become, before it is edits: its header, and the changes of text in each part."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from gateway.actions.headers import Field, edits_of, read_fields
from gateway.core.message import Message, Part, Span
from gateway.core.plan import Edit, Splice
from gateway.parse.transfer import rewrite_text

Change = tuple[Span, str]  # code points of the part's decoded text, and what they become

SEALED = frozenset({"multipart/signed", "multipart/encrypted"})  # RFC 1847: not a byte inside may change


@dataclass(frozen=True, slots=True)
class Draft:
    """`changes` by part_path; those of one part may be in any order but stand apart.

    `replaced` by part_path: the octets, header included, that stand in the place of a whole part.
    """

    message: Message = field(repr=False)
    fields: tuple[Field, ...] = field(repr=False)
    changes: Mapping[str, tuple[Change, ...]] = field(repr=False, default_factory=dict)

    replaced: Mapping[str, bytes] = field(repr=False, default_factory=dict)

    def with_replaced(self, part_path: str, octets: bytes) -> "Draft":
        """Another part in its place; the first replacement stays."""
        return replace(self, replaced={part_path: octets, **self.replaced})

    def with_fields(self, fields: tuple[Field, ...]) -> "Draft":
        return replace(self, fields=fields)

    def with_changes(self, part_path: str, changes: tuple[Change, ...]) -> "Draft":
        """These changes as well as the part's earlier ones."""
        return replace(self, changes={**self.changes, part_path: (*self.changes.get(part_path, ()), *changes)})


def draft_of(message: Message) -> Draft:
    """The message as it is."""
    return Draft(message, read_fields(message.root))


def edits(draft: Draft) -> tuple[Edit, ...]:
    """Header edits, then the splices of the body in order. Each part is rewritten once, with all its changes."""
    parts = {part.part_path: part for part in draft.message.root.walk()}
    splices = [
        splice
        for part_path, changes in draft.changes.items()
        if part_path not in draft.replaced
        for splice in rewrite_text(parts[part_path], joined(changes))
    ]
    for part_path, octets in draft.replaced.items():
        splices.append(Splice(parts[part_path].head.start, parts[part_path].body.end, octets))
    head = edits_of(read_fields(draft.message.root), draft.fields)
    return (*head, *sorted(splices, key=lambda splice: splice.start))


def sealed_parts(message: Message) -> frozenset[str]:
    """Paths of all parts that are signed or encrypted, or stand inside one that is (RFC 1847)."""
    sealed: set[str] = set()
    for part in message.root.walk():
        if part.content_type in SEALED or part.part_path in sealed:
            sealed.add(part.part_path)
            sealed.update(child.part_path for child in part.children)
    return frozenset(sealed)


def has_text(part: Part) -> bool:
    """A leaf that mail programs show as text."""
    return part.content_type in ("text/plain", "text/html") and not part.children


def joined(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Sorted and apart: changes that touch or overlap become one, their texts one after the other."""
    apart: list[Change] = []
    for span, text in sorted(changes, key=lambda change: (change[0].start, change[0].end)):
        if apart and span.start <= apart[-1][0].end:
            before, earlier = apart.pop()
            span, text = Span(before.start, max(before.end, span.end)), earlier + text
        apart.append((span, text))
    return tuple(apart)
