"""Writes the messages of the kinds that are made here: `<kind>/<name>.eml`, and `<kind>/table.yaml`.

`python -m tests.evasion.generate` writes; with `--check` it only says which files are not what it would write.
"""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
KINDS = (
    "headers",
    "structure",
    "codings",
    "charsets",
    "html",
    "unicode",
    "formats",
    "attachments",
    "carriers",
    "pieces",
    "written",
    "layouts",
    "afresh",
    "computed",
    "listed",
    "strays",
    "spoiled",
    "marked",
    "shown",
    "stored",
)
TOP = "# Written by `python -m tests.evasion.generate`. name: [expected, what it is]"


def files() -> Iterator[tuple[Path, bytes]]:
    """Every file with what belongs in it."""
    for kind in KINDS:
        lines = [TOP]
        for trick in import_module(f"tests.evasion.tricks.{kind}").TRICKS:
            lines.append(f'{trick.name}: [{trick.expect}, "{trick.what}"]')
            yield HERE / kind / f"{trick.name}.eml", trick.raw
        yield HERE / kind / "table.yaml", ("\n".join(lines) + "\n").encode()


def main() -> int:
    """Write them all, and remove messages that no trick makes any more; or name the files that differ."""
    wanted = dict(files())
    stale = {path for kind in KINDS for path in (HERE / kind).glob("*") if path not in wanted}
    changed = {path for path, octets in wanted.items() if not path.is_file() or path.read_bytes() != octets}
    if "--check" in sys.argv:
        print(*sorted(stale | changed), sep="\n")
        return 1 if stale or changed else 0
    for path in stale:
        path.unlink()
    for path in changed:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(wanted[path])
    return 0


if __name__ == "__main__":
    sys.exit(main())
