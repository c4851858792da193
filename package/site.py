"""The documentation as a site: the pages of the repository, with links that lead from page to page.

    python -m package.site          builds build/site/html

Pages stay readable where they lie; here they are laid out for MkDocs. A link to what is no page (source, tests)
becomes its path.
"""

import os
import posixpath
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "site"
SETTINGS = ROOT / "mkdocs.yml"
# Pages beside docs/, and where they go.
ELSEWHERE = {
    "README.md": "overview.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "report-a-weakness.md",
    "rules/README.md": "rules.md",
    "ansible/README.md": "ansible.md",
    "monitoring/README.md": "monitoring.md",
    "models/README.md": "models/index.md",
}
_LINK = re.compile(r"\[((?:[^\[\]]|!\[[^\]]*\]\([^)]*\)|\[[^\]]*\])*)\]\(([^()\s]+)\)")
_FENCE = re.compile(r"^\s*(```|~~~)")
_ITEM = re.compile(r"^\s*([-*+]|\d+\.)\s")
_OUTSIDE = re.compile(r"^[a-z][a-z0-9+.-]*:")


def pages() -> dict[str, str]:
    """Every page of the repository, and its place in the site; both as paths with slashes."""
    found = dict(ELSEWHERE)
    for path in sorted((ROOT / "docs").rglob("*.md")):
        found[path.relative_to(ROOT).as_posix()] = path.relative_to(ROOT / "docs").as_posix()
    for path in sorted((ROOT / "models").glob("*/README.md")):
        found[path.relative_to(ROOT).as_posix()] = f"models/{path.parent.name}.md"
    return found


def links(text: str) -> Iterator[str]:
    """Targets of all links of a page, outside of code."""
    for line in _prose(text):
        for _, target in _LINK.findall(line):
            yield target


def _prose(text: str) -> Iterator[str]:
    inside = False
    for line in text.splitlines():
        if _FENCE.match(line):
            inside = not inside
        elif not inside:
            yield line


def laid_out(source: str, where: dict[str, str]) -> str:
    """The page `source` as the site shows it. `where`: what `pages` says."""
    done: list[str] = []
    inside = False
    for line in (ROOT / source).read_text("utf-8").splitlines():
        if _FENCE.match(line):
            inside = not inside
        elif not inside:
            line = _LINK.sub(lambda found: _relinked(found[1], found[2], source, where), line)
            # a list may follow its sentence at once on a forge, but not in Python-Markdown
            if (
                _ITEM.match(line)
                and done
                and done[-1].strip()
                and not _ITEM.match(done[-1])
                and done[-1][0] not in " |"
            ):
                done.append("")
        done.append(line)
    return "\n".join(done) + "\n"


def _relinked(text: str, target: str, source: str, where: dict[str, str]) -> str:
    text = _LINK.sub(lambda found: _relinked(found[1], found[2], source, where), text)
    if _OUTSIDE.match(target) or target.startswith("#"):
        return f"[{text}]({target})"
    path, mark, anchor = target.partition("#")
    meant = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
    here = posixpath.dirname(where[source])
    for name in (meant, f"{meant}/README.md"):
        if name in where:
            return f"[{text}]({posixpath.relpath(where[name], here or '.')}{mark}{anchor})"
    if meant.startswith("docs/") and (ROOT / meant).is_file():  # a picture
        return f"[{text}]({posixpath.relpath(meant.removeprefix('docs/'), here or '.')})"
    return text if meant in text or text.strip("`") in meant else f"{text} (`{meant}`)"


def navigation(places: set[str]) -> list[Any]:
    """The `nav` of mkdocs.yml, a place that ends in `*` standing for all pages there that it does not name."""
    nav: list[Any] = yaml.safe_load(SETTINGS.read_text("utf-8"))["nav"]
    named = set(_places(nav))
    return [_expanded(entry, places - named) for entry in nav]


def _places(entry: Any) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
    else:
        for each in entry.values() if isinstance(entry, dict) else entry:
            yield from _places(each)


def _expanded(entry: Any, free: set[str]) -> Any:
    if isinstance(entry, dict):
        return {name: _expanded(below, free) for name, below in entry.items()}
    if isinstance(entry, list):
        return [each for one in entry for each in _several(one, free)]
    return entry


def _several(entry: Any, free: set[str]) -> list[Any]:
    if isinstance(entry, str) and entry.endswith("/*"):
        return sorted(place for place in free if PurePosixPath(place).parent == PurePosixPath(entry).parent)
    return [_expanded(entry, free)]


def lay_out() -> Path:
    """Write pages, pictures and settings below build/site; the settings file."""
    shutil.rmtree(BUILD, ignore_errors=True)
    where = pages()
    for source, place in where.items():
        target = BUILD / "pages" / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(laid_out(source, where), "utf-8")
    for picture in (ROOT / "docs").rglob("*.png"):
        target = BUILD / "pages" / picture.relative_to(ROOT / "docs")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, target)
    shutil.copytree(ROOT / "package" / "theme", BUILD / "pages" / "theme")
    settings = re.sub(r"(?ms)^nav:\n(?:[ -].*\n|\n)+", "", SETTINGS.read_text("utf-8"))
    nav = yaml.safe_dump({"nav": navigation(set(where.values()))}, sort_keys=False, allow_unicode=True)
    file = BUILD / "mkdocs.yml"
    file.write_text(settings + "\n" + nav, "utf-8")
    return file


def main() -> int:
    """Build; whatever MkDocs warns of is a failure."""
    settings = lay_out()
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", str(settings)]
    environ = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, check=False, env=environ)
    if done.returncode == 0:
        sys.stdout.write(f"{BUILD / 'html' / 'index.html'}\n")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
