"""The first schema: quarantine and journal."""

import sqlalchemy as sa
from alembic import op

from gateway.store.times import UtcTime

revision = "0001"
down_revision: str | None = None


def upgrade() -> None:
    _quarantine()
    _journal()


def _quarantine() -> None:
    op.create_table(
        "quarantine_items",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("incident", sa.String(64), nullable=False),
        sa.Column("created", UtcTime, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("mail_from", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("severity", sa.String(32), nullable=False),
        sa.Column("policy_digest", sa.String(80), nullable=False),
        sa.Column("message_id_hash", sa.String(128), nullable=False),
        sa.Column("findings", sa.JSON, nullable=False),
        sa.Column("release_id", sa.String(64)),
        sa.Column("release_started", UtcTime),
        sa.Column("changed_at", UtcTime),
        sa.Column("changed_by", sa.Text),
        sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_quarantine_items"),
    )
    op.create_index("ix_quarantine_items_state_created", "quarantine_items", ["state", "created", "id"])
    op.create_index("ix_quarantine_items_created", "quarantine_items", ["created", "id"])
    op.create_index("ix_quarantine_items_incident", "quarantine_items", ["incident"])
    op.create_index("ix_quarantine_items_mail_from", "quarantine_items", [sa.text("lower(mail_from)")])
    op.create_table(
        "quarantine_recipients",
        sa.Column("item_id", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("queue_id", sa.Text),
        sa.Column("changed_at", UtcTime),
        sa.Column("changed_by", sa.Text),
        _owned("quarantine_recipients", "item_id", "quarantine_items.id"),
        sa.PrimaryKeyConstraint("item_id", "position", name="pk_quarantine_recipients"),
    )
    op.create_index("ix_quarantine_recipients_address", "quarantine_recipients", [sa.text("lower(address)")])
    op.create_table(
        "quarantine_labels",
        sa.Column("item_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        _owned("quarantine_labels", "item_id", "quarantine_items.id"),
        sa.PrimaryKeyConstraint("item_id", "kind", "name", name="pk_quarantine_labels"),
    )
    op.create_index("ix_quarantine_labels_name", "quarantine_labels", ["kind", "name"])


def _journal() -> None:
    op.create_table(
        "journal_attempts",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("open_key", sa.String(128)),
        sa.Column("incident", sa.String(64), nullable=False),
        sa.Column("begun", UtcTime, nullable=False),
        sa.Column("closed", UtcTime),
        sa.Column("gateway", sa.String(255), nullable=False),
        sa.Column("lease_until", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_journal_attempts"),
        sa.UniqueConstraint("open_key", name="uq_journal_attempts_open_key"),
    )
    op.create_index("ix_journal_attempts_begun", "journal_attempts", ["begun"])
    op.create_table(
        "journal_steps",
        sa.Column("attempt_id", sa.String(64), nullable=False),
        sa.Column("step", sa.String(255), nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        _owned("journal_steps", "attempt_id", "journal_attempts.id"),
        sa.PrimaryKeyConstraint("attempt_id", "step", name="pk_journal_steps"),
    )


def _owned(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [parent], name=f"fk_{table}_{column}", ondelete="CASCADE")
