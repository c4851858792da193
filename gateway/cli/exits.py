"""Exit codes: scripts depend on them, so they never change their meaning. docs/cli.md lists them."""

from enum import IntEnum

from gateway.core.errors import SetupError


class Exit(IntEnum):
    """What an exit code of `gatepost` says."""

    OK = 0
    BUG = 1
    USAGE = 2
    BROKEN = 3
    NOT_FOUND = 4
    HELD = 5
    UNAVAILABLE = 6
    REFUSED = 7
    WORSE = 8
    AILING = 9
    ILL = 10
    INTERRUPTED = 130

    @property
    def meaning(self) -> str:
        return _MEANINGS[self]


_MEANINGS = {
    Exit.OK: "Done.",
    Exit.BUG: "A bug of ours, or standard output was closed early.",
    Exit.USAGE: "Wrong usage, or a fault in the configuration, the policy or the keyring; each fault is listed.",
    Exit.BROKEN: "A verification failed: audit chain, sealed item, backup or signed rules changed, or a case differs.",
    Exit.NOT_FOUND: "There is no such item or file.",
    Exit.HELD: "`scan --exit-code` only: at least one message would not simply be delivered.",
    Exit.UNAVAILABLE: "Store, audit log, workers or Postfix cannot be used: away, full, damaged, no access.",
    Exit.REFUSED: "The item or account does not allow it now: decided before, a release was cut off, there already.",
    Exit.WORSE: "`detect eval --baseline` only: a figure is worse than it was, or the data is another.",
    Exit.AILING: "`doctor` only: at least one warning, nothing critical.",
    Exit.ILL: "`doctor` only: something critical; mail may pass unseen, be lost or stand still.",
    Exit.INTERRUPTED: "Interrupted by Ctrl-C.",
}


# By name, so that `gatepost --help` need not load the rooms that raise them.
_NAMED = {
    "ChainBroken": Exit.BROKEN,
    "BlobDamaged": Exit.BROKEN,
    "BackupDamaged": Exit.BROKEN,
    "SignatureRefused": Exit.BROKEN,
    "ItemUnknown": Exit.NOT_FOUND,
    "PersonUnknown": Exit.NOT_FOUND,
    "PickupUnknown": Exit.NOT_FOUND,
    "AccountRefused": Exit.REFUSED,
    "StoreUnusable": Exit.UNAVAILABLE,
    "AuditUnusable": Exit.UNAVAILABLE,
    "AlreadyReleased": Exit.REFUSED,
    "AlreadyDiscarded": Exit.REFUSED,
    "ReleaseUncertain": Exit.REFUSED,
    "Unreachable": Exit.REFUSED,
    "NotRedactable": Exit.REFUSED,
    "PersonNeeded": Exit.REFUSED,
    "OnHold": Exit.REFUSED,
}


def exit_of(error: Exception) -> Exit:
    """The exit code of a failure with a name."""
    for kind in type(error).__mro__:
        if kind.__name__ in _NAMED:
            return _NAMED[kind.__name__]
    return Exit.USAGE if isinstance(error, SetupError) else Exit.UNAVAILABLE
