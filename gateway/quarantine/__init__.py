"""Messages kept back, sealed, until somebody decides."""

from gateway.quarantine.items import FoundEntity, Held, Item, NewItem, Query, Recipient, State, Sweep, summarise
from gateway.quarantine.store import QuarantineStore

__all__ = [
    "FoundEntity",
    "Held",
    "Item",
    "NewItem",
    "QuarantineStore",
    "Query",
    "Recipient",
    "State",
    "Sweep",
    "summarise",
]
