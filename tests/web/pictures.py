"""Pictures of the console for docs/console: a clinic's made-up month, both themes, a telephone.

.venv/bin/python -m tests.web.pictures [FOLDER [NAME...]]
"""

import io
import random
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from gateway.act import Done
from gateway.act.evidence import AuditEvidence, new_item
from gateway.app import new_incident
from gateway.audit import events
from gateway.audit.log import AuditLog
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.plan import Quarantine
from gateway.demo.day import DAY, octets_of
from gateway.people import Role
from gateway.pipeline import Inspection
from gateway.rulebook.archive import RuleArchive
from gateway.wiring.stored import rule_sets_of
from tests.web.house import LETTER, PASSWORD, House, house

DAYS = 30
NAMES = {
    "ada": (Role.ADMIN, "Ada Whitlock"),
    "olga": (Role.OFFICER, "Olga Brandt"),
    "rolf": (Role.REVIEWER, "Rolf Aker"),
    "rita": (Role.REVIEWER, "Rita Novak"),
    "aron": (Role.AUDITOR, "Aron Lev"),
    "hela": (Role.HELPDESK, "Hela Sund"),
}
OLDER, NEWER = f"sha256:{'3f' * 32}", f"sha256:{'b7' * 32}"
CHANGES = f"/rules/history/changes?old={OLDER}&new={NEWER}"
Seen = tuple[Transaction, Inspection]


@contextmanager
def untimed():  # type: ignore[no-untyped-def]
    yield


def a_month(built: House) -> None:
    """Mail of thirty days as the gateway would have recorded it, and what is still held."""
    rng, now = random.Random(20261125), datetime.now(UTC)
    at = [now]
    log = AuditLog(
        built.config.audit.folder, built.stored.keyring.audit_key(), clock=lambda: int(at[0].timestamp() * 1000)
    )
    evidence, seen = AuditEvidence(log, b"k" * 32, untimed), [inspected(built, errand.file) for errand in DAY]
    for day in range(DAYS, -1, -1):
        busy = 3 if (now - timedelta(days=day)).weekday() >= 5 else 11
        moments = sorted(rng.uniform(0, 86_000) for _ in range(rng.randrange(busy, busy + 6)))
        for seconds in moments:
            at[0] = now - timedelta(days=day, seconds=86_400 - seconds)
            transaction, inspection = rng.choice(seen)
            incident = new_incident(at[0])
            transaction = replace(transaction, incident=incident, received=at[0])
            evidence.decided(transaction, inspection)
            items = tuple(keep(built, transaction, inspection, effect, day) for effect in held(inspection))
            evidence.acted(transaction, inspection, Done(items=items))
    log.close()


def a_change(built: House) -> None:
    """Rule sets that were in force, and one that may be tried."""
    archive, older = RuleArchive(rule_sets_of(built.config)), built.folder / "older"
    shutil.copytree(built.rules_folder, older)
    rule = older / "packs" / "hipaa" / "hipaa-medicare-number.yaml"
    archive.keep(older / "policy.yaml", OLDER)
    rule.write_text(rule.read_text().replace("severity: high", "severity: medium"))
    archive.keep(older / "policy.yaml", NEWER)
    for old, new in (("", OLDER), (OLDER, NEWER)):
        built.stored.audit.append(events.policy_changed(old=old, new=new, signer="rules@clinic.example", key="f" * 64))
    shutil.copytree(older, built.folder / "candidates" / "milder")
    shutil.rmtree(built.folder / "candidates" / "milder" / "detectors")
    for each in (built.folder / "candidates" / "milder" / "packs" / "hipaa").glob("*.yaml"):
        each.write_text(each.read_text().replace("status: enforce", "status: monitor"))


def inspected(built: House, name: str) -> Seen:
    errand = next(errand for errand in DAY if errand.file == name)
    raw = b"\r\n".join(octets_of(errand).splitlines()) + b"\r\n"
    envelope = Envelope(errand.mail_from, tuple(Recipient(address) for address in errand.recipients))
    transaction = Transaction(Session(auth_authen=errand.login), envelope, raw, "4F1", "x", datetime.now(UTC))
    return transaction, built.rules.workers.inspect(transaction)


def held(inspection: Inspection) -> list[Quarantine]:
    return [effect for effect in inspection.plan.effects if isinstance(effect, Quarantine)]


def keep(built: House, transaction: Transaction, inspection: Inspection, effect: Quarantine, day: int) -> str:
    item = built.stored.quarantine.put(new_item(b"k" * 32, transaction, inspection, effect), [transaction.raw])
    quarantine, casefile = built.stored.quarantine, built.casefile
    if day > 1:
        if day % 3:
            quarantine.release(item, lambda *_, **__: "4KX9W2", "rolf", reason="the insurer may have it")
        else:
            quarantine.discard(item, "rita", "sent again by the portal")
        for rule in effect.rules:
            casefile.mark(item, "rule", rule, "", "rolf", is_true=bool(day % 7))
    elif day == 1:
        casefile.assign(item, "rita")
    return item


def picture(page: Page, to: Path, *, whole: bool = False) -> None:
    """As a small PNG: 192 colours are enough for pages."""
    with Image.open(io.BytesIO(page.screenshot(full_page=whole))) as image:
        image.convert("RGB").quantize(192, dither=Image.Dither.NONE).save(to, optimize=True)


def pictures(built: House, url: str, to: Path) -> None:
    to.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        take_all(browser, built, url, to)
        browser.close()


def take_all(browser: Browser, built: House, url: str, to: Path) -> None:
    item = next(
        item.id for item in built.stored.quarantine.list() if item.state == "held" and "ferrante" in item.mail_from
    )
    shots: list[tuple[str, str, str, bool, Callable[[Page], None] | None]] = [
        ("overview", "/", "light", False, None),
        ("overview-dark", "/", "dark", False, None),
        ("held-mail", "/items", "light", False, None),
        ("held-mail-dark", "/items", "dark", False, None),
        ("message", f"/items/{item}", "light", False, None),
        ("message-dark", f"/items/{item}", "dark", False, None),
        ("telephone", f"/items/{item}", "dark", True, None),
        ("telephone-list", "/items", "light", True, None),
        ("audit", "/audit", "light", False, None),
        ("incident", f"/audit/incidents/{item}", "light", False, None),
        ("rule", "/rules/hipaa-medicare-number", "light", False, None),
        ("revealed", f"/items/{item}", "light", False, reveal),
        ("revealed-dark", f"/items/{item}", "dark", False, reveal),
        ("bench", "/rules/bench", "light", False, explain),
        ("replay", "/rules/replay", "light", False, judge),
        ("replay-dark", "/rules/replay", "dark", True, None),
        ("changes", CHANGES, "light", False, None),
        ("reports", "/reports", "light", False, None),
        ("reports-dark", "/reports", "dark", True, None),
        ("account", "/account", "light", True, None),
        ("keys", "/account/keys", "dark", False, None),
        ("people", "/people", "light", False, None),
        ("refused", f"/items/{item}", "light", False, refuse),
    ]
    shots = [shot for shot in shots if not sys.argv[2:] or shot[0] in sys.argv[2:]]
    kinds = {(scheme, phone) for _, _, scheme, phone, _ in shots}
    pages = {(scheme, phone): signed_in(browser, built, url, scheme, phone=phone) for scheme, phone in kinds}
    for name, path, scheme, phone, act in shots:
        page = pages[(scheme, phone)]
        page.goto(f"{url}{path}")
        if act:
            act(page)
        picture(page, to / f"{name}.png")


def explain(page: Page) -> None:
    page.fill("#message", LETTER.decode())
    page.get_by_role("button", name="Explain").click()


def judge(page: Page) -> None:
    page.fill("#days", "30")
    page.get_by_role("button", name="Judge them").click()
    while page.get_by_role("link", name="Look again").count():
        page.wait_for_timeout(500)
        page.get_by_role("link", name="Look again").click()


def refuse(page: Page) -> None:
    """What is told where a message cannot be sent redacted."""
    page.fill("#release-reason", "the insurer may have it")
    page.get_by_role("button", name="Release redacted").click()


def reveal(page: Page) -> None:
    page.fill("#reveal-reason", "to see whether the recipient may have it")
    page.click("#reveal button")


def signed_in(browser: Browser, built: House, url: str, scheme: str, *, phone: bool) -> Page:
    size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 860}
    context = browser.new_context(color_scheme=scheme, viewport=size)  # type: ignore[arg-type]  # of two words
    page = context.new_page()
    page.set_default_timeout(180_000)  # models are read when the first message is
    page.goto(f"{url}/sign-in")
    page.fill("#name", "olga")
    page.fill("#password", PASSWORD)
    page.fill("#code", built.proof("olga"))
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "sign-in" not in address)
    return page


def main() -> None:
    to = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/console")
    with tempfile.TemporaryDirectory() as folder, house(Path(folder), people={}, every_rule=True) as built:
        for name, (role, display) in NAMES.items():
            built.enrol(name, role, f"{name}@clinic.example", display)
        a_change(built)
        a_month(built)
        with built.serve() as url:
            pictures(built, url, to)


if __name__ == "__main__":
    main()
