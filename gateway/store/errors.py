"""How storing fails. Texts are for people and carry no content of a message."""

from gateway.core.errors import SetupError, TransactionError


class StoreUnavailable(TransactionError):
    """A disk, a database or a key cannot be used now; the same call may work later."""


class StoreUnusable(SetupError):
    """The store could not be opened: no access, damaged, no server."""


class BlobDamaged(StoreUnavailable):
    """A sealed blob was changed, cut, swapped or sealed under a key that is not in the keyring."""


class BlobMissing(BlobDamaged):
    """There is no blob of that id."""


class JournalBusy(TransactionError):
    """Another live attempt works on the same message; the client shall try again later."""


def os_problem(error: OSError) -> str:
    """The system's own words for an error, without a path: `No space left on device`."""
    return error.strerror or type(error).__name__
