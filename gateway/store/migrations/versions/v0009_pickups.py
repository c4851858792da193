"""Messages that wait for their recipients at the portal, the codes mailed for them, and who is looking at one."""

import sqlalchemy as sa
from alembic import op

from gateway.store.times import UtcTime

revision = "0009"
down_revision: str | None = "0008"


def upgrade() -> None:
    op.create_table(
        "pickups",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("link", sa.String(64), nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("mail_from", sa.Text, nullable=False),
        sa.Column("incident", sa.String(64), nullable=False),
        sa.Column("created", UtcTime, nullable=False),
        sa.Column("expires", UtcTime, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("opened", UtcTime),
        sa.Column("ended", UtcTime),
        sa.Column("ended_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pickups"),
        sa.UniqueConstraint("link", name="uq_pickups_link"),
    )
    op.create_index("ix_pickups_state_expires", "pickups", ["state", "expires"])
    op.create_table(
        "pickup_codes",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("pickup_id", sa.String(64), nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("created", UtcTime, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("browser", sa.String(64), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("spent", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pickup_codes"),
        sa.ForeignKeyConstraint(["pickup_id"], ["pickups.id"], name="fk_pickup_codes_pickup_id", ondelete="CASCADE"),
    )
    op.create_index("ix_pickup_codes_pickup_id", "pickup_codes", ["pickup_id", "created"])
    op.create_index("ix_pickup_codes_recipient", "pickup_codes", ["recipient", "created"])
    op.create_table(
        "pickup_sessions",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("pickup_id", sa.String(64), nullable=False),
        sa.Column("created", UtcTime, nullable=False),
        sa.Column("seen", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_pickup_sessions"),
        sa.ForeignKeyConstraint(["pickup_id"], ["pickups.id"], name="fk_pickup_sessions_pickup_id", ondelete="CASCADE"),
    )
