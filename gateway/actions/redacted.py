"""Everything that was found in a message taken out of it, for a reviewer who releases it so. Pure."""

from collections.abc import Sequence

from gateway.actions.draft import draft_of, edits
from gateway.actions.redact import CORRESPONDENTS, redact
from gateway.core.finding import Finding
from gateway.core.message import Content, Message
from gateway.core.redacted import Left, Redacted


def without_findings(message: Message, content: Content, findings: Sequence[Finding]) -> Redacted:
    """Labels in the place of all findings, whatever rule asks for them; the correspondents stay in their fields.

    The fingerprints are those that must not be found again: an address of a correspondent may.
    """
    done = redact(draft_of(message), content, ((finding, True) for finding in findings))
    gone = (finding for finding in done.redacted if finding.entity not in CORRESPONDENTS)
    return Redacted(
        edits=edits(done.draft),
        entities=tuple(sorted({finding.entity for finding in done.redacted})),
        fingerprints=frozenset(finding.fingerprint for finding in gone if finding.fingerprint),
        left=tuple(dict.fromkeys(Left(f.entity, f.part_path, obstacle.value) for f, obstacle in done.kept)),
    )
