"""The rule set a command works with, loaded with the help of what earlier commands compiled."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.ruleset import RuleSet


def rules_of(policy_file: Path) -> "RuleSet":
    """As `serve` loads it. Raises FaultyFiles."""
    from gateway.detect.database import keep_on
    from gateway.keeping import Kept, cache_folder
    from gateway.ruleset import load_ruleset

    folder = cache_folder(os.environ)
    keep_on(Kept(folder) if folder else None)
    return load_ruleset(policy_file)
