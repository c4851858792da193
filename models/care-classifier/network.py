"""Trains the network that reads a passage in its order, and writes `network.npz`; `train.py` calls it.

Weighted words do not know who is ill: "her order for a hip" and "her hip is being done" have the same. This reads each
word between its neighbours. What a word is worth by itself (its vector, a hashed row of its own and of its ending) is
worked out here for every word of the vocabulary, so that Gatepost needs a table, two layers and no library but numpy.
"""

import hashlib
import io
import random
import sys
import zipfile
from collections import Counter
from collections.abc import Sequence, Set
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from thinc.api import (
    Adam,
    Dropout,
    HashEmbed,
    Linear,
    Maxout,
    Model,
    chain,
    clone,
    concatenate,
    expand_window,
    fix_random_seed,
    list2ragged,
    reduce_max,
    reduce_mean,
    residual,
    with_array,
)
from wordfreq import zipf_frequency

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "gateway" / "detect" / "care"))
from reading import CAPITAL, LONGEST, UNKNOWN, signs_of  # noqa: E402  # the way mail is read

WIDTH, OWN_ROWS, ROWS_OF_ENDINGS, PIECES = 64, 3000, 1000, 3
DROP, EPOCHS, BATCH, RATE, DECAY = 0.3, 4, 64, 0.001, 0.01
LEAST_DOCUMENTS = 4  # a word has to occur in so many
RAREST = 2.7  # Zipf frequency of one that is known by its vector alone, if it is no word of the lexicon
ENDING, LEAST_ENDINGS = 3, 8  # letters of an ending, and words that must have it
Ids = np.ndarray[Any, np.dtype[np.uint64]]


class Text(Protocol):
    """What `train.Example` is."""

    octets: bytes
    told: bool
    weight: float


class Vocabulary:
    """The words that get a row, and of each the ending."""

    def __init__(
        self, texts: Sequence[Sequence[bytes]], vectors: dict[bytes, np.ndarray], medical: Set[bytes], names: Set[bytes]
    ) -> None:
        counts = Counter(sign for text in texts for sign in set(text))
        known = {sign for sign, n in counts.items() if n >= LEAST_DOCUMENTS}
        known |= {w for w in vectors if w in medical or zipf_frequency(w.decode(), "en") >= RAREST}
        self.words = sorted({*(known - names), UNKNOWN, CAPITAL})
        self._rows = {word: row for row, word in enumerate(self.words, 1)}  # 0 is beyond both ends
        endings = Counter(word[-ENDING:] for word in self.words)
        often = sorted(ending for ending, n in endings.items() if n >= LEAST_ENDINGS)
        self._endings = {ending: row for row, ending in enumerate(often, 1)}
        self.vectors = np.zeros((len(self.words) + 1, 300), dtype=np.float32)
        for word, row in self._rows.items():
            if word in vectors:
                self.vectors[row] = vectors[word]

    def ids(self, signs: Sequence[bytes]) -> Ids:
        """Rows of words and of endings, one a line; of nothing one line that means nothing."""
        found = [self._row_of(sign) for sign in signs[:LONGEST]]
        return np.array([(row, self._ending(row)) for row in found or [0]], dtype=np.uint64)

    def every(self) -> Ids:
        """Of each word, and what is beyond both ends first."""
        return np.array([(row, self._ending(row)) for row in range(len(self.words) + 1)], dtype=np.uint64)

    def _row_of(self, sign: bytes) -> int:
        row = self._rows.get(sign) or self._rows.get(sign.lower())
        return row or self._rows[CAPITAL if sign[:1].isupper() else UNKNOWN]

    def _ending(self, row: int) -> int:
        return self._endings.get(self.words[row - 1][-ENDING:], 0) if row else 0


def learn(found: Sequence[Text], vectors: dict[bytes, np.ndarray], medical: Set[bytes], names: Set[bytes]) -> bytes:
    """The file that Gatepost reads."""
    read = [signs_of(text.octets) for text in found]
    vocabulary = Vocabulary([[s.lower() for s in signs] for signs in read], vectors, medical, names)
    fix_random_seed(0)
    word, layers, last = _parts(vocabulary.vectors)
    network = chain(
        with_array(chain(word, layers), pad=2), list2ragged(), concatenate(reduce_max(), reduce_mean()), last
    )
    texts = [vocabulary.ids(signs) for signs in read]
    truth = np.array([[text.told] for text in found], dtype=np.float32)
    weights = np.array([[text.weight] for text in found], dtype=np.float32)
    network.initialize(X=texts[:4], Y=truth[:4])
    optimizer = Adam(RATE, L2=DECAY, L2_is_weight_decay=True, use_averages=True)
    rng, order, step = random.Random(0), list(range(len(texts))), 0
    steps = EPOCHS * (len(texts) // BATCH + 1)
    for epoch in range(EPOCHS):
        rng.shuffle(order)
        for start in range(0, len(order), BATCH):
            some = order[start : start + BATCH]
            optimizer.learn_rate = RATE * max(0.02, 1 - step / steps) * min(1.0, step / 200 + 0.01)
            step += 1
            scores, back = network.begin_update([texts[i] for i in some])
            chance = 1 / (1 + np.exp(-np.clip(scores, -30, 30)))
            back(((chance - truth[some]) * weights[some] / BATCH).astype(np.float32))
            network.finish_update(optimizer)
        print("network: epoch", epoch + 1, "of", EPOCHS, flush=True)
    with network.use_params(optimizer.averages):
        return _file(vocabulary, word.predict(vocabulary.every()), layers, last)


def _parts(vectors: np.ndarray) -> tuple[Any, Any, Any]:
    """A word by itself, each between its neighbours, and what all of a passage says."""

    word = chain(
        concatenate(
            chain(_column(0), HashEmbed(WIDTH, OWN_ROWS, seed=8)),
            chain(_column(0), _fixed(vectors), Linear(WIDTH, 300)),
            chain(_column(1), HashEmbed(WIDTH // 2, ROWS_OF_ENDINGS, seed=9)),
        ),
        Dropout(DROP / 2),
        Maxout(WIDTH, WIDTH * 2 + WIDTH // 2, nP=PIECES, normalize=True, dropout=DROP),
    )
    between = chain(expand_window(1), Maxout(WIDTH, 3 * WIDTH, nP=PIECES, normalize=True, dropout=DROP))
    return word, clone(residual(between), 2), chain(Dropout(DROP), Linear(1, 2 * WIDTH))


def _column(index: int) -> Any:
    def forward(_: Any, ids: Any, is_train: bool) -> tuple[Any, Any]:
        return ids[:, index], lambda _: np.zeros(ids.shape, dtype=np.float32)

    return Model("column", forward)


def _fixed(vectors: np.ndarray) -> Any:
    """Rows of a table that is not learned."""

    def forward(_: Any, rows: Any, is_train: bool) -> tuple[Any, Any]:
        return vectors[rows], lambda _: np.zeros(rows.shape, dtype=np.float32)

    return Model("fixed", forward)


def _file(vocabulary: Vocabulary, table: np.ndarray, layers: Any, last: Any) -> bytes:
    """The same arrays give the same bytes."""
    scale = float(np.abs(table).max()) / 127
    arrays = {
        "words": np.array(vocabulary.words, dtype="S"),
        "table": np.round(table / scale).astype(np.int8),
        "scale": np.array([scale], dtype=np.float32),
    }
    maxouts = [node for node in layers.walk() if node.name == "maxout"]
    norms = [node for node in layers.walk() if node.name == "layernorm"]
    for index, (maxout, norm) in enumerate(zip(maxouts, norms, strict=True)):
        arrays[f"w{index}"] = _by_piece(maxout.get_param("W")).astype(np.float16)
        arrays[f"b{index}"] = _by_piece(maxout.get_param("b")).ravel()
        arrays[f"g{index}"], arrays[f"n{index}"] = norm.get_param("G"), norm.get_param("b")
    linear = next(node for node in last.walk() if node.name == "linear")
    arrays["w"], arrays["b"] = linear.get_param("W")[0], linear.get_param("b")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, array in arrays.items():
            octets = io.BytesIO()
            np.lib.format.write_array(octets, np.ascontiguousarray(array), allow_pickle=False)
            file.writestr(zipfile.ZipInfo(f"{name}.npy"), octets.getvalue(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _by_piece(array: Any) -> Any:
    """Of (width, pieces, …): all of the first piece, then all of the second."""
    return np.swapaxes(array, 0, 1).reshape(WIDTH * PIECES, -1)


def write(octets: bytes, name: str = "network.npz") -> None:
    (HERE / name).write_bytes(octets)
    print(name, len(octets), "bytes sha256", hashlib.sha256(octets).hexdigest())
