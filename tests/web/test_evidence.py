"""The audit page: what a check of the log comes to, and what is told of one that somebody had a hand in."""

import json
from pathlib import Path

from gateway.audit.chain import digest, line_of
from gateway.people import Role
from tests.web.conftest import Person
from tests.web.house import LETTER, house


def test_the_page_tells_a_whole_log_from_one_that_somebody_changed(tmp_path: Path) -> None:
    """Whole; with an end that nobody signed; gone on with behind it, which is told for ever; and broken."""
    with house(tmp_path, people={"olga": Role.OFFICER}) as alone, alone.serve() as url:
        folder, olga = alone.config.audit.folder, Person(alone, url, "olga")
        assert olga.sign_in().status_code == 303
        [log], head = folder.glob("audit-*.jsonl"), folder / "head.json"

        def told() -> str:
            assert olga.post("/audit/verify").status_code == 303
            return olga.get("/audit").text

        assert "The chain is whole: " in told()
        assert "BROKEN" not in olga.get("/audit").text

        signed, old = log.read_bytes().splitlines(keepends=True), head.read_bytes()
        alone.hold(LETTER)
        forged: list[bytes] = []
        last = digest(signed[-1])
        for line in map(json.loads, log.read_bytes().splitlines()[len(signed) :]):
            line["email"] = {**line.get("email", {}), "smtp_to": ["somebody@x.example"]}
            forged.append(line_of({**line, "prev": last, "seq": len(signed) + len(forged) + 1}))
            last = digest(forged[-1])
        log.write_bytes(b"".join((*signed, *forged)))
        head.write_bytes(old)
        assert f"not signed ({len(forged)} events)" in told()
        again = told()
        assert "The chain is whole: " in again
        assert f"not signed ({len(forged)} events, log-recovered)" in again

        log.write_bytes(log.read_bytes().replace(b"somebody@x.example", b"samebody@x.example"))
        assert "The chain is BROKEN: audit-000001.jsonl:" in told()
        olga.close()
