"""NumPy, multiplying in one thread.

The matrices are small, a worker has a core and not all of them, and threads that wait for each other on a busy machine
take many times as long.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

_THREADS = "OPENBLAS_NUM_THREADS"  # read once, when the library is loaded


@contextmanager
def in_one_thread() -> Iterator[None]:
    """While NumPy is imported; what follows it has the setting that it had."""
    threads = os.environ.get(_THREADS)
    os.environ[_THREADS] = threads or "1"
    try:
        yield
    finally:
        if threads is None:
            del os.environ[_THREADS]


def one_threaded() -> Any:
    """The package; where the process had imported it before, as it was."""
    with in_one_thread():
        return import_module("numpy")
