"""gateway.extract.repeats: what repeats a hundred thousand times is read as it was, in little memory."""

import tracemalloc

import pytest

from gateway.extract.html import render

MANY = 200_000
LITTLE = 20 << 20  # bytes; it was 450 a repetition


@pytest.mark.parametrize(
    "source",
    [
        f"1<a {'b=c ' * MANY}>2",
        f"1<!--{'-a' * MANY}-->2",
        f"1<script>{'<a' * MANY}</script>2",
        f"1<style>/*{'*a' * MANY}*/</style>2",
    ],
    ids=["attributes", "a comment", "a script", "a comment in a sheet"],
)
def test_what_repeats_costs_no_memory(source: str) -> None:
    """And what stands behind it is seen where it is seen."""
    tracemalloc.start()
    try:
        views = render(source)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < LITTLE
    assert "12" in repr(views)
