"""What can be wrong with a backup."""

from gateway.core.errors import GatepostError


class BackupDamaged(GatepostError):
    """The file is cut, was changed, or is no backup of Gatepost. Nothing was put in place."""
