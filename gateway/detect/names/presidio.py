"""Any NLP engine of Presidio's as a Tagger. Imported only where an organisation configured one."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import presidio_analyzer  # noqa: F401 - sets up the log handler that nlp.silence() takes off
from presidio_analyzer.nlp_engine import NlpEngine, NlpEngineProvider

from gateway.detect.names.base import Mark
from gateway.detect.names.nlp import BATCH, marks

LANGUAGE = "en"


class PresidioTagger:
    """Any loaded engine of Presidio's as a Tagger."""

    def __init__(self, engine: NlpEngine) -> None:
        self._engine = engine

    def tag(self, texts: Sequence[str]) -> list[tuple[Mark, ...]]:
        with self._zone():
            batch = self._engine.process_batch(list(texts), LANGUAGE, batch_size=BATCH)
            return [marks(artifacts.entities) for _, artifacts in batch]

    def _zone(self) -> AbstractContextManager[Any]:
        pipeline: Any = (getattr(self._engine, "nlp", None) or {}).get(LANGUAGE)
        if not hasattr(pipeline, "memory_zone"):
            return nullcontext()
        zone: AbstractContextManager[Any] = pipeline.memory_zone()
        return zone


def configured_tagger(configuration: Path) -> PresidioTagger:
    """The engine of a Presidio NLP configuration, loaded. Raises whatever Presidio raises."""
    engine = NlpEngineProvider(conf_file=configuration).create_engine()
    if not engine.is_loaded():
        engine.load()
    return PresidioTagger(engine)
