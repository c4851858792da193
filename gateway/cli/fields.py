"""Which header field a finding stands in."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gateway.cli.report import NO_HEADERS
from gateway.core.limits import Limits
from gateway.core.message import Place

if TYPE_CHECKING:
    from gateway.metrics import Inspected


def header_names(inspection: "Inspected", raw: bytes, limits: Limits) -> Mapping[int, str]:
    """Name of the header field by number of its segment, for findings in headers.

    A worker does not send the segments along, so such a message is read a second time; others are not.
    """
    wanted = {finding.segment for finding in inspection.findings if finding.place is Place.HEADER}
    if not wanted:
        return NO_HEADERS
    from gateway.extract import extract
    from gateway.parse import parse

    segments = extract(parse(raw, limits), limits).segments
    return {number: segments[number].header for number in wanted if number < len(segments)}
