"""Puts Gatepost into a Postfix and takes it out again. Whatever fails, Postfix is left as it was found."""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gateway.postfix.change import Change
from gateway.postfix.errors import PostfixRefused, PostfixUnusable
from gateway.postfix.plan import Proposal, propose
from gateway.postfix.record import APPLYING, FILES, Record, RecordBook
from gateway.postfix.survey import Survey
from gateway.postfix.tools import PostfixTools
from gateway.postfix.undo import undo
from gateway.postfix.wish import Wish
from gateway.store.durable import write_file

Probe = Callable[[Survey], Sequence[str]]  # what is wrong on the way of a message; nothing: all is well


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done. `notes` tell what stays as it is and what could not be undone."""

    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    reloaded: bool = False


class Insertion:
    """Of one gateway into one Postfix."""

    def __init__(self, tools: PostfixTools, wish: Wish) -> None:
        self._tools = tools
        self._wish = wish
        self._book = RecordBook(tools.folder)

    def plan(self) -> Proposal:
        """What `apply` would do. Raises PostfixUnusable."""
        return propose(self._tools.survey(), self._wish)

    def apply(self, probe: Probe) -> Outcome:
        """Make the changes, check, reload, send the probe; all or nothing.

        Raises PostfixRefused: nothing was changed. PostfixUnusable: something failed, and the files are as they were.
        """
        self._must_be_writable()
        self._finish_a_former_attempt()
        proposal = self.plan()
        if proposal.refusals:
            raise PostfixRefused(proposal.refusals)
        if not proposal.changes:
            return Outcome(notes=proposal.notes)
        before = {name: (self._tools.folder / name).read_bytes() for name in FILES}
        former = self._book.read()
        self._book.begin(proposal.changes)
        try:
            reloaded = self._carry_out(proposal, probe)
        except BaseException:
            self._roll_back(before, former)
            raise
        self._book.done()
        return Outcome(proposal.changes, proposal.notes, reloaded)

    def remove(self) -> Outcome:
        """Postfix as it was before. Where somebody changed it since, only what Gatepost changed is undone.

        Raises PostfixUnusable, PostfixRefused.
        """
        self._must_be_writable()
        record = self._book.read()
        if record is None:
            return Outcome(notes=(f"{self._tools.folder}: Gatepost was not put in by this command, nothing to undo",))
        notes: tuple[str, ...] = ()
        if record.state == APPLYING or record.after == self._book.digests():
            self._book.restore()
        else:
            notes = tuple(undo(self._tools, record.changes, self._wish))
            self._book.restore_files()
        self._tools.check()
        reloaded = self._reload()
        self._book.forget()
        return Outcome(record.changes, notes, reloaded)

    def _carry_out(self, proposal: Proposal, probe: Probe) -> bool:
        self._tools.carry_out(proposal.changes)
        self._tools.check()
        reloaded = self._reload()
        if reloaded and (wrong := probe(self._tools.survey())):
            raise PostfixUnusable(
                "the probe message did not go the way it should, so Postfix is as it was before:\n" + "\n".join(wrong)
            )
        return reloaded

    def _reload(self) -> bool:
        if not self._tools.is_running():
            return False
        self._tools.reload()
        return True

    def _roll_back(self, before: dict[str, bytes], former: Record | None) -> None:
        for name, octets in before.items():
            file = self._tools.folder / name
            write_file(file, octets, file.stat().st_mode & 0o777)
        self._book.restore_files()
        self._book.put(former)
        with suppress(PostfixUnusable):  # what is to be told is why we came here
            self._reload()

    def _finish_a_former_attempt(self) -> None:
        """A former `apply` was cut off: as it was before, and from the start."""
        record = self._book.read()
        if record is not None and record.state == APPLYING:
            self._book.restore()
            self._book.forget()

    def _must_be_writable(self) -> None:
        reasons = [reason for name in ("", *FILES) if (reason := _obstacle(self._tools.folder / name))]
        if reasons:
            raise PostfixRefused(reasons)


def _obstacle(path: Path) -> str:
    if not path.exists():
        return f"{path} is not there: name the folder of the Postfix to change with --postfix-config"
    if os.statvfs(path).f_flag & os.ST_RDONLY:
        return f"{path} is on a file system that cannot be written: nothing was changed"
    if not os.access(path, os.W_OK):
        return f"{path} may not be written by you: try it with sudo. Nothing was changed"
    return ""


def shown(change: Change) -> str:
    """One change on a few lines, for people."""
    lines = [change.place]
    if change.old is not None:
        lines += [f"  - {line}" for line in (change.old or "(empty)").splitlines()]
    lines += [f"  + {line}" for line in (change.new or "(empty)").splitlines()]
    lines.append(f"    {change.reason}")
    return "\n".join(lines)
