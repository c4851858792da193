"""The rule set a command works with, loaded with the help of what earlier commands compiled."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli.output import say

if TYPE_CHECKING:
    from gateway.cli.keeping import Kept
    from gateway.config import Config
    from gateway.core.detector import DetectorSpec
    from gateway.ruleset import RuleSet


def rules_of(policy_file: Path, *, detectors: "tuple[DetectorSpec, ...] | None" = None) -> "RuleSet":
    """As `serve` loads it. `detectors`: those loaded before, where their files are unchanged. Raises FaultyFiles."""
    from gateway.detect.database import keep_on
    from gateway.ruleset import load_ruleset

    shelf = kept()
    keep_on(shelf)
    with _no_rubbish():
        return load_ruleset(policy_file, detectors=detectors, proofs=shelf)


@contextmanager
def _no_rubbish() -> Iterator[None]:
    """Nothing is looked for that could be thrown away: hundreds of thousands of words are loaded, and all stay."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was:
            gc.enable()


def policy_of(given: Path | None, config: "Config") -> Path:
    """The policy asked for; else the configured one, and it is said which: it may be another than is meant."""
    if given is None:
        say(f"rules: {config.policy.file}")
    return given or config.policy.file


def kept() -> "Kept | None":
    """What commands of this user remember; None where there is no home."""
    from gateway.cli.keeping import Kept, cache_folder

    folder = cache_folder(os.environ)
    return Kept(folder) if folder else None
