"""The file: nothing readable in it, replaced under readers, the same key for the same people."""

import io
import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.errors import SetupError
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment
from gateway.detect.exact.build import Builder, Row, Wanted
from gateway.detect.exact.index import Index, check_body, read_header
from gateway.detect.exact.kinds import Kind, Ways
from gateway.detect.exact.stage import ExactStage
from tests.unit.detect.exact.conftest import KEY, PEOPLE, asking, written


def test_no_value_can_be_read_in_the_file() -> None:
    """Neither as it is written, nor as a form, nor a part of four characters of it, in any case."""
    octets = written().lower().partition(b"}")[2].partition(b"\0\0")[2]  # behind the header and its names of columns
    pieces = {piece.lower() for person in PEOPLE for piece in re.split(r"[|\s/(),.@-]+", person) if len(piece) >= 4}

    assert len(pieces) > 20
    assert [piece for piece in pieces if piece.encode() in octets] == []


@given(st.lists(st.from_regex(r"[A-Z][a-z]{5,12}", fullmatch=True), min_size=1, max_size=20, unique=True))
@settings(max_examples=30)
def test_no_name_can_be_read_whatever_it_is(names: list[str]) -> None:
    """Six letters in a row do not come about by chance in a file of this size."""
    octets = _index([(name, f"{n:06}") for n, name in enumerate(names)]).lower()

    assert not any(name.lower().encode() in octets for name in names)


@given(st.lists(st.tuples(st.from_regex(r"[A-Z][a-z]{2,9}", fullmatch=True), st.integers(10_000, 99_999)), min_size=1))
@settings(max_examples=30)
def test_every_row_is_found_again(tmp_path_factory: pytest.TempPathFactory, people: list[tuple[str, int]]) -> None:
    """By both of its values."""
    path = tmp_path_factory.mktemp("again") / "x.index"
    path.write_bytes(_index([(name, str(number)) for name, number in people]))
    index = Index(path, KEY)
    of = index.hashes.of

    for row, (name, number) in enumerate(people):
        assert row in index.rows("family", of(Kind.NAME, name.lower()))
        assert row in index.rows("mrn", of(Kind.ID, str(number)))
        assert index.may_have(of(Kind.ID, str(number)))


def test_filter_turns_most_strangers_away(index: Path) -> None:
    """At most one in eight of the values that are in no row has to be looked for."""
    opened = Index(index, KEY)
    strangers = [opened.hashes.of(Kind.ID, f"9{n:07}") for n in range(4000)]

    assert sum(map(opened.may_have, strangers)) < len(strangers) / 8


def test_two_indexes_of_one_list_have_no_hash_in_common(tmp_path: Path) -> None:
    """Who has both learns no more than of one."""
    hashes = []
    for salt in ("aa" * 16, "bb" * 16):
        path = tmp_path / salt
        path.write_bytes(written(salt=salt))
        column = read_header(path).columns[3]
        body = path.read_bytes()[4096:]
        hashes.append({body[at : at + 8] for at in range(column.hashes_at, column.hashes_at + 8 * column.entries, 8)})

    assert len(hashes[0]) > 200
    assert not hashes[0] & hashes[1]


def test_hashes_of_one_word_differ_by_kind(index: Path) -> None:
    """A number that is a record number says nothing of an equal postcode."""
    of = Index(index, KEY).hashes.of

    assert len({of(kind, "12345") for kind in Kind}) == len(Kind)


def test_readers_keep_what_they_opened_when_a_new_index_takes_its_place(tmp_path: Path) -> None:
    """Forked workers too: the old one stays whole until the last of them ends, the next to open has the new."""
    path = tmp_path / "patients.index"
    path.write_bytes(written())
    segment = Segment("1", Place.BODY, "Cruz 3/1/84")
    old = ExactStage([asking(path, "family", "born")], KEY, b"")
    read, write = os.pipe()
    go, start = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.read(go, 1)
            os.write(write, str(len(old.detect([segment], Limits())[0])).encode())
        finally:
            os._exit(0)

    fresh = tmp_path / "fresh"
    fresh.write_bytes(written(PEOPLE[1:]))
    fresh.replace(path)
    os.write(start, b"x")
    os.waitpid(child, 0)

    assert os.read(read, 10) == b"1"
    assert len(old.detect([segment], Limits())[0]) == 1
    assert ExactStage([asking(path, "family", "born")], KEY, b"").detect([segment], Limits())[0] == []
    for descriptor in (read, write, go, start):
        os.close(descriptor)


def test_header_tells_counts_and_a_digest(index: Path) -> None:
    """Without a key, and what it tells holds."""
    header = check_body(index)
    born = next(column for column in header.columns if column.name == "born")

    assert (header.rows, born.filled, born.widest) == (204, 204, 2)
    assert [column.name for column in header.columns][-1] == "name"
    assert len(header.digest) == 64


def test_a_list_without_a_usable_row_makes_no_index() -> None:
    """It would let everything pass."""
    with Builder([Wanted("family", Kind.NAME), Wanted("mrn", Kind.ID)], KEY, "aa", Ways()) as builder:
        assert not builder.add(Row(2, {"family": "Cruz", "mrn": ""}))
        with pytest.raises(SetupError, match="no usable row"):
            builder.write(io.BytesIO(), "")


def test_unusable_values_are_counted_with_their_lines() -> None:
    """By column; the row counts as long as two others are left."""
    columns = [Wanted("family", Kind.NAME), Wanted("born", Kind.DATE), Wanted("mrn", Kind.ID)]
    with Builder(columns, KEY, "aa", Ways(), most_noted=2) as builder:
        for line in range(2, 6):
            assert builder.add(Row(line, {"family": "Cruz", "born": "soon", "mrn": f"1234{line}"}))

        assert (builder.unread["born"], builder.given["born"], builder.unusable["born"]) == (4, 4, [2, 3])


def _index(people: list[tuple[str, str]]) -> bytes:
    with Builder([Wanted("family", Kind.NAME), Wanted("mrn", Kind.ID)], KEY, "cc" * 16, Ways()) as builder:
        for line, (family, mrn) in enumerate(people, start=2):
            builder.add(Row(line, {"family": family, "mrn": mrn if len(mrn.lstrip("0")) >= 4 else f"9{mrn}"}))
        file = io.BytesIO()
        builder.write(file, "2026-11-25T18:00:00+00:00")
    return file.getvalue()
