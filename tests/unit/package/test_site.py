"""The documentation: every page has its place, every link leads somewhere, and the site asks no other host."""

import re
from pathlib import Path

import pytest

from package import site

WHERE = site.pages()
LINKS = [(source, target) for source in WHERE for target in site.links((site.ROOT / source).read_text("utf-8"))]


def test_every_page_has_a_place_in_the_navigation() -> None:
    """Once, and nothing is named that is not there."""
    named = list(site._places(site.navigation(set(WHERE.values()))))

    assert sorted(named) == sorted(WHERE.values())


def headings(source: Path) -> set[str]:
    """Anchors as forges make them."""
    found = set()
    for line in site._prose(source.read_text("utf-8")):
        if line.startswith("#"):
            words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", line.lstrip("#").strip()).replace("`", "").lower()
            found.add(re.sub(r"[^\w\- ]", "", words).replace(" ", "-"))
    return found


@pytest.mark.parametrize("source", sorted(WHERE))
def test_every_link_leads_somewhere(source: str) -> None:
    """In the repository: the file is there, and so is the heading."""
    broken = []
    for _, target in (link for link in LINKS if link[0] == source):
        path, _, anchor = target.partition("#")
        if re.match(r"^[a-z]+:", target):
            continue
        meant = (site.ROOT / source).parent / path if path else site.ROOT / source
        if not meant.exists() or (anchor and meant.suffix == ".md" and anchor not in headings(meant)):
            broken.append(target)
    assert broken == []


def test_a_link_to_what_is_no_page_becomes_its_path() -> None:
    """A reader of the site has no source beside it."""
    said = site._relinked("tried", "../tests/evasion", "docs/limits.md", WHERE)
    assert said == "tried (`tests/evasion`)"
    assert (
        site._relinked("rules", "../rules/README.md#roll-it-out", "docs/run.md", WHERE)
        == "[rules](rules.md#roll-it-out)"
    )
    assert site._relinked(
        "limits", "../limits.md", "docs/adr/0001-x.md", {**WHERE, "docs/adr/0001-x.md": "adr/x.md"}
    ) == ("[limits](../limits.md)")


def test_the_site_is_built_without_a_warning_and_asks_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By MkDocs with --strict; no page loads a style, script, font or picture from another host."""
    monkeypatch.setattr(site, "BUILD", tmp_path)

    assert site.main() == 0

    built = list((tmp_path / "html").rglob("*.html"))
    assert len(built) >= len(WHERE)
    loads = re.compile(
        r"<(?:script|img|iframe|source)\b[^>]*\bsrc=\"?(?:https?:)?//|<link\b[^>]*href=\"?(?:https?:)?//"
    )
    assert [path.name for path in built if loads.search(path.read_text("utf-8"))] == []
    styles = (tmp_path / "html").rglob("*.css")
    assert [
        path.name for path in styles if re.search(r"url\([\"']?(?:https?:)?//|@import", path.read_text("utf-8"))
    ] == []
