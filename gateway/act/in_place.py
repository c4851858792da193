"""The edits of the message that Postfix holds."""

from collections.abc import Iterator, Sequence

from gateway.arriving.arrival import Arrival, Edits
from gateway.core.plan import AddHeader, ChangeHeader, Edit, Splice


def edit_in_place(
    arrival: Arrival, recipients: Sequence[str], changes: Sequence[Edit], edits: Edits, body: bytes | None = None
) -> None:
    """Headers and recipients first, then one contiguous body: Postfix refuses to mix them.

    `body` takes the place of the whole one.
    """
    for edit in changes:
        if isinstance(edit, AddHeader):
            edits.add_header(edit.name, edit.value)
        elif isinstance(edit, ChangeHeader):
            edits.change_header(edit.name, edit.index, edit.value)
    staying = set(recipients)
    for recipient in arrival.envelope.recipients:
        if recipient.address not in staying:
            edits.remove_recipient(recipient.address)
    splices = [edit for edit in changes if isinstance(edit, Splice)]
    if body is not None:
        edits.replace_body([body])
    elif splices:
        edits.replace_body(_spliced(arrival, splices))


def _spliced(arrival: Arrival, splices: Sequence[Splice]) -> Iterator[bytes]:
    at = arrival.header_size
    for splice in splices:
        yield from arrival.spool.chunks(at, splice.start)
        if splice.octets:
            yield splice.octets
        at = splice.end
    yield from arrival.spool.chunks(at)
