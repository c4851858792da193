"""Messages kept back, sealed, until somebody decides."""

from gateway.quarantine.casefile import Casefile, Comment, Mark, Precision
from gateway.quarantine.items import FoundEntity, Held, Item, NewItem, Query, Recipient, State, Sweep, Way, summarise
from gateway.quarantine.purging import Purging, Terms
from gateway.quarantine.store import QuarantineStore

__all__ = [
    "Casefile",
    "Comment",
    "FoundEntity",
    "Held",
    "Item",
    "Mark",
    "NewItem",
    "Precision",
    "Purging",
    "QuarantineStore",
    "Query",
    "Recipient",
    "State",
    "Sweep",
    "Terms",
    "Way",
    "summarise",
]
