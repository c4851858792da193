"""The demo from start to end: start, a day, what came of it, the evidence, stop."""

import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.progress import track
from rich.text import Text

from gateway.config import shipped
from gateway.core.errors import SetupError
from gateway.demo.day import DAY, USERS
from gateway.demo.postfix import PostfixFailed, available
from gateway.demo.rehearse import Result, rehearse
from gateway.demo.service import ServiceFailed
from gateway.demo.site import Layout, Site
from gateway.demo.tables import before_and_after, day_table, metrics_table, notice_text, quarantine_table

WIDE = 130  # columns, for all that the tables can tell
WIDTH = 150  # where the output is no terminal
CHAIN_BROKEN = 3  # exit code of `gatepost audit verify`


def show(*, stay: bool) -> int:
    """0: everything went as expected. Raises SetupError where the site cannot be started."""
    reason = available()
    if reason:
        raise SetupError(f"{reason}: `make demo` installs what is missing and asks sudo where it needs root")
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    start = time.monotonic()
    console.print("Starting a private Postfix, Gatepost and a next hop, all on loopback ...")
    try:
        with _signals_unwind(), Site(Layout(shipped("rules"), users=USERS), prefix="gatepost-demo-") as site:
            wrong = _perform(site, console)
            _sum_up(console, wrong, time.monotonic() - start)
            if stay:
                _stay(site, console)
    except (PostfixFailed, ServiceFailed) as error:
        raise SetupError(str(error)) from error
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 1 if not stay else 0
    console.print("All processes are stopped, the folder is gone.")
    return 1 if wrong else 0


def _perform(site: Site, console: Console) -> list[str]:
    """The day and the evidence; what went wrong, in words."""
    console.print(
        f"Postfix on 127.0.0.1:{site.postfix.submission_port}, next hop on 127.0.0.1:{site.sink.port}, "
        f"files in {site.folder}\n"
    )
    sending = rehearse(site)
    results = list(track(sending, "Sending", total=len(DAY), console=console, transient=True))
    console.print(day_table(results, wide=console.width >= WIDE), "")
    for result in results:
        if result.errand.changed and result.deliveries:
            console.print(before_and_after(result), "")
    _show_notice(site, console)
    console.print(quarantine_table(site.gateway.quarantine()), "")
    console.print(metrics_table(site.gateway.metrics()), "")
    return [*_wrong(results), *_evidence(site, console)]


def _wrong(results: list[Result]) -> Iterator[str]:
    for result in results:
        for words in result.wrong:
            yield f"{result.errand.file}: {words}"


def _show_notice(site: Site, console: Console) -> None:
    notice = next((delivery for delivery in site.sink.deliveries if not delivery.mail_from), None)
    if notice:
        console.print(
            Panel(Text(notice_text(notice)), title="What the sender of a held message is told", title_align="left")
        )
        console.print()


def _evidence(site: Site, console: Console) -> Iterator[str]:
    """The audit log verifies, and a copy with one word changed does not."""
    console.print("[bold]Audit log[/bold] (gatepost audit verify)")
    console.print(Text(site.gateway.command("audit", "verify").strip()))
    copy = site.folder / "tampered"
    shutil.copytree(site.gateway.audit, copy)
    segment, line = tamper(copy)
    console.print(f'\nA copy of it, in which line {line} of {segment} now says "deliver" where it said "quarantine":')
    try:
        console.print(
            Text(site.gateway.command("audit", "verify", str(copy), expect=CHAIN_BROKEN).strip(), style="red")
        )
    except ServiceFailed:
        yield "the tampered copy of the audit log was not caught"
    console.print()


def tamper(folder: Path) -> tuple[str, int]:
    """Make one held message look delivered; the file and the line that was changed."""
    for segment in sorted(folder.glob("*.jsonl")):
        lines = segment.read_bytes().splitlines(keepends=True)
        for number, line in enumerate(lines):
            if b'"disposition":"quarantine"' in line:
                lines[number] = line.replace(b'"disposition":"quarantine"', b'"disposition":"deliver"', 1)
                segment.write_bytes(b"".join(lines))
                return segment.name, number + 1
    raise SetupError("the audit log of the demo has no held message in it")


def _sum_up(console: Console, wrong: list[str], seconds: float) -> None:
    if wrong:
        console.print(f"[red bold]{len(wrong)} of the checks failed[/red bold], after {seconds:.1f} s:")
        for words in wrong:
            console.print(Text(f"  {words}", style="red"))
        return
    console.print(
        f"[green bold]All {len(DAY)} messages went as they had to[/green bold]; "
        f"the audit log is whole, the tampered copy was caught. {seconds:.1f} s."
    )


def _stay(site: Site, console: Console) -> None:
    """Until Ctrl-C; every delivery is told as it comes."""
    user, password = next(iter(USERS.items()))
    console.print(f"""
Everything stays up until Ctrl-C.

  submit        127.0.0.1:{site.postfix.submission_port}   (AUTH PLAIN as {user}, password {password}, or without)
  sendmail      sendmail -C {site.postfix.config} somebody@outside.example < message
  metrics       http://127.0.0.1:{site.gateway.status_port}/metrics
  quarantine    gatepost quarantine list --config {site.gateway.config}
  audit log     {site.gateway.audit}
  mail log      {site.postfix.log}
""")
    seen = len(site.sink.deliveries)
    while True:
        try:
            arrived = site.sink.wait_for(seen + 1, seconds=3600)
        except TimeoutError:
            continue
        except KeyboardInterrupt:
            return
        for delivery in arrived[seen:]:
            sender, size = delivery.mail_from or "<>", len(delivery.octets)
            console.print(Text(f"  delivered: {sender} to {', '.join(delivery.recipients)}, {size} bytes"))
        seen = len(arrived)


@contextmanager
def _signals_unwind() -> Iterator[None]:
    """SIGTERM and SIGHUP end the demo as Ctrl-C does, so that everything it started is stopped."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
