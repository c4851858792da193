"""Sections on Postfix: how mail comes in, and how copies and notices go back."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator

from gateway.config import checks
from gateway.config.sections.base import MIB, STATE, Count, Place, Seconds, Section, setting


class Milter(Section):
    """How Postfix reaches Gatepost."""

    socket: Annotated[str, AfterValidator(checks.milter_socket)] = setting(
        "unix:/run/gatepost/milter.sock",
        "Where to listen for Postfix: `unix:/path/of/socket`, `inet:PORT@HOST` or `inet6:PORT@HOST`.",
    )
    socket_mode: Annotated[str, BeforeValidator(checks.octal), AfterValidator(checks.socket_mode)] = setting(
        "0660", "Permissions of a unix socket, three octal digits."
    )
    socket_group: str = setting(
        "", "Group that owns a unix socket, such as `postfix`. Empty: the group of the process."
    )
    timeout_seconds: Count = setting(
        7_210, "How long a connection of Postfix may be silent before it is closed.", unit="seconds", ge=10, le=86_400
    )
    max_message_bytes: Count = setting(
        150 * MIB,
        "Hard limit of one message. A larger one is refused. Keep Postfix's `message_size_limit` at or below it.",
        unit="bytes",
        ge=MIB,
        le=2_048 * MIB,
    )
    spool_above_bytes: Count = setting(
        MIB, "A message above this size is collected in a file instead of memory.", unit="bytes", ge=0, le=1_024 * MIB
    )
    spool_folder: Place = setting(
        STATE / "spool",
        "Folder of those files, mode 0700. They never have a name, so a crash leaves none behind.",
        shown="`spool` in `store.folder`",
    )
    loopback_listener: str = setting(
        "gatepost-loopback",
        "`milter_macro_daemon_name` of the Postfix listener that copies and released messages are handed to. "
        "A message that came in by it is not inspected again.",
        min_length=1,
    )
    progress_seconds: Seconds = setting(
        10, "How often Postfix is told that a message is still being worked on.", unit="seconds", ge=1, le=60
    )
    drain_seconds: Seconds = setting(
        60, "On SIGTERM: how long messages that are being worked on may take to finish.", unit="seconds", ge=0, le=3_600
    )
    max_in_flight: Count = setting(
        500, "Messages held at the same time. One more is answered 451.", unit="messages", ge=1, le=100_000
    )


class Postfix(Section):
    """The way back into Postfix: for extra copies, notices and released messages."""

    submit_host: str = setting("127.0.0.1", "Host of the Postfix listener without this milter.", min_length=1)
    submit_port: Count = setting(10_026, "Port of that listener.", ge=1, le=65_535)
    timeout_seconds: Seconds = setting(
        30, "Longest wait for one answer of that listener.", unit="seconds", ge=1, le=600
    )
    name: str = setting(
        "",
        "On a database on a server: name of the Postfix that copies are handed to and whose log is followed. Gateways "
        "beside the same Postfix, with the same log, have the same name here, others never.",
        shown="the name of this host",
        pattern=r"^[A-Za-z0-9.-]{0,64}$",
    )
    mail_log: Annotated[str, AfterValidator(checks.mail_log)] = setting(
        "none",
        "Postfix's log: a file such as `/var/log/mail.log`, `journal` for systemd's, or `none`. From it Gatepost "
        "proves how each protected copy left, and knows after a lost connection whether Postfix has a message.",
    )
    lanes: tuple[Literal["encrypt", "secure", "dane-only"], ...] = setting(
        (),
        "The TLS lanes that Postfix has been given as docs/encryption.md says. TLS counts as protection by these "
        "alone, and only while Postfix's own tools prove that it has them.",
        shown="none",
    )
    config_folder: Annotated[Path | None, AfterValidator(checks.absolute_or_none)] = setting(
        None,
        "Folder of Postfix's main.cf and master.cf, where the lanes are looked at.",
        shown="the one that `postconf` uses by itself",
    )
    lane_header: str = setting(
        "X-Gatepost-Lane",
        "Header field that tells Postfix by which TLS transport a copy must go; docs/encryption.md has the settings of "
        "Postfix that belong to it.",
        pattern=r"^[A-Za-z][A-Za-z0-9-]*$",
    )
