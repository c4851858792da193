"""spaCy, imported for what the names stage needs of it and nothing else.

`import spacy` also imports its command line, with an HTTP client, a template engine and a progress bar: half of its
second and a half, and nothing that a process reading hostile mail should hold. A stand-in takes its place while the
import lasts; whoever imports `spacy.cli` later gets the real one.
"""

import sys
from types import ModuleType
from typing import Any

_UNWANTED = ("spacy.cli", "spacy.cli.info")


def spacy() -> Any:
    """The package; the process may have imported all of it before."""
    stood_in = [] if "spacy" in sys.modules else [name for name in _UNWANTED if name not in sys.modules]
    for name in stood_in:
        sys.modules[name] = _empty(name)
    try:
        import spacy as package
    finally:
        for name in stood_in:
            del sys.modules[name]
    if stood_in and hasattr(package, "cli"):
        del package.cli
    return package


def load(folder: Any, kept: frozenset[str]) -> Any:
    """The pipeline of a folder, of its components only these. Raises OSError, ValueError.

    What other packages offer to spaCy is left alone: Presidio offers a component, and asking imports all of it.
    """
    package = spacy()
    offered = package.util.registry._entry_point_factories  # noqa: SLF001 - spaCy has no other switch for it
    asked, offered.entry_points = offered.entry_points, False
    try:
        meta = package.util.get_model_meta(folder)
        rest = [name for name in meta.get("components", ()) if name not in kept]
        return package.load(folder, exclude=rest)
    finally:
        offered.entry_points = asked


def _empty(name: str) -> ModuleType:
    module = ModuleType(name)
    module.__path__ = []
    module.info = None  # type: ignore[attr-defined]  # the one name that spaCy takes from it
    return module
