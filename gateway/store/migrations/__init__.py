"""Alembic's folder, run in process by `gateway.store.database`."""
