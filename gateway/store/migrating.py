"""Bringing a database to the schema of this program. Imported only where one is not: Alembic takes 12 MB."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def known() -> list[str]:
    """The schemas that this program can migrate from, the one that it needs first."""
    return [revision.revision for revision in ScriptDirectory.from_config(_config()).walk_revisions()]


def upgrade(connection: sa.Connection, schema: str = "head") -> None:
    """To this schema, by default the newest, in the transaction of this connection."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, schema)
