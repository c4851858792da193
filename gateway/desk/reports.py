"""Reports from the audit log, made for whoever may have them; each is an event before it is handed over."""

import io
import re
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit import events
from gateway.audit.errors import ChainBroken
from gateway.audit.reading import incident as incident_of
from gateway.audit.reading import read_lines
from gateway.audit.verify import verify
from gateway.core.errors import GatepostError
from gateway.desk.days import FIRST_YEAR, LAST_YEAR
from gateway.desk.guard import Guard, Log
from gateway.desk.rights import Act, Caller
from gateway.report.breach import breach
from gateway.report.csvs import csv_files
from gateway.report.disclosures import disclosures, find
from gateway.report.document import Document, counted
from gateway.report.html import as_html
from gateway.report.pdf import as_pdf
from gateway.report.quarterly import Surroundings, quarterly
from gateway.report.safeguards import safeguards
from gateway.report.source import Read
from gateway.report.tally import Period, count, quarter
from gateway.store.clock import Clock

LONGEST_VALUE = 1_000
YEARS = 6  # 45 CFR 164.528(a)(3)
QUARTER = re.compile(r"([0-9]{4})-Q([1-4])")
INCIDENT = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Kind(StrEnum):
    """What is told."""

    QUARTERLY = "quarterly"
    SAFEGUARDS = "safeguards"
    INCIDENT = "incident"
    DISCLOSURES = "disclosures"


class Form(StrEnum):
    """For paper, for a screen, or for spreadsheets."""

    PDF = "pdf"
    HTML = "html"
    CSV = "csv"


MEDIA = {Form.PDF: "application/pdf", Form.HTML: "text/html; charset=utf-8", Form.CSV: "application/zip"}


class NoReport(GatepostError):
    """It cannot be made so; the text says what to choose."""


class ReportRuns(GatepostError):
    """Somebody has one made at this moment."""


@dataclass(frozen=True, slots=True)
class Order:
    """Which report. `quarter` such as 2026-Q4; `value` of a patient is looked for by its fingerprint alone."""

    kind: Kind
    form: Form
    quarter: str = ""
    incident: str = ""
    value: str = field(repr=False, default="")
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A file to be downloaded. `is_whole`: the log that it tells of is."""

    name: str
    media: str
    octets: bytes = field(repr=False)
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """What a report needs beside the log: names of rules, lists and keys; who is inside; the prints of a value; and
    what is to be said of the logs of other gateways."""

    around: Callable[[], Surroundings]
    is_inside: Callable[[str], bool]
    prints: Callable[[str], Mapping[str, set[str]]] = field(repr=False)
    elsewhere: Callable[[], str] = lambda: ""


class ReportDesk:
    """One report at a time: each reads all of the log."""

    def __init__(
        self, folder: Path, key: Callable[[], Ed25519PrivateKey], beside: Beside, audit: Log, clock: Clock
    ) -> None:
        self._folder = folder
        self._key = key
        self._beside = beside
        self._clock = clock
        self._guard = Guard(audit)
        self._making = threading.Lock()

    def quarters(self, caller: Caller) -> tuple[str, ...]:
        """The last eight, this one first."""
        self._guard.demand(caller, Act.REPORT)
        now = self._clock()
        number = 4 * now.year + (now.month - 1) // 3
        return tuple(f"{each // 4}-Q{each % 4 + 1}" for each in range(number, number - 8, -1))

    def make(self, caller: Caller, order: Order) -> Made:
        """Raises Forbidden, ConfirmationNeeded, NoReport, ReportRuns, AuditUnavailable, StoreUnavailable."""
        self._guard.demand_confirmed(caller, Act.REPORT)
        makers = {
            Kind.QUARTERLY: self._of_period,
            Kind.SAFEGUARDS: self._of_period,
            Kind.INCIDENT: self._of_incident,
            Kind.DISCLOSURES: self._of_patient,
        }
        with self._alone():
            verified, is_whole = self._verified()
            verified += self._beside.elsewhere()
            document = makers[order.kind](caller, order, verified, is_whole=is_whole)
            octets = _rendered(document, order.form)
        ending = "zip" if order.form is Form.CSV else order.form.value
        name = f"gatepost-{order.kind.value}-{self._clock():%Y%m%d-%H%M%S}.{ending}"
        return Made(name, MEDIA[order.form], octets, is_whole)

    def _of_period(self, caller: Caller, order: Order, verified: str, *, is_whole: bool) -> Document:
        period = _period(order.quarter)
        self._note(caller, order, period=period.words)
        tally = count(read_lines(self._folder), period)
        source = tally.read.source(verified, is_whole=is_whole)
        make = quarterly if order.kind is Kind.QUARTERLY else safeguards
        return make(tally, source, self._beside.around(), self._clock())

    def _of_incident(self, caller: Caller, order: Order, verified: str, *, is_whole: bool) -> Document:
        read, wanted = Read(), order.incident
        lines = (each for each in read_lines(self._folder) if incident_of(each[1]) == wanted)
        found = list(read.through(lines)) if INCIDENT.fullmatch(wanted) else []
        if not found:
            raise NoReport("there is no event of that incident")
        self._note(caller, order)
        source = read.source(verified, is_whole=is_whole)
        return breach(wanted, found, source, self._beside.around().organization, self._clock())

    def _of_patient(self, caller: Caller, order: Order, verified: str, *, is_whole: bool) -> Document:
        now, value = self._clock(), order.value.strip()
        if not value or len(value) > LONGEST_VALUE:
            raise NoReport("give a value of the patient: a record number, or the name as it is written in mail")
        since = order.since or now.replace(year=now.year - YEARS, day=min(now.day, 28))
        until = order.until or now
        if since >= until:
            raise NoReport("the first day must be before the last")
        read = Read()
        found = find(read.through(read_lines(self._folder)), self._beside.prints(value))
        self._note(caller, order, found=len(found.incidents))
        source = read.source(verified, is_whole=is_whole)
        organization = self._beside.around().organization
        return disclosures(found, self._beside.is_inside, source, (since, until), organization, now)

    def _note(self, caller: Caller, order: Order, **details: object) -> None:
        told = {"form": order.form.value, **details}
        event = events.exported(
            what=f"report {order.kind.value}", by=caller.name, incident=order.incident, details=told
        )
        self._guard.note(caller, event)

    def _verified(self) -> tuple[str, bool]:
        try:
            found = verify(self._folder, self._key().public_key())
        except ChainBroken as broken:
            return f"broken at {broken}", False
        whole = f"the chain is whole: {counted(found.events, 'event')}, {counted(found.checkpoints, 'signature')}"
        return "; ".join((whole, *found.doubts)), not found.unsigned_tail

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._making.acquire(blocking=False):
            raise ReportRuns("a report is being made for somebody at this moment: try again in a minute")
        try:
            yield
        finally:
            self._making.release()


def _period(words: str) -> Period:
    found = QUARTER.fullmatch(words)
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        raise NoReport("choose a quarter, such as 2026-Q4")
    return quarter(int(found[1]), int(found[2]))


def _rendered(document: Document, form: Form) -> bytes:
    if form is Form.HTML:
        return as_html(document).encode("utf-8", "replace")
    if form is Form.PDF:
        return as_pdf(document)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, octets in csv_files(document).items():
            archive.writestr(name, octets)
    return packed.getvalue()
