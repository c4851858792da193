"""The bill of materials (CycloneDX 1.6): what a gateway consists of, with versions, digests and licences.

    python -m package.sbom FILE                      the program, what it needs to run, models and word lists
    python -m package.sbom --development FILE        also what only builds and tests need (scope "excluded")
    python -m package.sbom --libraries FOLDER FILE   licences as the libraries in that folder state them

No clock and no random number is asked, so the same source gives the same file.
"""

import argparse
import hashlib
import os
import sys
import tomllib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

import yaml
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from package.locked import ROOT, Locked, canonical, declared, read, running

DATA = ROOT / "package" / "data.yaml"
_KINDS = {"model": ComponentType.MACHINE_LEARNING_MODEL, "words": ComponentType.DATA}
_LONGEST_NAME = 60  # some libraries put the whole text where the name of the licence belongs
_BY_CLASSIFIER = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "Python Software Foundation License": "PSF-2.0",
    "CC0 1.0 Universal (CC0 1.0) Public Domain Dedication": "CC0-1.0",
}


@dataclass(frozen=True, slots=True)
class Shipped:
    """A model or list: its files, relative to the top, and what data.yaml says of them."""

    name: str
    kind: str
    licence: str
    origin: str
    files: tuple[str, ...]


def shipped() -> tuple[Shipped, ...]:
    """What data.yaml lists."""
    return tuple(
        Shipped(entry["name"], entry["kind"], entry["licence"], entry["origin"], tuple(_below(ROOT / entry["files"])))
        for entry in _noted()["shipped"]
    )


def _noted() -> dict[str, Any]:
    noted: dict[str, Any] = yaml.safe_load(DATA.read_text("utf-8"))
    return noted


def _below(path: Path) -> Iterator[str]:
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    yield from (file.relative_to(ROOT).as_posix() for file in files if file.is_file())


def licence_of(distribution: Distribution, noted: Mapping[str, str]) -> str:
    """As SPDX where the library says so, or we noted it; "" where it says nothing that is a name."""
    facts = distribution.metadata
    if known := noted.get(canonical(facts["Name"])):
        return known
    for key in ("License-Expression", "License"):
        stated = facts[key].strip() if key in facts else ""
        if stated and len(stated) <= _LONGEST_NAME and "\n" not in stated and stated != "UNKNOWN":
            return stated
    classifiers = [line.rpartition(" :: ")[2] for line in facts.get_all("Classifier") or () if "License ::" in line]
    return " AND ".join(sorted({_BY_CLASSIFIER.get(name, name) for name in classifiers if name != "OSI Approved"}))


def bill(*, development: bool = False, libraries: Sequence[str] = ()) -> Bom:
    """The whole bill. `libraries`: folders where they are installed, else those of this Python."""
    project: Mapping[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lock = read()
    runs = {entry.name for entry in running(lock)}
    installed = {canonical(each.metadata["Name"]): each for each in distributions(path=list(libraries) or sys.path)}
    bom = Bom(version=1)
    program = Component(
        name="gatepost",
        version=project["version"],
        type=ComponentType.APPLICATION,
        description=project["description"],
        licenses=[LicenseFactory().make_from_string(project["license"])],
        purl=PackageURL("pypi", name="gatepost", version=project["version"]),
        bom_ref="gatepost",
    )
    bom.metadata.component = program
    noted = _noted()["licences"]
    parts = {
        name: _library(entry, licence_of(installed[name], noted) if name in installed else "", runs=name in runs)
        for name, entry in lock.items()
        if development or name in runs
    }
    data = [_data(each, project["version"]) for each in shipped()]
    bom.components.update([*parts.values(), *data])
    asked = (*declared(), *declared(extra="traces"), *declared(extra="cluster"))
    bom.register_dependency(program, [*(parts[name] for name in asked), *data])
    for name, part in parts.items():
        bom.register_dependency(part, [parts[other] for other in parts if name in lock[other].needed_by])
    _same_each_time(bom)
    return bom


def _library(entry: Locked, licence: str, *, runs: bool) -> Component:
    purl = PackageURL("pypi", name=entry.name, version=entry.version)
    files = ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(purl.to_string()),
        comment="digests of the files that the lock allows",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest) for _, digest in entry.hashes],
    )
    return Component(
        name=entry.name,
        version=entry.version,
        type=ComponentType.LIBRARY,
        scope=ComponentScope.REQUIRED if runs else ComponentScope.EXCLUDED,
        licenses=[LicenseFactory().make_from_string(licence)] if licence else (),
        purl=purl,
        external_references=[files],
        bom_ref=entry.name,
    )


def _data(each: Shipped, version: str) -> Component:
    digests = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in each.files}
    whole = "".join(f"{digest}  {name}\n" for name, digest in digests.items())
    return Component(
        name=each.name,
        version=version,
        type=_KINDS[each.kind],
        description=each.origin,
        licenses=[LicenseFactory().make_from_string(each.licence)],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=hashlib.sha256(whole.encode()).hexdigest())],
        properties=[Property(name=f"gatepost:sha256:{name}", value=digest) for name, digest in digests.items()],
        bom_ref=f"data/{each.name}",
    )


def _same_each_time(bom: Bom) -> None:
    """The serial number from what is in it, the time that of the source (reproducible-builds.org)."""
    bom.metadata.timestamp = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), UTC)
    bom.serial_number = uuid.UUID(int=0)
    told = JsonV1Dot6(bom).output_as_string()
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, told)


def main() -> int:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--development", action="store_true")
    parser.add_argument("--libraries", action="append", default=[])
    parser.add_argument("file", type=Path)
    wanted = parser.parse_args()
    bom = bill(development=wanted.development, libraries=wanted.libraries)
    wanted.file.parent.mkdir(parents=True, exist_ok=True)
    wanted.file.write_text(JsonV1Dot6(bom).output_as_string(indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
