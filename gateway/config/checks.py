"""Checks of single settings. Each takes a value and returns it, put right, or raises ValueError in plain words."""

import os
import re
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from pydantic import ValidationInfo

from gateway.config.places import against

UNIX_PATH_BYTES = 107  # sun_path of Linux, less the final NUL


def no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("must be a number, not true or false")  # noqa: TRY004 - Pydantic collects ValueError alone
    return value


def base_of(info: ValidationInfo) -> Path | None:
    return (info.context or {}).get("base")


def absolute(path: Path, info: ValidationInfo) -> Path:
    return against(base_of(info), path)


def absolute_or_none(path: Path | None, info: ValidationInfo) -> Path | None:
    return None if path is None else against(base_of(info), path)


def _port_in_range(port: str) -> bool:
    return port.isascii() and port.isdigit() and 1 <= int(port) <= 65535


def milter_socket(value: str) -> str:
    kind, _, rest = value.partition(":")
    if kind == "unix" and rest:
        # Postfix takes a relative one for its queue folder: the two would look in different places.
        if not rest.startswith("/"):
            raise ValueError("the path of a unix socket must be absolute: unix:/path/of/socket")
        if len(os.fsencode(rest)) > UNIX_PATH_BYTES:
            raise ValueError(f"the path of a unix socket has at most {UNIX_PATH_BYTES} bytes")
        return value
    port, at, host = rest.partition("@")
    if kind in {"inet", "inet6"} and at and host and _port_in_range(port):
        return value
    raise ValueError("must be unix:/path/of/socket, inet:PORT@HOST or inet6:PORT@HOST")


def octal(value: object) -> object:
    # An unquoted 0660 is the number 660 in YAML 1.2: the digits are what was meant.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def socket_mode(value: str) -> str:
    if not re.fullmatch(r"0?[0-7]{3}", value):
        raise ValueError('must be three octal digits, such as "0660"')
    return f"0{value[-3:]}"


def syslog_address(value: str) -> str:
    kind, _, rest = value.partition(":")
    host, _, port = rest.rpartition(":")
    if (
        value == "none"
        or (kind == "unix" and rest.startswith("/"))
        or (kind in {"udp", "tcp"} and host and _port_in_range(port))
    ):
        return value
    raise ValueError("must be none, unix:/dev/log, udp:HOST:PORT or tcp:HOST:PORT")


def mail_log(value: str) -> str:
    if value in {"none", "journal"} or value.startswith("/"):
        return value
    raise ValueError("must be none, journal or the absolute path of a file")


def database_url(value: str) -> str:
    scheme = urlsplit(value).scheme
    if scheme.partition("+")[0] not in {"sqlite", "postgresql"}:
        raise ValueError("must start with sqlite:/// or postgresql://")
    return value


def blob_place(value: str) -> str:
    """s3://BUCKET/PREFIX without a slash at the end; "" stays ""."""
    place = value.rstrip("/")
    if value and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._-]+)*", place):
        raise ValueError("must be s3://BUCKET or s3://BUCKET/PREFIX")
    return place


def endpoint(value: str) -> str:
    """Scheme and host; "" stays ""."""
    parts = urlsplit(value)
    if value and (
        parts.scheme not in {"https", "http"} or not parts.hostname or "@" in parts.netloc or parts.path.strip("/")
    ):
        raise ValueError("must be an address without a path, such as https://objects.clinic.example:9000")
    return value.rstrip("/")


def address(value: str) -> str:
    """One address that mail can be sent to."""
    local, at, domain = value.rpartition("@")
    if (
        not at
        or not re.fullmatch(r"[^\s\x00-\x20\x7f\"(),:;<>@\[\\\]]{1,64}", local)
        or not re.fullmatch(r"[^\s@<>\"]{1,253}", domain)
    ):
        raise ValueError("must be a mail address, such as privacy@clinic.example")
    return value


def address_or_none(value: str) -> str:
    """The same; "" stays ""."""
    return address(value) if value else ""


def webhook_url(value: str) -> str:
    """https, a host, no account in it: what a receiver of events has."""
    parts = urlsplit(value)
    try:
        usable = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if (
        not usable
        or "@" in parts.netloc
        or parts.fragment
        or not value.isascii()
        or not value.isprintable()
        or " " in value
    ):
        raise ValueError("must be an https address without an account, such as https://siem.clinic.example/gatepost")
    return value


def collector_url(value: str) -> str:
    """https, or http on this machine, a host, no account in it; "" stays ""."""
    parts = urlsplit(value)
    try:
        usable = bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc and not parts.fragment
    except ValueError:
        usable = False
    here = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1", "localhost"}
    if value and not (usable and (here or parts.scheme == "https") and value.isascii() and " " not in value):
        raise ValueError("must be an https address, or http on this machine, such as http://127.0.0.1:4318/v1/traces")
    return value


def origin(value: str) -> str:
    """Scheme and host of a site, without a path, as browsers name it; "" stays ""."""
    parts = urlsplit(value)
    usable = parts.scheme in {"https", "http"} and _names_a_host(parts) and not parts.path.strip("/")
    if value and (not usable or parts.query or parts.fragment):
        raise ValueError("must be an address without a path, such as https://review.clinic.example")
    return _as_browsers_say(parts) if value else ""


def public_site(value: str) -> str:
    """https, or http on this machine for a trial, a host and no path; "" stays ""."""
    site = origin(value)
    parts = urlsplit(site)
    here = parts.hostname in {"127.0.0.1", "::1", "localhost"}
    if value and not ((here or parts.scheme == "https") and value.isascii() and " " not in value):
        raise ValueError("must be an https address without a path, such as https://messages.clinic.example")
    return site


def _names_a_host(parts: SplitResult) -> bool:
    """No account in it, and a port that there can be."""
    try:
        return bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        return False


def _as_browsers_say(parts: SplitResult) -> str:
    """In small letters, and without the port that goes without saying: so they fill in Host and Origin."""
    host = (parts.hostname or "").lower()
    named = f"[{host}]" if ":" in host else host
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    return f"{parts.scheme}://{named}" + ("" if parts.port in (None, usual) else f":{parts.port}")


def ldap_url(value: str) -> str:
    parts = urlsplit(value)
    if not value or (parts.scheme in {"ldap", "ldaps"} and parts.hostname and parts.path in {"", "/"}):
        return value
    if parts.scheme == "ldapi":
        return value
    raise ValueError("must be ldaps://HOST, ldap://HOST or ldapi://, with a port if need be and nothing behind it")


def ldap_filter(value: str) -> str:
    if value.startswith("(") and value.endswith(")") and "{address}" in value and value.isprintable():
        return value
    raise ValueError("must be a filter in parentheses with {address} in it, such as (mail={address})")
