"""The rule set a command works with, loaded with the help of what earlier commands compiled."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.core.detector import DetectorSpec
    from gateway.keeping import Kept
    from gateway.ruleset import RuleSet


def rules_of(policy_file: Path, *, detectors: "tuple[DetectorSpec, ...] | None" = None) -> "RuleSet":
    """As `serve` loads it. `detectors`: those loaded before, where their files are unchanged. Raises FaultyFiles."""
    from gateway.detect.database import keep_on
    from gateway.ruleset import load_ruleset

    shelf = kept()
    keep_on(shelf)
    return load_ruleset(policy_file, detectors=detectors, proofs=shelf)


def kept() -> "Kept | None":
    """What commands of this user remember; None where there is no home."""
    from gateway.keeping import Kept, cache_folder

    folder = cache_folder(os.environ)
    return Kept(folder) if folder else None
