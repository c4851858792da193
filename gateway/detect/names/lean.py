"""spaCy, imported for what the names stage needs of it and nothing else.

`import spacy` also imports its command line, with an HTTP client, a template engine and a progress bar: half of its
second and a half, and nothing that a process reading hostile mail should hold. A stand-in takes its place while the
import lasts; whoever imports `spacy.cli` later gets the real one.

NumPy comes with it, in one thread.
"""

import sys
from importlib.metadata import EntryPoints
from types import ModuleType
from typing import Any

import catalogue

from gateway.detect.one_threaded import in_one_thread

_BARE = "gatepost.bare.v1"
_UNWANTED = ("spacy.cli", "spacy.cli.info")


def spacy() -> Any:
    """The package; the process may have imported all of it before."""
    stood_in = [] if "spacy" in sys.modules else [name for name in _UNWANTED if name not in sys.modules]
    for name in stood_in:
        sys.modules[name] = _empty(name)
    try:
        with in_one_thread():
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
    _register(package)
    asked, catalogue.AVAILABLE_ENTRY_POINTS = catalogue.AVAILABLE_ENTRY_POINTS, EntryPoints()
    try:
        meta = package.util.get_model_meta(folder)
        rest = [name for name in meta.get("components", ()) if name not in kept]
        return package.load(folder, exclude=rest, config={"nlp": {"tokenizer": {"@tokenizers": _BARE}}})
    finally:
        catalogue.AVAILABLE_ENTRY_POINTS = asked


def _register(package: Any) -> None:
    """A tokenizer that gets its rules from the folder alone: those of the language, made first, are thrown away."""
    if _BARE not in package.registry.tokenizers:
        from spacy.tokenizer import Tokenizer

        package.registry.tokenizers.register(_BARE, func=lambda: lambda nlp: Tokenizer(nlp.vocab))


def _empty(name: str) -> ModuleType:
    module = ModuleType(name)
    module.__path__ = []
    module.info = None  # type: ignore[attr-defined]  # the one name that spaCy takes from it
    return module
