"""Plain text: as it stands, without characters that show nothing."""

from gateway.core.message import Runs
from gateway.extract.woven import Weaver, shows_all


def render_plain(text: str) -> tuple[str, Runs | None]:
    """The text as a person sees it and its runs; None where it is the source itself."""
    if shows_all(text):
        return text, None
    weaver = Weaver(text)
    weaver.keep(0, len(text))
    return weaver.result()
