"""The systemd units as they are installed, against those that are shipped."""

from collections.abc import Iterator
from pathlib import Path

from gateway.config import shipped
from gateway.doctor.machine import Machine
from gateway.doctor.trouble import Found, warning

# What a machine may well say otherwise: where the program is, who runs it, what it may reach, how long it may take.
_FREE = (
    "Exec",
    "User",
    "Group",
    "Supplementary",
    "Environment",
    "IPAddressAllow",
    "ReadWritePaths",
    "ReadOnlyPaths",
    "LoadCredential",
    "WorkingDirectory",
    "Timeout",
    "Watchdog",
    "Limit",
    "Memory",
    "CPU",
    "Nice",
    "IOWeight",
    "Tasks",
    "SyslogIdentifier",
    "BindPaths",
    "BindReadOnlyPaths",
    "StateDirectory",
    "RuntimeDirectory",
)

SHOWN = 4

Settings = dict[str, list[str]]


def weaker(machine: Machine) -> Iterator[Found]:
    """A line of the shipped unit that the installed one lacks, or says otherwise."""
    for unit in sorted(shipped("systemd").glob("*.service")):
        installed = installed_unit(machine.unit_folders, unit.name)
        if not installed:
            continue
        now, ours = settings(installed), settings([unit.read_text("utf-8")])
        differ = [name for name, values in ours.items() if not name.startswith(_FREE) and now.get(name) != values]
        if differ:
            named = "; ".join(f"{name} is {' '.join(now.get(name, ['not set']))}" for name in differ[:SHOWN])
            more = f" and {len(differ) - SHOWN} more" if len(differ) > SHOWN else ""
            reason = f"it is not as hardened, or not restarted, as the shipped unit: {named}{more}"
            yield warning(unit.name, reason, f"compare with {unit}; keep your own settings in a drop-in")


def installed_unit(folders: tuple[Path, ...], name: str) -> list[str]:
    """Texts of the unit and of its drop-ins in the order in which they count; none where it is not installed.

    The first folder with the unit wins (systemd.unit(5)); drop-ins of all folders count, by their names.
    """
    unit = next((folder / name for folder in folders if (folder / name).is_file()), None)
    if unit is None:
        return []
    extra: dict[str, Path] = {}
    for folder in reversed(folders):
        extra.update({path.name: path for path in sorted((folder / f"{name}.d").glob("*.conf"))})
    return [path.read_text("utf-8", "replace") for path in (unit, *(extra[key] for key in sorted(extra)))]


def settings(texts: list[str]) -> Settings:
    """The [Service] section of all texts together: a later value is added where systemd adds, an empty one resets."""
    found: Settings = {}
    for text in texts:
        section = ""
        for line in text.replace("\\\n", " ").splitlines():
            stripped = line.strip()
            if stripped.startswith("["):
                section = stripped
            elif section == "[Service]" and stripped and stripped[0] not in "#;":
                name, _, value = stripped.partition("=")
                _add(found, name.strip(), value.strip())
    return found


_LISTS = ("SystemCallFilter", "CapabilityBoundingSet", "RestrictAddressFamilies", "IPAddressDeny")


def _add(found: Settings, name: str, value: str) -> None:
    if name in _LISTS and value:
        found.setdefault(name, []).append(value)
    else:
        found[name] = [value] if value else []
