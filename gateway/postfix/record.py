"""What was done to a Postfix, kept beside its configuration: the files as they were, and each change."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gateway.postfix.change import AddService, Change, SetOverride, SetParameter, WriteFile
from gateway.postfix.errors import PostfixUnusable
from gateway.store.durable import write_file

FILES = ("main.cf", "master.cf")
SUFFIX = ".before-gatepost"
NAME = "gatepost-changes.json"
APPLYING, APPLIED = "applying", "applied"
_KINDS: dict[str, type[SetParameter] | type[AddService] | type[SetOverride] | type[WriteFile]] = {
    kind.__name__: kind for kind in (SetParameter, AddService, SetOverride, WriteFile)
}


@dataclass(frozen=True, slots=True)
class Record:
    """`state` "applying": a change began and nobody knows how far it came. `after`: digests once it was done."""

    state: str
    changes: tuple[Change, ...] = ()
    after: tuple[str, ...] = ()


class RecordBook:
    """The record of one configuration folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / NAME

    def read(self) -> Record | None:
        """None: Gatepost was not put in here. Raises PostfixUnusable where the record cannot be read."""
        try:
            plain = json.loads(self._file.read_text("utf-8"))
            changes = tuple(_change(item) for item in plain["changes"])
            return Record(plain["state"], changes, tuple(plain["after"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise PostfixUnusable(
                f"{self._file}: the record of what was changed cannot be read ({type(error).__name__}). Put "
                f"main.cf{SUFFIX} and master.cf{SUFFIX} back by hand if Postfix is to be as it was, then delete it"
            ) from None

    def begin(self, changes: Sequence[Change]) -> None:
        """Keep the files as they are now, then note that changes begin; durable on return. Raises OSError."""
        if self.read() is None:
            for name in FILES:
                file = self._folder / name
                write_file(self._kept(name), file.read_bytes(), file.stat().st_mode & 0o777)
        self._write(Record(APPLYING, self._earlier() + tuple(changes)))

    def done(self) -> None:
        """Note that the changes were made and hold. Raises OSError."""
        self._write(Record(APPLIED, self._earlier(), self.digests()))

    def put(self, record: Record | None) -> None:
        """The record as it was before a change that did not hold. Raises OSError."""
        self.forget() if record is None else self._write(record)

    def forget(self) -> None:
        """There is nothing to undo any more. Raises OSError."""
        for path in (self._file, *map(self._kept, FILES)):
            path.unlink(missing_ok=True)

    def restore(self) -> None:
        """The files byte for byte as they were before. Raises OSError."""
        for name in FILES:
            kept = self._kept(name)
            write_file(self._folder / name, kept.read_bytes(), kept.stat().st_mode & 0o777)
        self.restore_files()

    def restore_files(self) -> None:
        """The small files of ours as they were: gone, mostly. Raises OSError."""
        for change in reversed(self._earlier()):
            if isinstance(change, WriteFile):
                path = self._folder / change.name
                path.unlink(missing_ok=True) if change.old is None else write_file(path, change.old.encode(), 0o644)

    def digests(self) -> tuple[str, ...]:
        """Of the files as they are now."""
        return tuple(hashlib.sha256((self._folder / name).read_bytes()).hexdigest() for name in FILES)

    def _earlier(self) -> tuple[Change, ...]:
        record = self.read()
        return record.changes if record is not None else ()

    def _kept(self, name: str) -> Path:
        return self._folder / f"{name}{SUFFIX}"

    def _write(self, record: Record) -> None:
        changes = [{"kind": type(change).__name__, **asdict(change)} for change in record.changes]
        plain = {"state": record.state, "changes": changes, "after": record.after}
        write_file(self._file, json.dumps(plain, indent=2).encode(), 0o644)


def _change(plain: dict[str, Any]) -> Change:
    fields = dict(plain)
    return _KINDS[fields.pop("kind")](**fields)
