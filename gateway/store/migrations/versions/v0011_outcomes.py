"""Whether a sender waits to hear what became of a held message, and whether it was said that nobody reads one."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision: str | None = "0010"


def upgrade() -> None:
    op.add_column("quarantine_items", sa.Column("follow_up", sa.String(8), nullable=False, server_default=""))
    op.create_index("ix_quarantine_items_follow_up", "quarantine_items", ["follow_up", "created", "id"])
    op.add_column("pickups", sa.Column("told", sa.String(8), nullable=False, server_default=""))
