"""Files in every format that their octets fit, and the files inside them, as deep as the limits allow."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from gateway.core.message import (
    Ambiguity,
    AmbiguousReason,
    Coverage,
    InnerFile,
    Opaque,
    OpaqueReason,
    Place,
    Segment,
    View,
)
from gateway.extract.budget import Unreadable
from gateway.extract.formats import formats_of
from gateway.extract.formats.items import File, Format, Inner, Mail, Text
from gateway.extract.gathered import Gathered
from gateway.extract.kind import by_signature
from gateway.extract.leaf import Leaf
from gateway.extract.readers import read_leaf
from gateway.extract.textual import is_labelled_text
from gateway.parse.transfer import Decoded

ReadMail = Callable[[bytes, Leaf, int, Gathered], None]


@dataclass(slots=True)
class Inside:
    """The files of one leaf: how many so far, and their names, which are one text: there may be thousands."""

    count: int = 0
    names: list[str] = field(default_factory=list)


class Opener:
    """Reads leaves into what is gathered. `read_mail` reads a message that is such a file."""

    def __init__(self, gathered: Gathered, read_mail: ReadMail) -> None:
        self._gathered = gathered
        self._read_mail = read_mail

    def open(self, leaf: Leaf, depth: int, *, hidden: bool = False, inside: str = "") -> None:
        """All of a leaf. `depth` of it in the message; `inside`: the format of the file around it.

        `hidden`: it is another reading of what is read elsewhere.
        """
        inside_it = Inside()
        formats = formats_of(leaf.octets)
        is_text = is_labelled_text(leaf)
        if is_text:  # a text that starts like a message is one that quotes it
            formats = tuple(form for form in formats if form.name != "mail")
        if not formats or is_text:
            self._read_text(leaf, depth, inside_it, hidden=hidden, fits=bool(formats))
        for form in formats:
            self._read_file(leaf, form, depth, inside_it, inside)
        if inside_it.names:
            names = "\n".join(inside_it.names)
            self._gathered.read(leaf.path, [Segment(leaf.path, Place.FILENAME, names, runs=())])

    def _read_text(self, leaf: Leaf, depth: int, within: Inside, *, hidden: bool, fits: bool) -> None:
        """As text or HTML, or not at all. `fits`: some format reads it as well, and says what it cannot read."""
        gathered = self._gathered
        octets, missing = gathered.take(leaf.path, leaf.octets)
        read = read_leaf(
            replace(leaf, decoded=replace(leaf.decoded, octets=octets), missing=missing), gathered.readings
        )
        dropped = OpaqueReason.UNSUPPORTED_FORMAT if fits else None
        gathered.ledger.extend(line for line in read.ledger if dropped is None or line.unread != (dropped,))
        for segment in read.segments:
            moved = replace(segment, part_path=leaf.path) if leaf.member else segment
            gathered.segments.append(replace(moved, view=View.ALL, editable=False) if hidden else moved)
        gathered.opaque.extend(Opaque(leaf.path, reason) for reason in read.opaque if reason is not dropped)
        if read.ambiguous:
            gathered.ambiguous.append(Ambiguity(leaf.path, AmbiguousReason.CHARSET))
        for inner in read.inner:
            self._open_inner(leaf, inner, depth, within, "text")

    def _read_file(self, leaf: Leaf, form: Format, depth: int, within: Inside, inside: str) -> None:
        gathered = self._gathered
        texts: dict[View, list[str]] = {View.VISIBLE: [], View.ALL: []}
        problems: list[OpaqueReason] = []
        kind = by_signature(leaf.octets)
        if leaf.member and kind:
            gathered.files.append(InnerFile(leaf.path, kind, len(leaf.octets)))
        try:
            for item in form.read(File(leaf.octets, leaf.part.filename, inside), gathered.budget):
                if isinstance(item, Text):
                    self._keep(item, texts, problems)
                elif isinstance(item, OpaqueReason):
                    problems.append(item)
                else:
                    self._open_inner(leaf, item, depth, within, form.name)
        except Unreadable as unreadable:
            problems.append(unreadable.reason)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - libraries raise what they like at a file that is not as they expect
            problems.append(OpaqueReason.DAMAGED)
        self._close(leaf, form, texts, problems)

    def _keep(self, item: Text, texts: dict[View, list[str]], problems: list[OpaqueReason]) -> None:
        text = item.text
        if len(text) > self._gathered.room:
            text = text[: self._gathered.room]
            problems.append(OpaqueReason.LIMIT_BYTES)
        self._gathered.room -= len(text)
        if text:
            texts[item.view].append(text)

    def _close(self, leaf: Leaf, form: Format, texts: dict[View, list[str]], problems: list[OpaqueReason]) -> None:
        """The texts as one segment of each view; the line of the ledger."""
        reasons = tuple(dict.fromkeys(problems))
        gathered = self._gathered
        whole = {view: "\n\n".join(_sound(text) for text in pieces) for view, pieces in texts.items() if pieces}
        for view, text in whole.items() if whole else {View.VISIBLE: ""}.items():
            if text or not reasons:
                gathered.read(leaf.path, [Segment(leaf.path, Place.ATTACHMENT, text, view, runs=())])
        gathered.opaque.extend(Opaque(leaf.path, reason) for reason in reasons)
        size = len(leaf.octets)
        taken = 0 if reasons and not whole else size
        gathered.ledger.append(Coverage(leaf.part.part_path, form.name, size, taken, reasons, leaf.member))

    def _open_inner(self, leaf: Leaf, item: Inner | Mail, depth: int, within: Inside, form: str) -> None:
        """A file inside a leaf: its name, then all of it."""
        gathered = self._gathered
        if isinstance(item, Inner) and item.octets == leaf.octets:  # what unpacks to itself is no such file
            gathered.opaque.append(Opaque(leaf.path, OpaqueReason.DAMAGED))
            return
        within.count += 1
        number = within.count
        name, kind = (item.name, item.content_type) if isinstance(item, Inner) else ("", "message/rfc822")
        inner = _inner_leaf(leaf, item.octets, name, kind, number)
        if name:
            within.names.append(_sound(name))
        if depth + 1 >= gathered.budget.limits.depth:
            gathered.opaque.append(Opaque(inner.path, OpaqueReason.LIMIT_DEPTH))
            size = len(item.octets)
            gathered.ledger.append(
                Coverage(leaf.part.part_path, "none", size, 0, (OpaqueReason.LIMIT_DEPTH,), inner.member)
            )
        elif isinstance(item, Mail):
            self._read_mail(item.octets, inner, depth + 1, gathered)
        else:
            self.open(inner, depth + 1, inside=form)


def _sound(text: str) -> str:
    """Without lone surrogates, which some formats can hold and no text may."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("utf-8")
    return text


def _inner_leaf(leaf: Leaf, octets: bytes, name: str, kind: str, number: int) -> Leaf:
    part = replace(
        leaf.part,
        headers=(),
        content_type=kind,
        parameters={},
        transfer_encoding="binary",
        disposition="attachment",
        filename=name,
        children=(),
        is_original=False,
    )
    member = f"{leaf.member}.{number}" if leaf.member else str(number)
    return Leaf(part, Decoded(octets), member=member)
