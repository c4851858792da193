"""A report as a page: the same mark-up for the screen, for the console and for paper."""

import base64
import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files

from gateway.pages import text
from gateway.report.charts import svg
from gateway.report.document import Block, Chart, Document, Figures, Pairs, Section, Table, Words, shown

_LONG = re.compile(r"(\S{36})")
FOUR = 4  # cards, which stand in one row; six stand in two
NARROW = 3  # columns: wider than they need, numbers would stand far from their names
_TONES = {"good": "In order.", "bad": "Attention.", "note": "Note.", "blank": "For you to complete."}


def as_html(document: Document, *, for_paper: bool = False) -> str:
    """The whole document: no script, nothing loaded, everything that comes from a log escaped."""
    sheets = _style("report.css") + (_style("paper.css") if for_paper else "")
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="robots" content="noindex">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<meta name="author" content="{text(document.organization)}">\n'
        f"<title>{text(document.title)}: {text(document.period)}</title>\n<style>{sheets}</style>\n</head>\n<body>\n"
        + body(document, for_paper=for_paper)
        + "\n</body>\n</html>\n"
    )


def body(document: Document, *, for_paper: bool = False) -> str:
    """The parts inside <body>, for those who have a page of their own."""
    sections = "\n".join(_section(section, number, for_paper) for number, section in enumerate(document.sections, 1))
    return f"{_title(document)}\n{_footer(document)}\n<main>\n{sections}\n</main>"


def _title(document: Document) -> str:
    source = document.source
    lead = "".join(f"<p>{text(line)}</p>" for line in document.lead)
    state = "good" if source.is_whole else "bad"
    return (
        f'<header class="cover"><p class="house">{text(document.organization)}</p><h1>{text(document.title)}</h1>'
        f'<p class="period">{text(document.period)}</p><div class="lead">{lead}</div><dl class="facts">'
        f"<dt>Made</dt><dd>{document.made:%Y-%m-%d %H:%M} UTC</dd>"
        f"<dt>Evidence</dt><dd>events {source.first:,} to {source.last:,} of the audit log</dd>"
        f"<dt>SHA-256 of these events</dt><dd><code>{text(source.digest)}</code></dd>"
        f'<dt>Audit chain</dt><dd class="{state}">{text(source.verified)}</dd>'
        "<dt>Handling</dt><dd>Confidential: has addresses of senders and recipients in it</dd></dl>"
        f"{_contents(document)}</header>"
    )


def _contents(document: Document) -> str:
    lines = (
        f'<li><a href="#part-{number}">{number}. {text(section.title)} </a></li>'
        for number, section in enumerate(document.sections, 1)
    )
    return f'<nav class="contents"><p>Contents</p><ol>{"".join(lines)}</ol></nav>'


def _footer(document: Document) -> str:
    """Stands at the foot of every sheet of paper; on a screen at the end of the page."""
    source = document.source
    return (
        f'<div class="running-title">{text(document.organization)} · {text(document.title)} · '
        f"{text(document.period)}</div>"
        f'<div class="running-evidence">Evidence: events {source.first}–{source.last}, SHA-256 '
        f"{text(source.digest[:32])}<wbr>{text(source.digest[32:])}</div>"
    )


def _section(section: Section, number: int, for_paper: bool) -> str:
    blocks = "\n".join(_block(block, for_paper) for block in section.blocks)
    return f'<section id="part-{number}"><h2>{number}. {text(section.title)}</h2>\n{blocks}\n</section>'


def _block(block: Block, for_paper: bool) -> str:
    if isinstance(block, Chart):
        return _chart(block, for_paper)
    makers: dict[type, Callable[..., str]] = {Table: _table, Words: _words, Figures: _figures, Pairs: _pairs}
    return makers[type(block)](block)


def _chart(chart: Chart, for_paper: bool) -> str:
    drawn = svg(chart)
    if for_paper:  # as a picture, which a tagged PDF can describe
        octets = base64.b64encode(drawn.encode()).decode("ascii")
        drawn = f'<img src="data:image/svg+xml;base64,{octets}" alt="{text(chart.alt)}">'
    return f'<figure class="{chart.form}"><figcaption>{text(chart.title)}</figcaption>{drawn}</figure>'


def _table(table: Table) -> str:
    title = f"<h3>{text(table.title)}</h3>" if table.title else ""
    note = f'<p class="soft">{text(table.note)}</p>' if table.note else ""
    if not table.rows:
        return f'{title}<p class="soft">{text(table.empty)}</p>{note}'
    head = "".join(f'<th scope="col"{_side(c.is_number)}>{text(c.title)}</th>' for c in table.columns)
    rows = "\n".join(_rows(table))
    left = len(table.rows) - table.most
    more = f'<p class="soft">and {left:,} more rows, in {text(table.name)}.csv</p>' if left > 0 else ""
    narrow = ' class="narrow"' if len(table.columns) <= NARROW else ""
    inside = f"<thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody>"
    return f'{title}<div class="scroll"><table{narrow}>{inside}</table></div>{more}{note}'


def _rows(table: Table) -> Iterator[str]:
    for row in table.rows[: table.most]:
        cells = zip(row, table.columns, strict=True)
        inside = "".join(f"<td{_side(c.is_number)}>{_cell(shown(v, c.kind), c.kind)}</td>" for v, c in cells)
        yield f"<tr>{inside}</tr>"


def _cell(said: str, kind: str) -> str:
    """Long words may break anywhere; short ones never do."""
    breakable = "<wbr>".join(text(piece) for piece in _LONG.split(said) if piece)
    return f"<code>{breakable}</code>" if kind == "code" else breakable


def _side(is_number: bool) -> str:
    return ' class="number"' if is_number else ""


def _words(words: Words) -> str:
    if words.tone == "command":
        return "".join(f'<p class="command"><code>{text(line)}</code></p>' for line in words.paragraphs)
    lines = "".join(f"<p>{text(line)}</p>" for line in words.paragraphs)
    if not words.tone:
        return lines
    return f'<div class="box {words.tone}"><p class="tone">{_TONES[words.tone]}</p>{lines}</div>'


def _figures(figures: Figures) -> str:
    cards = "".join(
        f'<div class="card"><p class="value">{text(f.value)}</p><p class="label">{text(f.label)}</p>'
        f'<p class="soft">{text(f.note)}</p></div>'
        for f in figures.items
    )
    return f'<div class="cards{" four" if len(figures.items) == FOUR else ""}">{cards}</div>'


def _pairs(pairs: Pairs) -> str:
    return "<dl>" + "".join(f"<dt>{text(name)}</dt><dd>{text(value)}</dd>" for name, value in pairs.items) + "</dl>"


@cache
def _style(name: str) -> str:
    return (files("gateway.report") / "style" / name).read_text(encoding="utf-8")
