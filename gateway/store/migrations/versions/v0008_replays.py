"""Comparisons of rule sets under way, so that their bounds hold over several processes of the console."""

import sqlalchemy as sa
from alembic import op

from gateway.store.times import UtcTime

revision = "0008"
down_revision: str | None = "0007"


def upgrade() -> None:
    op.create_table(
        "replays",
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("lease_until", UtcTime, nullable=False),
        sa.Column("stop", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_replays"),
    )
