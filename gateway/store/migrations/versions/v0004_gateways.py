"""Several gateways: who they are, what they have in common, and to which Postfix a queue id belongs."""

import sqlalchemy as sa
from alembic import op

from gateway.store.times import UtcTime

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    _name_postfix("followed_copies", ["queue_id", "postfix"])
    _name_postfix("delivery_proofs", ["queue_id", "postfix", "digest"])
    op.create_table(
        "gateways",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("policy_digest", sa.String(80), nullable=False),
        sa.Column("started", UtcTime, nullable=False),
        sa.Column("seen", UtcTime, nullable=False),
        sa.Column("stopped", UtcTime),
        sa.Column("audit_seq", sa.BigInteger, nullable=False),
        sa.Column("audit_hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gateways"),
    )
    op.create_table(
        "common",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_common"),
    )


def _name_postfix(table: str, key: list[str]) -> None:
    """No index of an expression is on these, so that a batch may copy them on SQLite."""
    with op.batch_alter_table(table) as batch:
        batch.add_column(sa.Column("postfix", sa.String(64), nullable=False, server_default=""))
        batch.drop_constraint(f"pk_{table}", type_="primary")
        batch.create_primary_key(f"pk_{table}", key)
