"""Makes a message ready for a person's eyes. Pure; runs in a worker."""

from gateway.core.message import Content, Message, Segment
from gateway.core.shown import Display, ShownPart
from gateway.parse.transfer import decoded_text

MOST_TEXT = 200_000  # code points of one segment
MOST_HTML = 500_000
MOST_PARTS = 300


def display(message: Message, content: Content) -> Display:
    """What a person may be shown of a message that was read."""
    parts = tuple(
        ShownPart(
            part_path=part.part_path,
            content_type=part.content_type,
            name=part.filename,
            disposition=part.disposition,
            size=len(part.body),
            html=decoded_text(part).text[:MOST_HTML] if part.content_type == "text/html" else "",
        )
        for part, _ in zip(message.root.walk(), range(MOST_PARTS), strict=False)
    )
    return Display(parts, tuple(_cut(segment) for segment in content.segments))


def _cut(segment: Segment) -> Segment:
    return Segment(segment.part_path, segment.place, segment.text[:MOST_TEXT], segment.view, segment.header)
