"""Reads and writes a Postfix by its own tools: postconf(1) and postfix(1)."""

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

from gateway.postfix.change import AddService, Change, SetOverride, SetParameter, WriteFile
from gateway.postfix.errors import PostfixUnusable
from gateway.postfix.survey import Service, Survey
from gateway.store.durable import write_file

SECONDS = 60
_OVERRIDE = re.compile(r"\s-o\s+(\{[^{}]*\}|\S+)")


class PostfixTools:
    """The Postfix of one configuration folder."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds main.cf and master.cf."""
        self.folder = folder

    def survey(self, *names: str) -> Survey:
        """All that it is set to, or these parameters alone. Raises PostfixUnusable, with postconf's own words."""
        parameters = _settings(self._postconf("-x", *names))
        others = re.split(r"[,\s]+", parameters.get("multi_instance_directories", ""))
        return Survey(
            folder=self.folder,
            parameters=parameters,
            written=_settings(self._postconf("-n")),
            services=tuple(self._services()),
            instances=tuple(name for name in others if name and Path(name) != self.folder),
        )

    def _services(self) -> Iterator[Service]:
        expanded, written = self._overrides("-Px"), self._overrides("-P")
        for line in self._postconf("-M").splitlines():
            fields = line.split(None, 7)
            if len(fields) < 8:
                continue
            key = f"{fields[0]}/{fields[1]}"
            command = _OVERRIDE.sub("", f" {fields[7]}").strip()
            yield Service(fields[0], fields[1], fields[4], command, expanded.get(key, {}), written.get(key, {}))

    def _overrides(self, flag: str) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for name, value in _settings(self._postconf(flag)).items():
            service, _, parameter = name.rpartition("/")
            found.setdefault(service, {})[parameter] = value
        return found

    def carry_out(self, changes: Iterable[Change]) -> None:
        """Make changes in their order, alike ones by one call of postconf. Raises PostfixUnusable."""
        for kind, alike in groupby(changes, type):
            if kind is WriteFile:
                for change in alike:
                    write_file(self.folder / change.place, change.new.encode(), 0o644)
            else:
                self._postconf(_FLAGS[kind], *map(_assignment, alike))

    def set_parameter(self, name: str, value: str | None) -> None:
        """Write a line of main.cf; None takes it out."""
        self._postconf("-X", name) if value is None else self._postconf("-e", f"{name}={value}")

    def set_override(self, service: str, name: str, value: str | None) -> None:
        """Write an `-o` setting of a service; None takes it out."""
        place = f"{service}/{name}"
        self._postconf("-PX", place) if value is None else self._postconf("-P", f"{place}={value}")

    def remove_service(self, service: str) -> None:
        """Take a line out of master.cf."""
        self._postconf("-MX", service)

    def check(self) -> None:
        """`postfix check`. Raises PostfixUnusable with its words."""
        _run("postfix", "-c", str(self.folder), "check")

    def is_running(self) -> bool:
        """The master process of this instance runs."""
        command = ("postfix", "-c", str(self.folder), "status")
        return subprocess.run(command, capture_output=True, timeout=SECONDS, check=False).returncode == 0

    def reload(self) -> None:
        """Take the configuration as it is now. Raises PostfixUnusable."""
        _run("postfix", "-c", str(self.folder), "reload")

    def looked_up(self, table: str, key: str) -> str:
        """What a lookup table says, asked as Postfix asks; "" where it says nothing. Raises PostfixUnusable."""
        return _run("postmap", "-c", str(self.folder), "-q", key, table, may_be_silent=True).strip()

    def _postconf(self, *arguments: str) -> str:
        return _run("postconf", "-c", str(self.folder), *arguments)


def default_folder() -> Path:
    """The configuration folder that Postfix's tools use by themselves. Raises PostfixUnusable."""
    return Path(_run("postconf", "-h", "config_directory").strip())


def _run(*command: str, may_be_silent: bool = False) -> str:
    """`may_be_silent`: a failure without a word is an answer without a word."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except FileNotFoundError:
        raise PostfixUnusable(f"{command[0]} is not installed here, or not in PATH (try it as root)") from None
    except subprocess.TimeoutExpired:
        raise PostfixUnusable(f"{command[0]} did not end within {SECONDS} s") from None
    if done.returncode and (done.stderr.strip() or not may_be_silent):
        raise PostfixUnusable(f"{' '.join(command)}: {done.stderr.strip() or f'exit code {done.returncode}'}")
    return done.stdout


_FLAGS = {AddService: "-M", SetOverride: "-P", SetParameter: "-e"}


def _assignment(change: Change) -> str:
    if isinstance(change, AddService):
        return f"{change.key}={change.line}"
    if isinstance(change, SetOverride):
        return f"{change.service}/{change.name}={change.new}"
    return f"{change.name}={change.new}"


def _settings(listing: str) -> Mapping[str, str]:
    """Lines of `name = value`."""
    pairs = (line.partition("=") for line in listing.splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}
