"""One page with all figures, misses and false alarms. It loads nothing: the file is all there is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from itertools import islice
from string import Template

from gateway.evaluate.figures import Figures, Score
from gateway.evaluate.measure import Ratio
from gateway.evaluate.mistakes import Mistake, Sort

MOST = 500  # mistakes of one sort shown for one corpus
_WARNING = '<p class="warning">This page shows the values found and missed. Treat it as the data they come from.</p>'
_WHERE = {True: "anywhere", False: "as in mail"}
_HEADS = ("Label", "n", "Recall", "95 %", "Any name", "Whole", "Findings", "Precision", "F1", "F2")


@dataclass(frozen=True, slots=True)
class Chapter:
    """One corpus on the page."""

    figures: Figures
    mistakes: Sequence[Mistake]


def page(chapters: Iterable[Chapter], heading: str, *, reveal: bool) -> str:
    """The page as HTML. `heading` is a line of plain text under the title."""
    template = Template((files("gateway.evaluate") / "page.html").read_text(encoding="utf-8"))
    body = "\n".join(map(_chapter, chapters))
    return template.substitute(heading=escape(heading), warning=_WARNING if reveal else "", body=body)


def percent(rate: float | None) -> str:
    """Three digits; a dash where there is no rate."""
    return "–" if rate is None else f"{100 * rate:.1f} %"


def interval(ratio: Ratio) -> str:
    """The Wilson interval in per cent."""
    bounds = ratio.interval
    return "" if bounds is None else f"{100 * bounds[0]:.0f}–{100 * bounds[1]:.0f}"


def _chapter(chapter: Chapter) -> str:
    figures = chapter.figures
    parts = [f"<h2>{escape(figures.corpus)}</h2>", f"<p>{_summary(figures)}</p>"]
    if figures.kinds:
        rows = [("all labels", figures.all_kinds), ("identifiers of a person", figures.identifiers)]
        parts.append(_table([*rows, *figures.kinds.items()]))
    parts += [_list(sort, [m for m in chapter.mistakes if m.sort is sort]) for sort in Sort]
    return "\n".join(parts)


def _summary(figures: Figures) -> str:
    messages = figures.messages
    told = [f"{figures.samples} samples ({figures.form}), names looked for {_WHERE[figures.names_anywhere]}"]
    if messages.recall.n:
        told.append(f"protected messages acted on: {_of(messages.recall)}")
    if messages.flagged.n:
        told.append(f"clear messages acted on: {_of(messages.flagged)}")
    if figures.held_otherwise:
        told.append(f"{figures.held_otherwise} held only because something could not be read")
    if figures.failed:
        told.append(f"{figures.failed} with a detector that did not finish")
    return escape("; ".join(told))


def _of(ratio: Ratio) -> str:
    return f"{ratio.hits} of {ratio.n} ({percent(ratio.rate)}, 95 % {interval(ratio)})"


def _table(rows: Iterable[tuple[str, Score]]) -> str:
    heads = "".join(f'<th scope="col"{_number(index)}>{head}</th>' for index, head in enumerate(_HEADS))
    body = "\n".join(_row(name, score) for name, score in rows)
    return f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>'


def _row(name: str, score: Score) -> str:
    cells = (
        str(score.recall.n),
        f"{_meter(score.recall.rate)} {percent(score.recall.rate)}",
        interval(score.recall),
        percent(score.seen.rate),
        percent(score.whole.rate),
        str(score.precision.n),
        percent(score.precision.rate),
        percent(score.f(1)),
        percent(score.f(2)),
    )
    return f'<tr><th scope="row">{escape(name)}</th>' + "".join(f'<td class="number">{c}</td>' for c in cells) + "</tr>"


def _number(index: int) -> str:
    return ' class="number"' if index else ""


def _meter(rate: float | None) -> str:
    return "" if rate is None else f'<meter min="0" max="1" value="{rate:.3f}" aria-hidden="true"></meter>'


def _list(sort: Sort, found: Sequence[Mistake]) -> str:
    if not found:
        return ""
    rows = "\n".join(map(_mistake, islice(found, MOST)))
    more = f'<p class="soft">and {len(found) - MOST} more</p>' if len(found) > MOST else ""
    head = "<tr>" + "".join(f'<th scope="col">{name}</th>' for name in ("Sample", "Label", "Value", "Note")) + "</tr>"
    table = f'<div class="scroll"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>{more}'
    return f"<details><summary>{sort.value.capitalize()}: {len(found)}</summary>{table}</details>"


def _mistake(mistake: Mistake) -> str:
    shown = f"<mark>{escape(mistake.shown)}</mark>" if mistake.kind else escape(mistake.shown)
    value = f"<code>{escape(mistake.before)}{shown}{escape(mistake.after)}</code>"
    cells = (escape(mistake.sample), escape(mistake.kind), value, escape(mistake.note))
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
