"""From files to a frozen `Policy`, in three passes: shape (YAML), schema (settings), meaning (what names refer to).

All mistakes of all files are reported together. This is the one loader, for serving and for every tool.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from gateway.core.detector import DetectorSpec
from gateway.core.errors import Fault
from gateway.documents import Node
from gateway.policy.defaults import built_in_rules
from gateway.policy.lists import AddressList, address_list
from gateway.policy.model import BUILT_IN_AREA, Policy
from gateway.policy.organization import Organization
from gateway.policy.policyfile import ORGANIZATION, STREAMS, PolicyDraft, read_policy
from gateway.policy.rulefile import RuleDraft, bind_rule, read_rule
from gateway.policy.settings import Known, Notes, remedy_for, values_of
from gateway.policy.shelf import ListShelf, Sources

_PACK_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_YAML = frozenset({".yaml", ".yml"})
_SOMEBODY = Organization("", (), officers=("officer",))  # stands in where policy.yaml is broken, to check the rules


def load_policy(file: Path, detectors: Sequence[DetectorSpec], faults: list[Fault]) -> Policy | None:
    """The policy of `rules/policy.yaml`, its packs and lists. None, and faults, where anything is wrong.

    Faults already noted (of detectors) keep names of entities from being judged: their file may be the broken one.
    What a list says of today or yesterday is decided for each message, by its day.
    """
    complete = not faults
    sources = Sources(file.parent, faults)
    node = sources.document(file, "policy")
    draft = None if node is None else read_policy(node, Notes("policy", faults))
    shelf = ListShelf(sources, faults)
    organization = _organization(draft, shelf, faults) if draft else _SOMEBODY
    known = _known(organization, detectors, shelf, complete=complete)
    rules = list(_read_packs(_packs(node), sources, faults))
    bound = [bind_rule(rule, known, Notes(rule.id, faults)) for rule in rules]
    if draft is None or faults:
        return None
    return Policy(
        organization=organization,
        rules=(*built_in_rules(draft.defaults, organization), *bound),
        mixed_recipients=draft.mixed_recipients,
        digest=_digest(sources, detectors),
    )


def _packs(node: Node | None) -> list[Node]:
    """The entries of `packs`, also where something else in `policy.yaml` is wrong, so that rules are checked too."""
    packs = node.get("packs") if node else None
    entries = [] if packs is None else packs.elements() or [packs]
    return [entry for entry in entries if entry.text]


def _read_packs(packs: list[Node], sources: Sources, faults: list[Fault]) -> Iterator[RuleDraft]:
    """Shape and schema of every rule of the packs in use, in order of pack and file name."""
    folder = sources.root / "packs"
    there = sorted(path.name for path in folder.glob("*") if path.is_dir() and _PACK_NAME.fullmatch(path.name))
    notes = Notes("policy", faults)
    for node in packs:
        name = node.text
        if name == BUILT_IN_AREA:
            notes.add(node, f'"{name}" is the area of the built-in rules', "give the pack another name")
        elif name not in there:
            remedy = remedy_for(name, there) if there else f"make a folder packs/{name} with a rule in it"
            notes.add(node, f'there is no pack "{name}"', remedy)
    faults.extend(_strays(folder))
    first: dict[str, RuleDraft] = {}
    for name in sorted({node.text for node in packs} & set(there)):
        for rule in _read_pack(folder / name, sources, faults):
            if rule.id in first:
                place = f"{first[rule.id].node.file}:{first[rule.id].node.line}"
                problem = f'another rule has the id "{rule.id}": {place}'
                faults.append(rule.readings["id"].node.fault(rule.id, problem, "give each rule an id of its own"))
            first.setdefault(rule.id, rule)
            yield rule


def _strays(folder: Path) -> Iterator[Fault]:
    """Rules that no pack would load: beside the packs, or in a folder too deep."""
    for pattern in ("*", "*/*/*"):
        for path in sorted(folder.glob(pattern)):
            if path.suffix.lower() in _YAML and path.is_file():
                yield Fault(str(path), 0, 0, path.stem, "the rule is in the wrong folder", "move it to packs/<pack>/")


def _read_pack(folder: Path, sources: Sources, faults: list[Fault]) -> Iterator[RuleDraft]:
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in _YAML and path.name[0] not in ".#~")
    if not files:
        faults.append(Fault(str(folder), 0, 0, folder.name, "the pack has no rules", "add one, or take it from packs"))
    for path in files:
        if path.suffix != ".yaml":
            faults.append(Fault(str(path), 0, 0, path.stem, f'the name ends in "{path.suffix}"', "rename it to .yaml"))
            continue
        node = sources.document(path, path.stem)
        draft = read_rule(node, folder.name, path.stem, Notes(path.stem, faults)) if node else None
        if draft is not None:
            yield draft


def _organization(draft: PolicyDraft, shelf: ListShelf, faults: list[Fault]) -> Organization:
    values = values_of(draft.organization)
    _check_lists(draft, shelf, faults)
    streams = values_of(draft.streams)

    def listed(given: dict[str, Any], setting: str) -> AddressList:
        found = shelf.find(given[setting]) if setting in given else None
        return found or AddressList(setting)

    return Organization(
        name=values["name"],
        domains=values["domains"],
        officers=values["officers"],
        notices_from=values["notices_from"],
        inside=address_list("organization", values["domains"]),
        partners=listed(values, "partners"),
        marketing=listed(streams, "marketing"),
        transactional=listed(streams, "transactional"),
    )


def _check_lists(draft: PolicyDraft, shelf: ListShelf, faults: list[Fault]) -> None:
    known = Known(Organization("", ()), {}, frozenset(), shelf)
    ORGANIZATION.check(draft.organization, known, Notes("policy", faults))
    STREAMS.check(draft.streams, known, Notes("policy", faults))


def _known(organization: Organization, detectors: Iterable[DetectorSpec], shelf: ListShelf, *, complete: bool) -> Known:
    groups: dict[str, set[str]] = {}
    entities: set[str] = set()
    for detector in detectors:
        entities.add(detector.entity)
        for group in detector.groups:
            groups.setdefault(group, set()).add(detector.entity)
    frozen = {group: frozenset(members) for group, members in groups.items()}
    return Known(organization, frozen, frozenset(entities), shelf, complete)


def _digest(sources: Sources, detectors: Iterable[DetectorSpec]) -> str:
    """Over names and bytes, in order of names: the same wherever the folder stands."""
    files = dict(sources.octets)
    for detector in detectors:
        files[f"detectors/{detector.id}"] = detector.octets
    total = sha256()
    for name in sorted(files):
        for piece in (name.encode(), files[name]):
            total.update(len(piece).to_bytes(8, "big"))
            total.update(piece)
    return f"sha256:{total.hexdigest()}"
