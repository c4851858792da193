"""Locks between processes and threads."""

import os
from pathlib import Path

import pytest

from gateway.store.durable import locked, make_folder, write_file


def test_a_lock_is_taken_once(tmp_path: Path) -> None:
    """Even in the same thread a second holder is refused, and the first one's end frees it."""
    path = tmp_path / "lock"

    with locked(path, wait=False), pytest.raises(BlockingIOError), locked(path, wait=False):
        pass
    with locked(path, wait=False):
        pass


def test_a_dead_process_holds_no_lock(tmp_path: Path) -> None:
    """The kernel lets go when the holder dies."""
    path = tmp_path / "lock"
    child = os.fork()
    if child == 0:
        lock = locked(path)
        lock.__enter__()
        os._exit(0)
    os.waitpid(child, 0)

    with locked(path, wait=False):
        pass


def test_a_small_file_is_replaced_whole(tmp_path: Path) -> None:
    """No temporary name stays."""
    make_folder(tmp_path / "a" / "b")
    write_file(tmp_path / "a" / "b" / "f", b"one")
    write_file(tmp_path / "a" / "b" / "f", b"two")

    assert (tmp_path / "a" / "b" / "f").read_bytes() == b"two"
    assert len(list((tmp_path / "a" / "b").iterdir())) == 1
