"""Tokens made before today end: nobody can say whether their owners made them, or somebody in their name."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from gateway.store.times import UtcTime

revision = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    tokens = sa.table("tokens", sa.column("revoked", UtcTime))
    op.execute(tokens.update().where(tokens.c.revoked.is_(None)).values(revoked=datetime.now(UTC)))
