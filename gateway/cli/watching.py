"""Which files of a folder were saved since one looked last."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

POLL_SECONDS = 0.2
Snapshot = dict[Path, tuple[int, int, int]]


class Watch:
    """Looks at files and folders (`below`) of a folder from now on."""

    def __init__(self, folder: Path, below: Sequence[str], poll: float = POLL_SECONDS) -> None:
        self._paths = [folder / name for name in below]
        self._poll = poll
        self._last = self._snapshot()

    def changes(self) -> Iterator[frozenset[Path]]:
        """The files that came, went or were written, each time that some were and it has been quiet for one poll since.

        An editor that saves in several steps (a new file, a rename) makes one change.
        """
        while True:
            now = self._settled()
            changed = {path for path in now.keys() | self._last.keys() if now.get(path) != self._last.get(path)}
            self._last = now
            if changed:
                yield frozenset(changed)

    def _settled(self) -> Snapshot:
        before = self._snapshot()
        while True:
            time.sleep(self._poll)
            now = self._snapshot()
            if now == before:
                return now
            before = now

    def _snapshot(self) -> Snapshot:
        found: Snapshot = {}
        for top in self._paths:
            for path in (top, *top.rglob("*")):
                if path.name[0] in ".#~" or path.name.endswith("~"):
                    continue  # what editors keep beside a file
                try:
                    facts = path.stat()
                except OSError:
                    continue
                if not path.is_dir():
                    found[path] = (facts.st_mtime_ns, facts.st_size, facts.st_ino)
        return found
