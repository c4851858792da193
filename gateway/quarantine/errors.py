"""Why something cannot be done with an item. Texts have ids only."""

from gateway.core.errors import TransactionError


class QuarantineError(TransactionError):
    """Root of these. Nothing was sent, nothing was changed."""


class ItemUnknown(QuarantineError):
    """No such item, or no such recipient of it."""


class AlreadyReleased(QuarantineError):
    """All that was asked for has been released before."""


class AlreadyDiscarded(QuarantineError):
    """The sealed message is gone."""


class OnHold(QuarantineError):
    """A legal hold keeps it."""


class SecondReviewerNeeded(QuarantineError):
    """The policy asks for two people: the agreement of this one is noted, somebody else has to release it as well."""


class ReleaseBusy(QuarantineError):
    """Somebody else is releasing this item at this moment."""


class ReleaseUncertain(QuarantineError):
    """A release was cut off: perhaps the message was sent. `force` sends (again), `confirm` says that it was sent."""


class ReleaseUnrecorded(QuarantineError):
    """The message was sent, but that could not be written down: the item says "releasing". `queue_id` is Postfix's."""

    def __init__(self, text: str, queue_id: str) -> None:
        self.queue_id = queue_id
        super().__init__(text)
