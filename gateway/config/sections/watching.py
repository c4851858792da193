"""Sections on what the service says of itself."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator

from gateway.config import checks
from gateway.config.sections.base import Count, Section, setting


class Status(Section):
    """Metrics and health over HTTP."""

    host: str = setting(
        "127.0.0.1", "Address to listen on. Anything but loopback shows metrics to others.", min_length=1
    )
    port: Count = setting(9_825, "Port for `/metrics`, `/healthz` and `/readyz`. 0: any free one.", ge=0, le=65_535)


class Traces(Section):
    """Traces of the way of each message, for OpenTelemetry: docs/traces.md. Off by default."""

    endpoint: Annotated[str, AfterValidator(checks.collector_url)] = setting(
        "",
        "Where a collector takes OTLP over HTTP, such as `http://127.0.0.1:4318/v1/traces`. Empty: nothing is traced.",
        shown="none",
    )
    share: Annotated[float, BeforeValidator(checks.no_bool)] = setting(
        1.0, "Share of messages that are traced, by chance.", ge=0, le=1
    )
    ca_file: Annotated[Path | None, AfterValidator(checks.absolute_or_none)] = setting(
        None, "PEM file with the authorities of the collector's certificate.", shown="those that the system trusts"
    )


class Log(Section):
    """The service's own log, to standard error."""

    level: Literal["debug", "info", "warning", "error"] = setting("info", "The least severe lines written.")
    format: Literal["json", "text", "journal", "journald"] = setting(
        "json",
        "`json`: one object a line. `text`: for people. `journal`: text with syslog priorities for systemd. "
        "`journald`: to systemd's journal itself, each value a field: `journalctl GATEPOST_INCIDENT=…`.",
    )
