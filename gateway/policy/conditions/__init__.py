"""The conditions of rules. Adding one: write its class, add it to this list."""

from gateway.policy.conditions.base import Condition, Seen, Situation
from gateway.policy.conditions.fields import Header, Subject
from gateway.policy.conditions.finds import Finds
from gateway.policy.conditions.parts import Attachment, MessageSize
from gateway.policy.conditions.people import Authenticated, Direction, Recipient, Recipients, Sender
from gateway.policy.conditions.trouble import Ambiguous, Coverage, Failure, Opaque

CONDITIONS: tuple[type[Condition], ...] = (
    Recipient,
    Sender,
    Authenticated,
    Direction,
    Recipients,
    Finds,
    Subject,
    Header,
    Attachment,
    MessageSize,
    Opaque,
    Ambiguous,
    Coverage,
    Failure,
)

__all__ = ["CONDITIONS", "Condition", "Seen", "Situation"]
