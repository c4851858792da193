"""People who sign in at the organization's provider."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"


def upgrade() -> None:
    op.add_column("people", sa.Column("issuer", sa.String(255)))
    op.add_column("people", sa.Column("subject", sa.String(255)))
    op.create_index("ix_people_issuer", "people", ["issuer", "subject"], unique=True)
