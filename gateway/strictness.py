"""Which of a rule's actions says most about it, for metrics and reports."""

from collections.abc import Iterable

from gateway.core.verdict import Action, Verb

# From mild to strict. Telling somebody changes nothing about the message, so it comes before every change.
ORDER = (
    Verb.DELIVER,
    Verb.NOTIFY,
    Verb.COPY_TO,
    Verb.REMOVE_MARK,
    Verb.ADD_HEADER,
    Verb.CHANGE_HEADER,
    Verb.REMOVE_HEADER,
    Verb.TAG,
    Verb.NOTICE,
    Verb.REDACT,
    Verb.REMOVE_ATTACHMENTS,
    Verb.ENCRYPT,
    Verb.QUARANTINE,
    Verb.BLOCK,
)


def strictest(actions: Iterable[Action]) -> Verb:
    """The strictest verb; `deliver` where there is none."""
    return max((action.verb for action in actions), key=ORDER.index, default=Verb.DELIVER)
