"""The conditions of rules. Adding one: write its class, add it to this list."""

from gateway.policy.conditions.base import Condition, Seen, Situation
from gateway.policy.conditions.fields import Header, Mark, Subject
from gateway.policy.conditions.finds import Finds
from gateway.policy.conditions.parts import Attachment, MessageSize
from gateway.policy.conditions.people import Authenticated, Consent, Direction, Recipient, Recipients, Sender
from gateway.policy.conditions.protection import Encrypted, Unprotected
from gateway.policy.conditions.stream import Stream
from gateway.policy.conditions.trouble import Ambiguous, Coverage, Failure, Opaque

CONDITIONS: tuple[type[Condition], ...] = (
    Recipient,
    Sender,
    Authenticated,
    Direction,
    Recipients,
    Consent,
    Stream,
    Finds,
    Subject,
    Header,
    Mark,
    Attachment,
    MessageSize,
    Opaque,
    Ambiguous,
    Coverage,
    Failure,
    Encrypted,
    Unprotected,
)

__all__ = ["CONDITIONS", "Condition", "Seen", "Situation"]
