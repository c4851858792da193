"""Presidio's NLP engine interface, in both directions: any of its engines as a Tagger, and our model as one of them.

Imported only where an organisation configured an engine of Presidio's, or where Presidio is to be served.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import presidio_analyzer  # noqa: F401 - sets up the log handler that nlp.silence() takes off
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine, NlpEngineProvider

from gateway.detect.names.base import Mark
from gateway.detect.names.nlp import BATCH, SpacyTagger, marks

LANGUAGE = "en"


class NerEngine(NlpEngine):
    """One spaCy pipeline, its NER alone, as Presidio asks for it."""

    engine_name = "gatepost-ner"
    is_available = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._nlp: Any = None

    def load(self) -> None:
        """Raises OSError, ValueError where the folder holds no pipeline with an NER."""
        self._nlp = SpacyTagger(self._folder).nlp

    def is_loaded(self) -> bool:
        return self._nlp is not None

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        return self._artifacts(self._nlp(text), language)

    def process_batch(
        self, texts: Iterable[str], language: str, batch_size: int = BATCH, n_process: int = 1, **_: Any
    ) -> Iterator[tuple[str, NlpArtifacts]]:
        for doc in self._nlp.pipe(texts, batch_size=batch_size, n_process=n_process):
            yield doc.text, self._artifacts(doc, language)

    def is_stopword(self, word: str, language: str) -> bool:
        return bool(self._nlp.vocab[word].is_stop)

    def is_punct(self, word: str, language: str) -> bool:
        return bool(self._nlp.vocab[word].is_punct)

    def get_supported_entities(self) -> list[str]:
        return list(self._nlp.get_pipe("ner").labels)

    def get_supported_languages(self) -> list[str]:
        return [LANGUAGE]

    def _artifacts(self, doc: Any, language: str) -> NlpArtifacts:
        """Lower-cased words stand for lemmas: without them Presidio's context words silently stop counting."""
        return NlpArtifacts(
            entities=list(doc.ents),
            tokens=doc,
            tokens_indices=[token.idx for token in doc],
            lemmas=[token.lower_ for token in doc],
            nlp_engine=self,
            language=language,
        )


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
