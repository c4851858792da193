"""One outcome carried to its end: the edits that its actions come to, or why it is stricter than the policy asked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gateway.actions.attachments import without_attachments
from gateway.actions.draft import Draft, draft_of, edits
from gateway.actions.headers import Field, add, change, remove
from gateway.actions.notice import append_notice
from gateway.actions.redact import Redaction, chosen, left_of, redact
from gateway.actions.standing import standing_again
from gateway.actions.subject import tag, without_mark
from gateway.core.finding import Finding
from gateway.core.message import Content, Message, Span
from gateway.core.plan import Edit, Protection
from gateway.core.redacted import Left
from gateway.core.verdict import Action, Disposition, Method, Outcome, Verb

TRANSFORMS = frozenset(
    {
        Verb.TAG,
        Verb.ADD_HEADER,
        Verb.CHANGE_HEADER,
        Verb.REMOVE_HEADER,
        Verb.NOTICE,
        Verb.REMOVE_MARK,
        Verb.REDACT,
        Verb.REMOVE_ATTACHMENTS,
        Verb.ENCRYPT,
    }
)
Found = tuple[Sequence[Finding], Sequence[Finding]]  # what was found, and what gave way to it
NOT_REMOVED = "removal"
NO_ENCRYPTION = "encryption"
NOT_INSPECTED = "inspection"


@dataclass(frozen=True, slots=True)
class Settled:
    """What happens for the recipients of one treatment.

    `obstacles` name, from closed lists, why an action could not be carried out, `left` which values stay for that;
    `entities` are those taken out.
    """

    disposition: Disposition
    edits: tuple[Edit, ...] = field(repr=False, default=())
    obstacles: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    protection: Protection | None = None  # its manner is still open: that depends on the recipient
    left: tuple[Left, ...] = ()


def settle(
    outcome: Outcome,
    message: Message | None,
    content: Content,
    findings: Sequence[Finding],
    overlapped: Sequence[Finding] = (),
) -> Settled:
    """Render a delivery; anything stricter needs no rendering. A delivery never has a value in it that was to go.

    `overlapped`: what gave way to a finding (`Detection`): where one of these goes, all goes that both cover.
    """
    transforms = tuple(action for action in outcome.actions if action.verb in TRANSFORMS)
    if outcome.disposition is not Disposition.DELIVER or not transforms:
        return Settled(outcome.disposition)
    encrypting = [action for action in transforms if action.verb is Verb.ENCRYPT]
    if encrypting and outcome.method is None:
        return Settled(otherwise(encrypting), obstacles=(NO_ENCRYPTION,))
    if message is None:
        return Settled(otherwise(transforms), obstacles=(NOT_INSPECTED,))
    settled = _rendered(transforms, message, content, (findings, overlapped))
    if settled.disposition is not Disposition.DELIVER or outcome.method is None:
        return settled
    return replace(settled, protection=_protection(encrypting, outcome.method))


def _protection(encrypting: Sequence[Action], method: Method) -> Protection:
    """What the rules ask for, together. Also where the sender seems to have encrypted: that is easily feigned."""
    subjects = (_text(action.settings, "subject") for action in encrypting)
    return Protection(
        method,
        sign=any(action.settings.get("sign") is True for action in encrypting),
        subject=next(filter(None, subjects), ""),
    )


def otherwise(actions: Iterable[Action]) -> Disposition:
    """What the actions ask for where they can't be done: block if one says so, else quarantine; never delivery."""
    blocked = any(action.settings.get("otherwise") == Verb.BLOCK for action in actions)
    return Disposition.BLOCK if blocked else Disposition.QUARANTINE


def _rendered(transforms: Sequence[Action], message: Message, content: Content, found: Found) -> Settled:
    removing = (action for action in transforms if action.verb is Verb.REMOVE_ATTACHMENTS)
    draft, failed = without_attachments(draft_of(message), removing, content)
    if failed:
        return Settled(otherwise(failed), obstacles=(NOT_REMOVED,))
    findings, _ = found
    redaction, first = _redacted(draft, transforms, content, found)
    if redaction.kept:
        lost = {first.get(id(finding), id(finding)) for finding, _ in redaction.kept}
        blamed = [a for a in transforms if a.verb is Verb.REDACT and any(id(f) in lost for f in chosen(findings, a))]
        obstacles = tuple(dict.fromkeys(str(obstacle) for _, obstacle in redaction.kept))
        return Settled(otherwise(blamed), obstacles=obstacles, left=left_of(redaction.kept))
    draft = redaction.draft
    for action in transforms:
        draft = _transformed(draft, action)
    known = {id(finding) for finding in findings}
    entities = tuple(dict.fromkeys(finding.entity for finding in redaction.redacted if id(finding) in known))
    return Settled(Disposition.DELIVER, edits(draft), entities=entities)


def _redacted(
    draft: Draft, transforms: Sequence[Action], content: Content, found: Found
) -> tuple[Redaction, dict[int, int]]:
    """All redact actions at once. Where one wants a label and another a mask, the label hides more.

    A value goes from all its places. With it which finding told of the one that stands for another place of it.
    """
    findings, overlapped = found
    labelled: dict[int, bool] = {}
    for action in transforms:
        if action.verb is Verb.REDACT:
            is_label = action.settings.get("style") != "mask"
            for finding in chosen(findings, action):
                labelled[id(finding)] = labelled.get(id(finding), False) or is_label
    asked = [(finding, labelled[id(finding)]) for finding in findings if id(finding) in labelled]
    again = list(standing_again(content.segments, [finding for finding, _ in asked]))
    asked += [(each.here, labelled[id(each.first)]) for each in again]
    asked += [(finding, True) for finding in _sharing([finding for finding, _ in asked], overlapped)]
    leaving = (Verb.REMOVE_HEADER, Verb.CHANGE_HEADER)
    names = frozenset(_text(a.settings, "name").strip().lower() for a in transforms if a.verb in leaving)
    return redact(draft, content, asked, names), {id(each.here): id(each.first) for each in again}


def _sharing(going: Sequence[Finding], overlapped: Sequence[Finding]) -> Iterator[Finding]:
    """What gave way and reaches out of one of those that go: no part of it may stay behind."""
    spans: dict[int, list[Span]] = {}
    for finding in going:
        spans.setdefault(finding.segment, []).append(finding.span)
    for finding in overlapped:
        here = finding.span
        shared = [s for s in spans.get(finding.segment, ()) if s.start < here.end and here.start < s.end]
        if shared and not any(s.start <= here.start and here.end <= s.end for s in shared):
            yield finding


def _transformed(draft: Draft, action: Action) -> Draft:
    """The draft after one action; those that are no transform, or are done already, change nothing."""
    settings = action.settings
    name, value = _text(settings, "name"), _text(settings, "value")
    if action.verb is Verb.TAG:
        return draft.with_fields(tag(draft.fields, _text(settings, "text")))
    if action.verb is Verb.ADD_HEADER:
        return draft.with_fields(add(draft.fields, name, value))
    if action.verb is Verb.CHANGE_HEADER:
        return draft.with_fields(change(draft.fields, name, value))
    if action.verb is Verb.REMOVE_HEADER:
        return draft.with_fields(remove(draft.fields, name))
    if action.verb is Verb.REMOVE_MARK:
        return draft.with_fields(_unmarked(draft.fields, settings))
    if action.verb is Verb.NOTICE:
        return append_notice(draft, _text(settings, "text"), _text(settings, "html"))
    return draft


def _unmarked(fields: tuple[Field, ...], settings: Mapping[str, object]) -> tuple[Field, ...]:
    header = _text(settings, "header")
    return remove(fields, header) if header else without_mark(fields, _text(settings, "text"))


def _text(settings: Mapping[str, object], key: str) -> str:
    value = settings.get(key, "")
    return value if isinstance(value, str) else str(value)
