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


def test_nothing_is_exported_of_a_log_that_somebody_changed(tmp_path: Path) -> None:
    """An act on a message that was made one on another: no run of the proof would show it, and we would sign that."""
    with house(tmp_path, people={"olga": Role.OFFICER}) as alone, alone.serve() as url:
        item, olga = alone.hold(LETTER), Person(alone, url, "olga")
        incident = alone.stored.quarantine.get(item).incident
        alone.stored.audit.checkpoint()
        assert olga.sign_in().status_code == 303
        assert olga.post(f"/items/{item}/assign", to="olga").status_code == 303
        alone.stored.audit.checkpoint()
        assert olga.post("/audit/export", incident=incident).headers["content-type"] == "application/zip"

        [log] = alone.config.audit.folder.glob("audit-*.jsonl")
        lines = log.read_bytes().splitlines(keepends=True)
        changed = [
            line.replace(incident.encode(), b"20261125-9999999999") if b"assigned" in line else line for line in lines
        ]
        log.write_bytes(b"".join(changed))
        refused = olga.post("/audit/export", incident=incident)
        olga.close()

        assert refused.status_code == 409
        assert "the line was changed" in refused.text
