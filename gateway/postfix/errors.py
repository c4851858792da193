"""What can keep us from changing a Postfix."""

from collections.abc import Sequence

from gateway.core.errors import GatepostError, SetupError


class PostfixRefused(SetupError):
    """The configuration found does not allow a change that is safe; every reason at once, nothing was changed."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join(self.reasons))


class PostfixUnusable(GatepostError):
    """Postfix, or one of its tools, did not do what it was asked to."""
