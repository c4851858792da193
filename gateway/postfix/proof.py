"""Whether Postfix really has the TLS lanes that gatepost.yaml says it has, asked through its own tools.

A lane that Postfix does not know would be a header field that nobody acts on: plain delivery. So each is looked up as
Postfix will (`postmap -q` in the tables that its cleanup reads), the transport that comes of it must do nothing but
TLS, and all of it is looked at anew where a file of Postfix's configuration changed. What is not proved is no lane.
"""

import logging
import re
import threading
import time
from collections.abc import Iterator, Mapping
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
ASKED = (
    "cleanup_service_name",
    "header_checks",
    "milter_header_checks",
    "smtp_dns_support_level",
    "smtp_tls_per_site",
    "smtp_tls_policy_maps",
    "smtp_tls_security_level",
)
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
            survey = tools.survey(*ASKED)
            self._tables = tuple(_tables(survey, self._wish))
            self._stamps = self._stamped()
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
        if self._folder is None:
            return ()
        files = (self._folder / "main.cf", self._folder / "master.cf", *self._tables)
        return tuple((str(file), *_stamp(file)) for file in files)


def _stamp(file: Path) -> tuple[int, int]:
    try:
        facts = file.stat()
    except OSError:
        return 0, 0
    return facts.st_mtime_ns, facts.st_size


def _tables(survey: Survey, wish: Wish) -> Iterator[Path]:
    for _, tables in _readers(survey, wish):
        yield from (Path(name) for name in _FILE.findall(tables))


def _readers(survey: Survey, wish: Wish) -> Iterator[tuple[str, str]]:
    """Who reads the field of a copy, and the tables in which they look it up: in place, and handed back to us."""
    cleanup = _cleanup(survey, None)
    yield "milter_header_checks", survey.value("milter_header_checks", cleanup)
    listener = survey.service(f"{wish.submit_host}:{wish.submit_port}/inet")
    yield f"header_checks of port {wish.submit_port}", survey.value("header_checks", _cleanup(survey, listener))


def _cleanup(survey: Survey, of: Service | None) -> Service | None:
    return survey.service(f"{survey.value('cleanup_service_name', of) or 'cleanup'}/unix")


def _problem(tools: PostfixTools, survey: Survey, wish: Wish, lane: str) -> str:
    """Why this lane does not count; "" where it does. Raises PostfixUnusable."""
    if survey.service(f"{wish.submit_host}:{wish.submit_port}/inet") is None:
        return f"master.cf has no listener {wish.submit_host}:{wish.submit_port}"
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
    if service is None or service.program not in {"smtp", "lmtp"}:
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
