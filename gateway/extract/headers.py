"""Header fields as segments: what people write and read, not the noise of machines."""

import re
from collections.abc import Iterator

from gateway.core.message import Part, Place, Segment

_NOISE = frozenset(
    [
        "received",
        "x-received",
        "return-path",
        "delivered-to",
        "x-original-to",
        "message-id",
        "references",
        "in-reply-to",
        "date",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
        "content-disposition",
        "content-id",
        "content-length",
        "content-language",
        "lines",
        "dkim-signature",
        "domainkey-signature",
        "authentication-results",
        "received-spf",
        "x-google-dkim-signature",
        "x-google-smtp-source",
        "x-gm-message-state",
        "precedence",
        "importance",
        "priority",
        "x-priority",
        "x-msmail-priority",
        "auto-submitted",
        "user-agent",
        "x-mailer",
        "x-mimeole",
        "thread-index",
        "x-spam-status",
        "x-spam-level",
        "x-spam-checker-version",
        "x-spam-score",
        "x-virus-scanned",
        "status",
        "x-status",
        "x-uid",
        "x-loop",
        "errors-to",
        "x-beenthere",
        "x-mailman-version",
        "autocrypt",
        "feedback-id",
        "x-ms-exchange-organization-scl",
        "x-ms-has-attach",
        "x-ms-tnef-correlator",
        "x-originating-ip",
    ]
)
_NOISE_PREFIX = re.compile(
    r"(?:arc-|list-(?!subject)|resent-(?:message-id|date)|x-ms-exchange-(?:crosstenant|transport)|x-microsoft-antispam)"
)


def header_segments(part: Part, *, is_root: bool) -> Iterator[Segment]:
    """The fields of a message that say something; the first Subject of the message itself can be edited in place."""
    subject_seen = not is_root
    for header in part.headers:
        name = header.name.lower()
        if not header.value or name in _NOISE or _NOISE_PREFIX.match(name):
            continue
        if name == "subject":
            yield Segment(part.part_path, Place.SUBJECT, header.value, header=header.name, editable=not subject_seen)
            subject_seen = True
        else:
            yield Segment(part.part_path, Place.HEADER, header.value, header=header.name)


def filename_segments(part: Part) -> Iterator[Segment]:
    """The name of an attached file."""
    if part.filename:
        yield Segment(part.part_path, Place.FILENAME, part.filename)
    name = part.parameters.get("name", "")
    if name and name != part.filename and "=?" not in name:
        yield Segment(part.part_path, Place.FILENAME, name)
    description = part.header("content-description")
    if description and description != part.filename:
        yield Segment(part.part_path, Place.HEADER, description, header="Content-Description")
