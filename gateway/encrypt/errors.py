"""What goes wrong while a copy is encrypted. Each is ours: the client gets 451."""

from gateway.core.errors import TransactionError


class EncryptFailed(TransactionError):
    """A copy could not be encrypted: a key has gone meanwhile, or the program refused."""
