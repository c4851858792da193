"""Reads a passage in its order: is it about the care of somebody in particular?

Each word between its neighbours, twice, then the most and the mean of all that was seen (models/care-classifier says
how it was taught). It knows what weighted words do not: "her order for a hip" is nobody's operation.
"""

import io
import secrets
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from math import isfinite
from typing import Any

from gateway.detect.care.reading import CAPITAL, LONGEST, UNKNOWN, signs_of
from gateway.detect.one_threaded import one_threaded

np = one_threaded()

_EDGE = 2  # rows of nothing on either side of a passage, one for each layer: so several can be read at once
_LEAST = 1e-8
_MOST_KNOWN = 1_000
Array = Any  # of NumPy


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """`weights` (3 × width in, pieces × width out), `bias`, how what comes out is evened, what takes a row's mean."""

    weights: Array
    bias: Array
    gain: Array
    shift: Array
    mean: Array

    def __call__(self, rows: Array) -> Array:
        """What each row means between its neighbours, added to what it meant."""
        count, width = rows.shape
        seen = np.zeros((count, 3 * width), dtype=np.float32)
        seen[1:, :width] = rows[:-1]
        seen[:, width : 2 * width] = rows
        seen[:-1, 2 * width :] = rows[1:]
        made = seen @ self.weights
        made += self.bias
        best = made[:, :width]
        for piece in range(width, made.shape[1], width):
            best = np.maximum(best, made[:, piece : piece + width])
        best -= (best @ self.mean)[:, None]
        best *= self.gain / np.sqrt(np.square(best) @ self.mean + _LEAST)[:, None]
        best += self.shift
        best += rows
        return best


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """The table of words in their order, and what follows."""

    words: Array = field(repr=False)
    table: Array = field(repr=False)
    scale: float
    layers: Sequence[Layer] = field(repr=False)
    last: Array = field(repr=False)
    bias: float
    _known: dict[bytes, float] = field(default_factory=dict, repr=False)  # a passage is asked for several times
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def score(self, octets: bytes) -> float:
        """Of a passage, in logits: above 0 it is rather about somebody's care. Its first 400 words and marks."""
        return self.scores([octets])[0]

    def scores(self, passages: Sequence[bytes]) -> list[float]:
        """Of some, each read by itself; sooner than one after the other."""
        digests = [sha256(self._key + octets).digest() for octets in passages]
        known = {digest: score for digest in digests if (score := self._known.get(digest)) is not None}
        new = {digest: octets for digest, octets in zip(digests, passages, strict=True) if digest not in known}
        fresh = dict(zip(new, self._scores([signs_of(octets)[:LONGEST] for octets in new.values()]), strict=True))
        if len(self._known) + len(fresh) > _MOST_KNOWN:
            self._known.clear()
        self._known.update(fresh)
        known.update(fresh)  # not what the network knows: another thread may have cleared that
        return [known[digest] for digest in digests]

    def _scores(self, passages: Sequence[Sequence[bytes]]) -> list[float]:
        if not passages:
            return []
        sizes = np.array([max(1, len(signs)) for signs in passages])
        starts = np.cumsum(sizes + _EDGE) - sizes  # each behind rows of nothing; the last has some behind it too
        inside = np.zeros(starts[-1] + sizes[-1] + _EDGE, dtype=bool)
        for start, signs in zip(starts, passages, strict=True):
            inside[start : start + len(signs)] = True
        rows = np.zeros(len(inside), dtype=np.intp)
        rows[inside] = self._rows([sign for signs in passages for sign in signs])
        seen: Array = self.table[rows] * np.float32(self.scale)
        for layer in self.layers:
            seen = layer(seen)
        width = seen.shape[1]
        found = []
        for start, size in zip(starts, sizes, strict=True):
            own = seen[start : start + size]
            found.append(float(own.max(axis=0) @ self.last[:width] + own.mean(axis=0) @ self.last[width:]) + self.bias)
        return found

    def _rows(self, signs: Sequence[bytes]) -> Array:
        if not signs:
            return np.zeros(0, dtype=np.intp)
        lowered = np.array([sign.lower() for sign in signs], dtype=self.words.dtype)
        rows = np.searchsorted(self.words, lowered)
        rows[rows == len(self.words)] = 0
        strange = self.words[rows] != lowered
        if strange.any():
            unknown, capital = np.searchsorted(self.words, np.array([UNKNOWN, CAPITAL], dtype=self.words.dtype))
            capitals = np.array([sign[:1].isupper() for sign in signs])
            rows[strange] = np.where(capitals[strange], capital, unknown)
        return rows + 1


def network_of(octets: bytes) -> Network:
    """From a file as the recipe writes it. Raises ValueError."""
    try:
        with np.load(io.BytesIO(octets), allow_pickle=False) as file:
            layers: list[Layer] = []
            while f"w{len(layers)}" in file:
                index = len(layers)
                weights = np.ascontiguousarray(file[f"w{index}"].astype(np.float32).T)
                gain = file[f"g{index}"]
                mean = np.full(len(gain), 1 / len(gain), dtype=np.float32)
                layers.append(Layer(weights, file[f"b{index}"], gain, file[f"n{index}"], mean))
            words, table, last = file["words"], file["table"], file["w"]
            made = Network(words, table, float(file["scale"][0]), tuple(layers), last, float(file["b"][0]))
            fits = len(table) == len(words) + 1 and 0 < len(layers) <= _EDGE
            fits = fits and isfinite(made.score(b"a word, and 1 number"))
    except (
        *(KeyError, ValueError, IndexError, TypeError, AttributeError),
        *(zipfile.BadZipFile, zlib.error, RuntimeError, OSError, EOFError),
    ) as error:
        raise ValueError(f"not a network as models/care-classifier makes it ({error})") from error
    if not fits:
        raise ValueError("not a network as models/care-classifier makes it (its parts do not fit together)")
    return made
