"""What the client wanted to hear of a message is kept with it, for the day it is released."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision: str | None = "0009"


def upgrade() -> None:
    op.add_column("quarantine_items", sa.Column("wishes", sa.JSON))
