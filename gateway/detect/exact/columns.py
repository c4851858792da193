"""Which columns of a list a detector may ask for."""

from collections.abc import Iterator, Sequence

from gateway.detect.exact.index import Column, Header
from gateway.detect.exact.kinds import Kind
from gateway.documents import nearest

# Those that a text can be searched for, and ordinary mail has least of first.
LEADS = (Kind.ID, Kind.EMAIL, Kind.PHONE, Kind.STREET, Kind.DATE, Kind.ZIP, Kind.NAMES)


def lead_of(columns: Sequence[Column]) -> Column:
    """The most telling: by kind, then the one with the fewest rows to a value."""

    def telling(column: Column) -> tuple[int, float]:
        place = LEADS.index(column.kind) if column.kind in LEADS else len(LEADS)
        return place, column.filled / max(column.distinct, 1)

    return min(columns, key=telling)


def refusals(header: Header, asked: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What is wrong with asking for these columns, and how to mend it."""
    known = {column.name: column for column in header.columns}
    for name in asked:
        if name not in known:
            near = nearest(name, known)
            remedy = f'did you mean "{near}"?' if near else f"it has {', '.join(known)}"
            yield f'the index has no column "{name}"', remedy
    chosen = [known[name] for name in dict.fromkeys(asked) if name in known]
    if len(chosen) < len(asked):
        if len(set(asked)) < len(asked):
            yield "a column is asked for twice", "name each once"
        return
    if len(chosen) < 2:
        yield "one value says nothing about whose it is", f"name two columns or more of {', '.join(known)}"
    elif lead_of(chosen).kind not in LEADS:
        kinds = ", ".join(kind.value for kind in LEADS)
        yield (
            "these columns alone stand in too much ordinary mail",
            f"add one of kind {kinds}, or ask for the whole name",
        )
