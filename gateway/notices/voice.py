"""How Gatepost speaks to people: notices by the policy, the configuration and texts of the organization's own.

A faulty text never stops mail or a notice: the shipped one is used, and what is wrong is said with file and line.
"""

from collections.abc import Mapping
from pathlib import Path

from gateway.actions import Notices
from gateway.actions.templates import ALLOWED, MOST_CHARACTERS, problems
from gateway.config import Config
from gateway.core.errors import Fault
from gateway.documents import nearest
from gateway.policy.organization import Organization

ENDING = ".txt"
NOBODY_NAMED = "the sender of the message"
SEVERITIES: Mapping[str, frozenset[str]] = {
    "none": frozenset(),
    "high": frozenset({"high", "critical"}),
    "medium": frozenset({"medium", "high", "critical"}),
    "low": frozenset({"low", "medium", "high", "critical"}),
}


def notices_of(config: Config, organization: Organization) -> tuple[Notices, list[Fault]]:
    """The notices, and every fault of the organization's own texts: those are not used."""
    texts, faults = own_texts(config.notices.templates)
    notices = Notices.of(
        organization, console=config.console.url, at_once=SEVERITIES[config.notices.at_once], texts=texts
    )
    return notices, faults


def portal_notices_of(config: Config) -> Notices:
    """Those to recipients whose message waits at the portal. Of their own texts the sound ones count."""
    portal = config.portal
    texts, _ = own_texts(config.notices.templates)
    return Notices(portal.sender, portal.organization, portal.contact or NOBODY_NAMED, texts=texts)


def own_texts(folder: Path | None) -> tuple[dict[str, str], list[Fault]]:
    """The sound texts of a folder by the name of their notice, and all that is wrong with the others."""
    texts: dict[str, str] = {}
    faults: list[Fault] = []
    if folder is None:
        return texts, faults
    try:
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        why = error.strerror or type(error).__name__
        return texts, [Fault(str(folder), 0, 0, "notices.templates", f"cannot be read: {why}", "name a folder")]
    for path in paths:
        said = _read(path, faults)
        if said is not None:
            texts[path.stem] = said
    return texts, faults


def _read(path: Path, faults: list[Fault]) -> str | None:
    """The text of a file, None where something is wrong with it."""
    name = path.stem
    if path.suffix != ENDING or name not in ALLOWED:
        close = nearest(name, ALLOWED)
        known = f"did you mean {close}{ENDING}?" if close else f"known are: {', '.join(sorted(ALLOWED))}"
        faults.append(Fault(str(path), 0, 0, name, "there is no notice of this name", known))
        return None
    try:
        with path.open("rb") as file:
            said = file.read(4 * MOST_CHARACTERS + 4).decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        faults.append(Fault(str(path), 0, 0, name, f"cannot be read: {error.strerror}", "mend the access"))
        return None
    except UnicodeDecodeError as error:
        line = 1 + error.object[: error.start].count(b"\n")
        faults.append(Fault(str(path), line, 1, name, "this is not UTF-8", "save it as UTF-8"))
        return None
    found = problems(name, said)
    faults.extend(Fault(str(path), problem.line, 1, name, problem.what, problem.remedy) for problem in found)
    return None if found else said
