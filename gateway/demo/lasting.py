"""What is started, and closed whatever happens."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Lasting(ABC):
    """A context manager: started on the way in, closed on the way out, and where it did not start."""

    @abstractmethod
    def start(self) -> None:
        """Back when it answers."""

    @abstractmethod
    def close(self) -> None:
        """End it, however far it came."""

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
