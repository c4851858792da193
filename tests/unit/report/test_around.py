"""What stands beside the log of one gateway."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from gateway.report.around import logs_elsewhere
from gateway.store.database import open_database
from gateway.store.members import Head, Members


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    engine = open_database(database_url)
    yield engine
    engine.dispose()


def test_a_report_says_that_other_gateways_have_logs(engine: sa.Engine) -> None:
    """An accounting of disclosures of one of several machines is not the whole; alone there is nothing to say."""
    members = Members(engine)
    for name, seq in (("mx1/a", 7), ("mx2/b", 3), ("mx3/c", 0)):
        members.join(name, "host", "1")
        members.tell(name, "sha256:1", Head(seq, "0" * 64) if seq else None)

    assert logs_elsewhere(engine, "mx1/a").endswith("there are other logs, of mx2")
    members.forget("mx2/b")
    assert logs_elsewhere(engine, "mx1/a") == ""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_of_many_others_some_are_named(engine: sa.Engine) -> None:
    """The line stays one."""
    members = Members(engine)
    for number in range(9):
        members.join(f"mx{number}/x", "host", "1")
        members.tell(f"mx{number}/x", "sha256:1", Head(1, "0" * 64))

    assert logs_elsewhere(engine, "mx0/x").endswith("of mx1, mx2, mx3, mx4, mx5 and 3 more")
