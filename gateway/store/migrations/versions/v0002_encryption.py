"""Keys of recipients and of the organization, TLS lanes, and the way of copies in Postfix's log."""

import sqlalchemy as sa
from alembic import op

from gateway.store.times import UtcTime

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    _recipients()
    _own()
    _followed()


def _recipients() -> None:
    op.create_table(
        "recipient_keys",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("fingerprint", sa.String(128), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("material", sa.Text, nullable=False),
        sa.Column("manner", sa.String(16), nullable=False),
        sa.Column("not_before", UtcTime),
        sa.Column("not_after", UtcTime),
        sa.Column("added", UtcTime, nullable=False),
        sa.Column("checked", UtcTime, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recipient_keys"),
    )
    op.create_index("ix_recipient_keys_address", "recipient_keys", ["address", "kind", "fingerprint"], unique=True)
    op.create_table(
        "recipient_lanes",
        sa.Column("domain", sa.String(255), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("lane", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("checked", UtcTime, nullable=False),
        sa.Column("expires", UtcTime),
        sa.PrimaryKeyConstraint("domain", "source", name="pk_recipient_lanes"),
    )
    op.create_table(
        "recipient_lookups",
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("found", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("checked", UtcTime, nullable=False),
        sa.Column("expires", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("subject", "source", name="pk_recipient_lookups"),
    )


def _own() -> None:
    op.create_table(
        "own_keys",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("fingerprint", sa.String(128), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("public", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("not_after", UtcTime),
        sa.Column("added", UtcTime, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_own_keys"),
    )
    op.create_index("ix_own_keys_kind", "own_keys", ["kind", "fingerprint"], unique=True)


def _followed() -> None:
    op.create_table(
        "followed_copies",
        sa.Column("queue_id", sa.String(64), nullable=False),
        sa.Column("incident", sa.String(64), nullable=False),
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("recipients", sa.JSON, nullable=False),
        sa.Column("handed", UtcTime, nullable=False),
        sa.Column("done", UtcTime),
        sa.PrimaryKeyConstraint("queue_id", name="pk_followed_copies"),
    )
    op.create_index("ix_followed_copies_handed", "followed_copies", ["handed"])
    op.create_table(
        "delivery_proofs",
        sa.Column("queue_id", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("queue_id", "digest", name="pk_delivery_proofs"),
    )
