"""Proportions with their uncertainty, and the scores made of them."""

from dataclasses import dataclass
from math import sqrt

Z95 = 1.959963984540054  # two-sided 95 % of the normal distribution


@dataclass(frozen=True, slots=True)
class Ratio:
    """`hits` of `n`. Without any there is no rate: None."""

    hits: int = 0
    n: int = 0

    @property
    def rate(self) -> float | None:
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's score interval, 95 % (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927, 209-212)."""
        if not self.n:
            return None
        rate, square = self.hits / self.n, Z95 * Z95
        middle = rate + square / (2 * self.n)
        spread = Z95 * sqrt(rate * (1 - rate) / self.n + square / (4 * self.n * self.n))
        scale = 1 + square / self.n
        return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)

    def __add__(self, other: "Ratio") -> "Ratio":
        return Ratio(self.hits + other.hits, self.n + other.n)


def f_score(precision: float | None, recall: float | None, beta: float = 1.0) -> float | None:
    """Weighted harmonic mean; recall counts `beta` times as much (C. J. van Rijsbergen, Information Retrieval, 1979).

    None where either is unknown; 0.0 where both are zero.
    """
    if precision is None or recall is None:
        return None
    weight = beta * beta
    below = weight * precision + recall
    return (1 + weight) * precision * recall / below if below else 0.0
