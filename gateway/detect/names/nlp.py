"""The model of names: one component of one spaCy pipeline. Imported only where it is loaded: it costs a second.

Numbers of one thread are deterministic; nothing is fetched, nothing is reported to anybody.
"""

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from gateway.core.errors import SetupError
from gateway.detect.names import lean
from gateway.detect.names.base import Mark, Tagger
from gateway.detect.names.card import digest_of, is_configuration

BATCH = 32
_TALKATIVE = ("decision_process", "spacy", "weasel")  # loggers whose handlers could write text to stderr
_EVERYDAY = "everyday-words.txt"
_KEPT = frozenset({"ner"})


class SpacyTagger:
    """One spaCy pipeline, its NER alone."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError, ValueError where the folder holds no pipeline with an NER."""
        self.nlp: Any = lean.load(folder, _KEPT)
        if not self.nlp.has_pipe("ner"):
            raise ValueError("the pipeline has no ner")
        for layer in self.nlp.get_pipe("ner").model.walk():
            layer.ops.use_blis = False  # of some processors it knows nothing, and takes three times as long as NumPy

    def learn(self, text: str) -> None:
        """Keep how its lines are read: words that are else read anew in each text. Changes no answer."""
        for line in text.splitlines(keepends=True):  # each alone: behind a word of the tokenizer's own none is kept
            self.nlp.tokenizer(line)

    def tag(self, texts: Sequence[str]) -> list[tuple[Mark, ...]]:
        """What is learned of words on the way is forgotten at the end."""
        with self.nlp.memory_zone():
            return [marks(doc.ents) for doc in self.nlp.pipe(texts, batch_size=BATCH)]


def build_tagger(model: Path, digest: str, *, many: bool = True) -> Tagger:
    """A model folder with its card, whose digest must still be `digest`, or a Presidio NLP configuration (`*.yaml`).

    `many`: texts are to come, so that it pays to learn the words of all. Raises SetupError.
    """
    silence()
    try:
        tagger = _tagger(model, digest, many=many)
        silence()
    except SetupError:
        raise
    except Exception as error:  # of a library that reads files a person chose: whatever it says, it is the set-up
        raise SetupError(f"{model}: the model cannot be loaded ({type(error).__name__})") from error
    return tagger


def _tagger(model: Path, digest: str, *, many: bool) -> Tagger:
    if digest_of(model) != digest:
        raise SetupError(f"{model}: the model has changed since the detectors were loaded")
    if not is_configuration(model):
        tagger = SpacyTagger(model / "model")
        if many and (words := model / _EVERYDAY).exists():
            tagger.learn(words.read_text(encoding="utf-8"))
        return tagger
    from gateway.detect.names.presidio import configured_tagger  # another second

    return configured_tagger(model)


def silence() -> None:
    """Presidio's handler writes decisions, with text, to stderr."""
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        for handler in list(logger.handlers):
            logger.removeHandler(handler)
        logger.addHandler(logging.NullHandler())
        logger.propagate = False


def marks(entities: Iterable[Any]) -> tuple[Mark, ...]:
    """Of a document's entities."""
    return tuple(Mark(entity.start_char, entity.end_char, entity.label_) for entity in entities)
