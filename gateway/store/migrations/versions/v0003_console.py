"""The review console: people, sessions, tokens; assignment, comments, marks, legal hold and purging of items."""

import sqlalchemy as sa
from alembic import op

from gateway.store.times import UtcTime

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    _items()
    _people()


def _items() -> None:
    # not as a batch: that copies the table, and loses its index on lower(mail_from)
    op.add_column("quarantine_items", sa.Column("assignee", sa.Text, nullable=False, server_default=""))
    op.add_column("quarantine_items", sa.Column("legal_hold", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("quarantine_items", sa.Column("purged", UtcTime))
    op.add_column("quarantine_items", sa.Column("tombstone", sa.String(128), nullable=False, server_default=""))
    op.create_index("ix_quarantine_items_size", "quarantine_items", ["size", "id"])
    op.create_table(
        "quarantine_comments",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("item_id", sa.String(64), nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        _owned("quarantine_comments", "item_id", "quarantine_items.id"),
        sa.PrimaryKeyConstraint("id", name="pk_quarantine_comments"),
    )
    op.create_index("ix_quarantine_comments_item_id", "quarantine_comments", ["item_id", "at"])
    op.create_table(
        "quarantine_marks",
        sa.Column("item_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("place", sa.String(128), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("is_true", sa.Boolean, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        _owned("quarantine_marks", "item_id", "quarantine_items.id"),
        sa.PrimaryKeyConstraint("item_id", "kind", "place", "name", name="pk_quarantine_marks"),
    )
    op.create_index("ix_quarantine_marks_name", "quarantine_marks", ["kind", "name"])


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("display", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("emergency", sa.Boolean, nullable=False),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("second_factor", sa.LargeBinary),
        sa.Column("last_step", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("rests_until", UtcTime),
        sa.Column("created", UtcTime, nullable=False),
        sa.Column("changed", UtcTime, nullable=False),
        sa.Column("expires", UtcTime),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("name", name="uq_people_name"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("used", UtcTime),
        _owned("recovery_codes", "person_id", "people.id"),
        sa.PrimaryKeyConstraint("person_id", "digest", name="pk_recovery_codes"),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("created", UtcTime, nullable=False),
        sa.Column("seen", UtcTime, nullable=False),
        sa.Column("confirmed", UtcTime, nullable=False),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        _owned("sessions", "person_id", "people.id"),
        sa.PrimaryKeyConstraint("digest", name="pk_sessions"),
    )
    op.create_index("ix_sessions_person_id", "sessions", ["person_id"])
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("created", UtcTime, nullable=False),
        sa.Column("expires", UtcTime, nullable=False),
        sa.Column("used", UtcTime),
        sa.Column("revoked", UtcTime),
        _owned("tokens", "person_id", "people.id"),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("digest", name="uq_tokens_digest"),
    )


def _owned(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [parent], name=f"fk_{table}_{column}", ondelete="CASCADE")
