"""The page of instructions as HTML: headings, paragraphs, numbered steps and commands of `page.txt`, nothing else."""

from collections.abc import Iterator
from itertools import groupby

from gateway.pages import page, text

COMMAND = "    $ "


def commands(said: str) -> tuple[str, ...]:
    """The command lines of the page, in order."""
    return tuple(line.removeprefix(COMMAND) for line in said.splitlines() if line.startswith(COMMAND))


def as_html(said: str) -> str:
    """The same page, word for word."""
    title, _, rest = said.partition("\n")
    return page(title.removeprefix("# "), _blocks(rest))


def _blocks(said: str) -> Iterator[str]:
    for kind, lines in groupby(said.splitlines(), key=_kind):
        block = list(lines)
        if kind == "command":
            shown = "\n".join(text(line.removeprefix(COMMAND)) for line in block)
            yield f"<pre><code>{shown}</code></pre>"
        elif kind == "heading":
            yield from (f"<h2>{text(line.removeprefix('## '))}</h2>" for line in block)
        elif kind == "words":
            yield f"<p>{'<br>'.join(map(text, block))}</p>"


def _kind(line: str) -> str:
    if line.startswith(COMMAND):
        return "command"
    if line.startswith("## "):
        return "heading"
    return "words" if line.strip() else ""
