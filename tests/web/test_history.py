"""When the rules changed, and what: from the audit log and the copies that the gateway keeps."""

import shutil

from gateway.audit import events
from gateway.rulebook.archive import RuleArchive
from gateway.wiring.stored import rule_sets_of
from tests.web.conftest import Enter, NewPage
from tests.web.house import House
from tests.web.pages import check

FIRST, SECOND, LOST = (f"sha256:{sign * 64}" for sign in "abc")


def changed(console: House) -> None:
    """Three changes; the rule sets of the last two are kept."""
    archive, rules = RuleArchive(rule_sets_of(console.config)), console.folder / "older"
    shutil.copytree(console.rules_folder, rules, dirs_exist_ok=True)
    rule = rules / "packs" / "web" / "web-number.yaml"
    archive.keep(rules / "policy.yaml", FIRST)
    rule.write_text(rule.read_text().replace("severity: high", "severity: critical # <script>x</script>"))
    archive.keep(rules / "policy.yaml", SECOND)
    for old, new, signer in (("", LOST, ""), (LOST, FIRST, ""), (FIRST, SECOND, "rules@clinic.example")):
        console.stored.audit.append(
            events.policy_changed(old=old, new=new, enforced=("web-number",), signer=signer, key=signer and "f" * 64)
        )


def test_what_changed_is_shown_line_by_line(console: House, enter: Enter, new_page: NewPage) -> None:
    """With who signed it; where a copy is missing the page says so. Nothing of a file is mark-up."""
    aron = enter("aron")
    assert "knows of no change" in aron.get("/rules/history").text
    changed(console)
    page = aron.get("/rules/history").text
    assert "rules@clinic.example" in page
    assert "not kept" in page

    shown = aron.get(f"/rules/history/changes?old={FIRST}&new={SECOND}").text
    assert "severity: critical # &lt;script&gt;" in shown
    assert '<tr class="gone"><td><span class="hidden">gone </span>−</td><td><code>severity: high</code>' in shown

    for old, new in ((LOST, FIRST), ("x", SECOND), ("sha256:" + "d" * 64, SECOND), ("", "")):
        assert aron.get(f"/rules/history/changes?old={old}&new={new}").status_code == 404
    screen = new_page("aron", scheme="dark", phone=True)
    for path in ("/rules/history", f"/rules/history/changes?old={FIRST}&new={SECOND}"):
        screen.goto(f"{screen.url.split('/', 3)[0]}//{screen.url.split('/', 3)[2]}{path}")
        check(screen)
