"""Whether Postfix really has the TLS lanes that gatepost.yaml says it has, asked through its own tools.

A lane that Postfix does not know would be a header field that nobody acts on: plain delivery. So each is looked up as
Postfix will (`postmap -q` in the tables that its cleanup reads), the transport that comes of it must do nothing but
TLS, and all of it is looked at anew where a file of Postfix's configuration changed. What is not proved is no lane.
"""

import logging
import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from gateway import logs
from gateway.postfix import milters
from gateway.postfix.errors import PostfixUnusable
from gateway.postfix.survey import Service, Survey
from gateway.postfix.tools import PostfixTools, default_folder
from gateway.postfix.wish import Wish

AGAIN_SECONDS = 600.0  # an unchanged configuration is looked at again
LEVELS = {
    "encrypt": frozenset({"encrypt", "verify", "secure", "fingerprint", "dane-only"}),
    "secure": frozenset({"secure"}),
    "dane-only": frozenset({"dane-only"}),
}
UNREAD = "no_header_body_checks"
ASKED = (
    "cleanup_service_name",
    "header_checks",
    "milter_header_checks",
    "non_smtpd_milters",
    "receive_override_options",
    "smtp_dns_support_level",
    "smtp_tls_per_site",
    "smtp_tls_policy_maps",
    "smtp_tls_security_level",
    "smtpd_milters",
)
_MADE_OF = ("", ".db", ".cdb", ".lmdb")  # a table, and what postmap makes of it
_FILTER = re.compile(r"FILTER\s+([^\s:]+):", re.IGNORECASE)
_FILE = re.compile(r"[a-z]+:(/[^\s,]+)")

Stamps = tuple[tuple[str, int, int], ...]


class LaneProof:
    """Safe for many threads."""

    def __init__(self, folder: Path | None, wish: Wish) -> None:
        """`folder` holds main.cf and master.cf; None: where Postfix's tools look by themselves."""
        self._folder = folder
        self._wish = wish
        self._lock = threading.Lock()
        self._known: Mapping[str, str] = MappingProxyType({})
        self._stamps: Stamps | None = None
        self._tables: tuple[Path, ...] = ()
        self._at = 0.0

    def lanes(self) -> Mapping[str, str]:
        """Each lane of gatepost.yaml: "" where Postfix has it, else why it does not count."""
        if not self._wish.lanes:
            return self._known
        with self._lock:
            if time.monotonic() - self._at > AGAIN_SECONDS or self._stamps is None or self._stamps != self._stamped():
                self._look()
            return self._known

    def _look(self) -> None:
        self._at = time.monotonic()
        before = self._known
        try:
            self._folder = self._folder or default_folder()
            tools = PostfixTools(self._folder)
            settings = self._stamped_settings()  # before they are read: what changes meanwhile is looked at again
            survey = tools.survey(*ASKED)
            self._tables = tuple(_tables(survey, self._wish))
            self._stamps = (*settings, *_stamps(self._tables))
            found = {lane: _problem(tools, survey, self._wish, lane) for lane in self._wish.lanes}
        except PostfixUnusable as error:
            self._stamps = None  # at once again: nothing is known
            found = dict.fromkeys(self._wish.lanes, str(error).splitlines()[-1][-200:])
        self._known = MappingProxyType(found)
        for lane, problem in found.items():
            if before.get(lane) != problem:
                level = logging.WARNING if problem else logging.INFO
                logs.event("lane-unproved" if problem else "lane-proved", level=level, lane=lane, reason=problem)

    def _stamped(self) -> Stamps:
        """When the files of its configuration were changed."""
        return (*self._stamped_settings(), *_stamps(self._tables))

    def _stamped_settings(self) -> Stamps:
        return _stamps([self._folder / "main.cf", self._folder / "master.cf"] if self._folder else [])


def _stamps(files: Iterable[Path]) -> Stamps:
    return tuple((str(file), *_stamp(file)) for file in files)


def _stamp(file: Path) -> tuple[int, int]:
    try:
        facts = file.stat()
    except OSError:
        return 0, 0
    return facts.st_mtime_ns, facts.st_size


def _tables(survey: Survey, wish: Wish) -> Iterator[Path]:
    for _, tables in _readers(survey, wish):
        yield from (Path(name + ending) for name in _FILE.findall(tables) for ending in _MADE_OF)


def _readers(survey: Survey, wish: Wish) -> Iterator[tuple[str, str]]:
    """Who reads the field of a copy, and the tables in which they look it up: in place, and handed back to us."""
    usual, listener = _cleanup(survey, None), _listener(survey, wish)
    entrances = (service for service in survey.services if service is not listener and _is_filtered(survey, service))
    readers = (usual, *(_cleanup(survey, service) for service in entrances))
    for cleanup in {reader.key if reader else "": reader for reader in readers}.values():
        of = f" of {cleanup.name}" if cleanup is not None and cleanup is not usual else ""
        yield f"milter_header_checks{of}", survey.value("milter_header_checks", cleanup)
    yield f"header_checks of port {wish.submit_port}", survey.value("header_checks", _cleanup(survey, listener))


def _listener(survey: Survey, wish: Wish) -> Service | None:
    return survey.service(f"{wish.submit_host}:{wish.submit_port}/inet")


def _is_filtered(survey: Survey, service: Service) -> bool:
    """Mail comes in here, and a milter sees it, which may be ours."""
    milter_lists = {"smtpd": "smtpd_milters", "pickup": "non_smtpd_milters"}
    return bool(survey.value(milter_lists.get(service.program, ""), service))


def _cleanup(survey: Survey, of: Service | None) -> Service | None:
    return survey.service(f"{survey.value('cleanup_service_name', of) or 'cleanup'}/unix")


def _problem(tools: PostfixTools, survey: Survey, wish: Wish, lane: str) -> str:
    """Why this lane does not count; "" where it does. Raises PostfixUnusable."""
    listener = _listener(survey, wish)
    if listener is None:
        return f"master.cf has no listener {wish.submit_host}:{wish.submit_port}"
    if UNREAD in survey.value("receive_override_options", listener):
        return f"listener {listener.name} has {UNREAD} in receive_override_options: its header_checks are not read"
    for who, tables in _readers(survey, wish):
        actions = (tools.looked_up(table, f"{wish.lane_header}: {lane}") for table in milters.items(tables))
        action = next(filter(None, actions), "")
        leads = _FILTER.match(action)
        if leads is None:
            return f"{who} does not lead {wish.lane_header}: {lane} to a transport"
        if problem := _transport_problem(survey, leads[1], lane):
            return problem
    return ""


def _transport_problem(survey: Survey, name: str, lane: str) -> str:
    service = survey.service(f"{name}/unix")
    if service is None or service.program != "smtp":  # lmtp(8) minds lmtp_tls_security_level alone
        return f"master.cf has no smtp transport {name}"
    level = survey.value("smtp_tls_security_level", service)
    if level not in LEVELS[lane]:
        return f"transport {name} has smtp_tls_security_level {level or '(empty)'}"
    for weaker in ("smtp_tls_policy_maps", "smtp_tls_per_site"):
        if survey.value(weaker, service):
            return f"transport {name} has {weaker}, which could be weaker than the lane"
    if lane == "dane-only" and survey.value("smtp_dns_support_level", service) != "dnssec":
        return f"transport {name} needs smtp_dns_support_level dnssec"
    return ""
