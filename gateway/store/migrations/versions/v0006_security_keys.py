"""Security keys and passkeys beside codes; since when somebody is who they are."""

import sqlalchemy as sa
from alembic import op

from gateway.store.times import UtcTime

revision = "0006"
down_revision: str | None = "0005"


def upgrade() -> None:
    op.add_column("people", sa.Column("standing", UtcTime))
    op.create_table(
        "security_keys",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("site", sa.String(255), nullable=False),
        sa.Column("credential", sa.LargeBinary, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("created", UtcTime, nullable=False),
        sa.Column("used", UtcTime),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_security_keys_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_security_keys"),
    )
    op.create_index("ix_security_keys_person_id", "security_keys", ["person_id"])
