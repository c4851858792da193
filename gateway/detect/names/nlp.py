"""spaCy behind Presidio's NLP engine interface. Imported only where an engine is built: it costs two seconds.

Any engine that implements `presidio_analyzer.nlp_engine.NlpEngine` serves; ours loads one component of one pipeline.
Numbers of one thread are deterministic; nothing is fetched, nothing is reported to anybody.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import presidio_analyzer  # noqa: F401 - sets up the log handler that is taken off below
import spacy
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine, NlpEngineProvider
from thinc.api import NumpyOps

from gateway.core.errors import SetupError
from gateway.detect.names.base import Mark
from gateway.detect.names.card import configuration_digest, is_configuration, verified

LANGUAGE = "en"
_TALKATIVE = ("decision_process", "spacy", "weasel")  # loggers whose handlers could write text to stderr
_BATCH = 32
_KEPT = frozenset({"ner"})


class NerEngine(NlpEngine):
    """One spaCy pipeline, its NER alone, as Presidio asks for it."""

    engine_name = "gatepost-ner"
    is_available = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._nlp: Any = None

    def load(self) -> None:
        """Raises OSError, ValueError where the folder holds no pipeline with an NER."""
        NumpyOps.use_blis = False  # quicker for matrices this small, on one core
        meta = spacy.util.get_model_meta(self._folder)
        rest = [name for name in meta.get("components", ()) if name not in _KEPT]
        self._nlp = spacy.load(self._folder, exclude=rest)
        if not self._nlp.has_pipe("ner"):
            raise ValueError("the pipeline has no ner")

    def is_loaded(self) -> bool:
        return self._nlp is not None

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        return self._artifacts(self._nlp(text), language)

    def process_batch(
        self, texts: Iterable[str], language: str, batch_size: int = _BATCH, n_process: int = 1, **_: Any
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

    def memory_zone(self) -> AbstractContextManager[Any]:
        """What is learned of words inside it is forgotten behind it; copy what is to stay."""
        zone: AbstractContextManager[Any] = self._nlp.memory_zone()
        return zone

    def marks(self, texts: Sequence[str]) -> list[tuple[Mark, ...]]:
        """The entities alone, without the artifacts that only recognizers need."""
        return [_marks(doc.ents) for doc in self._nlp.pipe(texts, batch_size=_BATCH)]

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
            if isinstance(self._engine, NerEngine):
                return self._engine.marks(texts)
            batch = self._engine.process_batch(list(texts), LANGUAGE, batch_size=_BATCH)
            return [_marks(artifacts.entities) for _, artifacts in batch]

    def _zone(self) -> AbstractContextManager[Any]:
        if isinstance(self._engine, NerEngine):
            return self._engine.memory_zone()
        pipeline: Any = (getattr(self._engine, "nlp", None) or {}).get(LANGUAGE)
        if not hasattr(pipeline, "memory_zone"):
            return nullcontext()
        zone: AbstractContextManager[Any] = pipeline.memory_zone()
        return zone


def build_tagger(model: Path, digest: str) -> PresidioTagger:
    """A model folder with its card, whose digest must still be `digest`, or a Presidio NLP configuration (`*.yaml`).

    Raises SetupError.
    """
    _silence()
    try:
        engine = _engine(model, digest)
        _silence()
    except SetupError:
        raise
    except Exception as error:  # of a library that reads files a person chose: whatever it says, it is the set-up
        raise SetupError(f"{model}: the model cannot be loaded ({type(error).__name__})") from error
    return PresidioTagger(engine)


def _engine(model: Path, digest: str) -> NlpEngine:
    configured = is_configuration(model)
    if (configuration_digest(model) if configured else verified(model)) != digest:
        raise SetupError(f"{model}: the model has changed since the detectors were loaded")
    engine = NlpEngineProvider(conf_file=model).create_engine() if configured else NerEngine(model / "model")
    if not engine.is_loaded():
        engine.load()
    return engine


def _silence() -> None:
    """Presidio's handler writes decisions, with text, to stderr."""
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        for handler in list(logger.handlers):
            logger.removeHandler(handler)
        logger.addHandler(logging.NullHandler())
        logger.propagate = False


def _marks(entities: Iterable[Any]) -> tuple[Mark, ...]:
    return tuple(Mark(entity.start_char, entity.end_char, entity.label_) for entity in entities)
