"""Pages that stand alone: no script, nothing loaded, light and dark. Everything put into them is escaped here."""

from collections.abc import Iterable, Sequence
from html import escape

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2024; --soft: #60646c; --paper: #fcfcfd; --line: #d9d9e0; --mark: #ffe08a;
  --good: #18794e; --held: #ad5700; --bad: #ce2c31; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #edeef0; --soft: #b0b4ba; --paper: #111113; --line: #363a3f; --mark: #6b5300; --good: #3dd68c;
    --held: #ffca16; --bad: #ff9592; }
}
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin-top: 2rem; border-top: 1px solid var(--line); padding-top: 1rem; }
h3 { font-size: 1rem; margin-bottom: .25rem; }
.scroll { overflow-x: auto; }
p { overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; }
.soft { color: var(--soft); }
.good { color: var(--good); font-weight: 600; } .held { color: var(--held); font-weight: 600; }
.bad { color: var(--bad); font-weight: 600; }
summary { cursor: pointer; padding: .3rem 0; }
details { border-bottom: 1px solid var(--line); } details > div { padding: 0 0 .75rem 1.25rem; }
code { font: .875rem/1.4 ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
mark { background: var(--mark); color: inherit; border-radius: .15rem; padding: 0 .15rem; }
.warning { border: 1px solid var(--line); border-left: .3rem solid var(--mark); padding: .5rem 1rem; }
@media print { details > div { display: block; } }
"""
_WEIGHT = {"deliver": "good", "quarantine": "held", "block": "bad", "defer": "bad"}


def page(title: str, body: Iterable[str]) -> str:
    """A whole document around pieces of HTML that the functions below made."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="robots" content="noindex">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{text(title)}</h1>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def text(said: object) -> str:
    """Any text, without what could control anything, escaped."""
    shown = (sign if sign.isprintable() or sign == "\n" else "\N{REPLACEMENT CHARACTER}" for sign in str(said))
    return escape("".join(shown))


def disposition(word: str) -> str:
    """An outcome in its colour; the word says it too."""
    return f'<span class="{_WEIGHT.get(word, "soft")}">{text(word)}</span>'


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Cells are HTML already."""
    head = "".join(f'<th scope="col">{text(name)}</th>' for name in heads)
    body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    if not body:
        return '<p class="soft">none</p>'
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>'


def folded(summary: str, inside: str, *, is_open: bool = False) -> str:
    """A part that opens at a click; both are HTML already."""
    return f"<details{' open' if is_open else ''}><summary>{summary}</summary><div>{inside}</div></details>"
