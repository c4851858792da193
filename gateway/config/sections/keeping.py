"""Sections on what is kept, where, and for how long."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from gateway.config import checks
from gateway.config.sections.base import MIB, STATE, Count, Place, Seconds, Section, setting


class Store(Section):
    """Where quarantined messages, the journal and the keys are kept. Several gateways on one store: docs/cluster.md."""

    folder: Place = setting(
        STATE, "Folder of everything that Gatepost keeps. Owned by its user, mode 0700.", shown="`/var/lib/gatepost`"
    )
    database: Annotated[str, AfterValidator(checks.database_url)] = setting(
        f"sqlite:///{STATE}/gatepost.db",
        "Database as an SQLAlchemy URL: `sqlite:////PATH`, or `postgresql://USER@HOST/NAME` for several gateways. "
        "A password in it is never shown.",
        shown="SQLite, `gatepost.db` in `store.folder`",
    )
    database_password_file: Annotated[Path | None, AfterValidator(checks.absolute_or_none)] = setting(
        None, "File with the password for a database on a server and nothing else, mode 0600.", shown="none"
    )
    blobs: Annotated[str, AfterValidator(checks.blob_place)] = setting(
        "",
        "Where sealed messages are kept: `s3://BUCKET/PREFIX` for an S3-compatible store, reached as the section "
        "`objects` says.",
        shown="the folder `blobs` in `store.folder`",
    )
    gateway: str = setting(
        "",
        "Name of this gateway among those that use the same database, in logs and in `gatepost gateways`.",
        shown="the name of this host",
        pattern=r"^[A-Za-z0-9.-]{0,64}$",
    )
    lease_seconds: Seconds = setting(
        600,
        "On a database on a server: for how long a message belongs to the gateway that began it. When that one is gone "
        "another goes on with it after this time. Keep it at more than twice what handing a copy to Postfix can take.",
        unit="seconds",
        ge=10,
        le=3_600,
    )
    keyring: Place = setting(
        STATE / "keyring.json",
        "File with the key-encryption keys, mode 0600. `gatepost keys init` makes it.",
        shown="`keyring.json` in `store.folder`",
    )
    keyring_credential: str = setting(
        "",
        "Name of a systemd credential (`LoadCredential=`, `LoadCredentialEncrypted=`) that holds the keyring. "
        "It wins over `keyring` where systemd has set CREDENTIALS_DIRECTORY.",
        pattern=r"^[A-Za-z0-9_.-]*$",
    )


class Objects(Section):
    """How the S3-compatible store of `store.blobs` is reached."""

    endpoint: Annotated[str, AfterValidator(checks.endpoint)] = setting(
        "", "Its address, such as `https://objects.clinic.example:9000`.", shown="Amazon's, of the region"
    )
    region: str = setting("us-east-1", "Its region.", pattern=r"^[A-Za-z0-9-]{1,64}$")
    credentials_file: Annotated[Path | None, AfterValidator(checks.absolute_or_none)] = setting(
        None,
        "File with `[default]`, `aws_access_key_id = …` and `aws_secret_access_key = …`, mode 0600.",
        shown="none: the environment, or the role of this machine",
    )
    ca_file: Annotated[Path | None, AfterValidator(checks.absolute_or_none)] = setting(
        None, "PEM file with the authorities of its certificate.", shown="well-known ones"
    )
    seconds: Seconds = setting(
        20, "How long it may be silent; asked twice before a message is answered 451.", unit="seconds", ge=1, le=60
    )


class Audit(Section):
    """The tamper-evident log of decisions."""

    folder: Place = setting(
        STATE / "audit",
        "Folder of the audit log's segments, mode 0700. Nothing else may write, rotate or clean there (logrotate).",
        shown="`audit` in `store.folder`",
    )
    checkpoint_events: Count = setting(
        1_000, "A signed checkpoint is written after so many events.", unit="events", ge=1, le=1_000_000
    )
    checkpoint_seconds: Seconds = setting(
        60, "And after so long, if there were any events.", unit="seconds", ge=1, le=86_400
    )
    segment_bytes: Count = setting(
        64 * MIB, "A segment of the log above this size is closed and a new one begun.", unit="bytes", ge=65_536
    )
    syslog: Annotated[str, AfterValidator(checks.syslog_address)] = setting(
        "none", "A second place for every event, RFC 5424: `none`, `unix:/dev/log`, `udp:HOST:PORT` or `tcp:HOST:PORT`."
    )
    syslog_required: bool = setting(
        False, "`true`: an event that syslog did not take counts as not written, and the message is answered 451."
    )


class Retention(Section):
    """How long held and decided messages are kept. Then the data key is destroyed, and what is known of them stays."""

    days: Count = setting(
        90,
        "Days after which a message is purged, whether it was decided about or not. One under legal hold stays.",
        unit="days",
        ge=1,
        le=36_500,
    )
    areas: dict[str, Count] = setting(
        dict,
        "Other days for areas of rules, such as `{hipaa: 365}`. The longest of an item's areas counts.",
        shown="none",
    )
