"""Which senders wait to hear what became of their messages.

Whether a sender is to hear is noted when the message is held: where a rule told them so. Each is told once: whoever
sends the notice claims it before, and gives it back where nothing was sent.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from gateway.quarantine.items import Item, State
from gateway.quarantine.rows import DUE, load_items
from gateway.store.database import reading, writing
from gateway.store.schema import items

TOLD = "told"
MOST = 2_000  # messages of one round


class Outcomes:
    """Every method raises StoreUnavailable."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def due(self) -> tuple[Item, ...]:
        """Messages that are over for all their recipients, whose senders have not heard of it; the oldest first."""
        ended = items.c.state.in_((State.RELEASED.value, State.DISCARDED.value))
        chosen = sa.select(items).where(items.c.follow_up == DUE, ended).order_by(items.c.created, items.c.id)
        with reading(self._engine) as connection:
            return load_items(connection, connection.execute(chosen.limit(MOST)).all())

    def claim(self, item_ids: Sequence[str]) -> None:
        """From now on they have heard of these."""
        self._set(item_ids, TOLD)

    def give_back(self, item_ids: Sequence[str]) -> None:
        """They were not told after all."""
        self._set(item_ids, DUE)

    def _set(self, item_ids: Sequence[str], value: str) -> None:
        with writing(self._engine, alone=False) as connection:
            connection.execute(sa.update(items).where(items.c.id.in_(item_ids)).values(follow_up=value))
