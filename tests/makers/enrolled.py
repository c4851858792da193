"""Somebody with an account, and a clock that the test moves."""

from collections.abc import Callable
from typing import Any, Protocol

from gateway.people import Person

PASSWORD = "three herons over the canal"


class Moving(Protocol):
    """A clock that the test moves."""

    def __call__(self) -> Any: ...

    def advance(self, **parts: float) -> None: ...


Enrolled = tuple[Person, Callable[[], str], tuple[str, ...]]
