"""Copies of what a gateway keeps, made while mail flows, and the way back from one."""

from gateway.backup.archive import Manifest, write_archive
from gateway.backup.errors import BackupDamaged
from gateway.backup.restore import placed_settings, restore
from gateway.backup.staging import staged

__all__ = ["BackupDamaged", "Manifest", "placed_settings", "restore", "staged", "write_archive"]
