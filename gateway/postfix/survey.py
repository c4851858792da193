"""What a Postfix is set to, as values: main.cf and master.cf after all expansions, and as they are written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

LOOPBACK_HOSTS = ("127.", "localhost", "[::1]", "::1")


@dataclass(frozen=True, slots=True)
class Service:
    """One line of master.cf. `overrides` are its `-o` settings, expanded; `written` the same as they are written."""

    name: str
    kind: str  # inet, unix, fifo, pass
    chroot: str  # y, n or -
    command: str  # with its arguments, without -o
    overrides: Mapping[str, str] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """As postconf names it."""
        return f"{self.name}/{self.kind}"

    @property
    def program(self) -> str:
        return self.command.split()[0] if self.command else ""

    @property
    def is_smtpd(self) -> bool:
        return self.program == "smtpd"

    @property
    def is_loopback_only(self) -> bool:
        """It listens on an address of this machine alone."""
        host, colon, _ = self.name.rpartition(":")
        return bool(colon) and host.startswith(LOOPBACK_HOSTS)

    @property
    def port(self) -> str:
        return self.name.rpartition(":")[2]


@dataclass(frozen=True, slots=True)
class Survey:
    """`parameters` are the values that count, expanded; `written` what main.cf itself says."""

    folder: Path
    parameters: Mapping[str, str]
    written: Mapping[str, str]
    services: tuple[Service, ...]
    instances: tuple[str, ...] = ()  # configuration folders of a multi-instance Postfix, this one not among them

    def value(self, name: str, service: Service | None = None) -> str:
        """The value that counts, for a service where one is given."""
        if service is not None and name in service.overrides:
            return service.overrides[name]
        return self.parameters.get(name, "")

    @property
    def smtpd(self) -> tuple[Service, ...]:
        """Services that take messages by SMTP."""
        return tuple(service for service in self.services if service.is_smtpd)

    def service(self, key: str) -> Service | None:
        return next((service for service in self.services if service.key == key), None)

    def in_chroot(self, service: Service) -> bool:
        """ "-" means yes before compatibility level 1 (postconf(5), master(5)), no since."""
        if service.chroot == "-":
            return _level(self.parameters.get("compatibility_level", "0")) < 1
        return service.chroot == "y"

    @property
    def queue(self) -> Path:
        return Path(self.parameters.get("queue_directory", "/var/spool/postfix"))


def _level(text: str) -> int:
    digits = text.split(".")[0].strip()
    return int(digits) if digits.isdigit() else 0
