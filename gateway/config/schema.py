"""The schema of `gatepost.yaml`: every setting with its meaning, default, unit and range.

Keys are kebab-case in the file and snake_case here. Lists nothing that a policy decides: rules live in `rules/`.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)

from gateway.config import checks
from gateway.config.places import against, shipped
from gateway.core.limits import Limits as CoreLimits

STATE = Path("/var/lib/gatepost")
MIB = 1_048_576


def kebab(name: str) -> str:
    return name.replace("_", "-")


def setting(default: Any, description: str, *, unit: str = "", shown: str = "", **constraints: Any) -> Any:
    """A documented field. `shown`: what the reference prints as default where the real one depends on the machine.

    A callable `default` makes the value when a configuration is made.
    """
    extra: dict[str, Any] = {"unit": unit, "shown": shown}
    if callable(default):
        return Field(default_factory=default, description=description, json_schema_extra=extra, **constraints)
    return Field(default, description=description, json_schema_extra=extra, **constraints)


Count = Annotated[int, BeforeValidator(checks.no_bool)]
Seconds = Annotated[float, BeforeValidator(checks.no_bool)]
Place = Annotated[Path, AfterValidator(checks.absolute)]


class Section(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=kebab,
        validate_by_name=True,
        validate_by_alias=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
    )


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


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0))


class Workers(Section):
    """The processes that inspect messages."""

    count: Count = setting(
        cores, "Number of worker processes.", unit="processes", shown="number of cores", ge=1, le=512
    )
    deadline_seconds: Seconds = setting(
        60,
        "Longest time for the inspection of one message, by the clock. Then its worker is killed.",
        unit="seconds",
        gt=0,
        le=600,
    )
    memory_mib: Count = setting(
        480,
        "Most memory that a worker takes for one message, beside four times the size of that message.",
        unit="MiB",
        ge=128,
        le=65_536,
    )
    cpu_seconds: Count = setting(
        20, "Most processor time of one worker for one message.", unit="seconds", ge=1, le=3_600
    )
    aside: Count = setting(
        8,
        "Messages that may be finished aside: one that takes longer than a quarter of a second goes on at a low "
        "priority, and another worker takes its place. More than so many at the same time make others wait.",
        unit="messages",
        ge=0,
        le=512,
    )
    recycle_after: Count = setting(
        2_000, "A worker is replaced after this many messages.", unit="messages", ge=1, le=1_000_000
    )
    queue_limit: Count = setting(
        256, "Messages that may wait for a worker. One more is answered 451.", unit="messages", ge=1, le=100_000
    )


class Limits(Section):
    """How much of one message is read. What lies past a limit is opaque, which the policy decides on."""

    depth: Count = setting(32, "Nesting of multiparts, attached messages and files.", unit="levels", ge=1, le=200)
    parts: Count = setting(2_000, "Parts of one message.", unit="parts", ge=1, le=100_000)
    header_bytes: Count = setting(MIB, "Header of one part.", unit="bytes", ge=1_024, le=64 * MIB)
    headers: Count = setting(2_000, "Header fields of one part.", unit="fields", ge=10, le=100_000)
    text_bytes: Count = setting(64 * MIB, "Decoded text of one message.", unit="bytes", ge=1_024, le=2_048 * MIB)
    unpacked_bytes: Count = setting(
        128 * MIB, "What archives and documents of one message unpack to.", unit="bytes", ge=MIB, le=2_048 * MIB
    )
    ratio: Count = setting(
        200, "Unpacked to packed bytes of one file, where it unpacks to more than 4 MiB.", ge=2, le=1_100
    )
    entries: Count = setting(2_000, "Files inside the files of one message.", unit="files", ge=1, le=1_000_000)
    pages: Count = setting(1_000, "Pages of the documents of one message.", unit="pages", ge=1, le=100_000)
    pixels: Count = setting(
        64_000_000, "Pixels of the pictures of one message.", unit="pixels", ge=1_000_000, le=1_000_000_000
    )
    seconds: Seconds = setting(
        15,
        "Processor time for reading the files of one message. Keep it well below `workers.cpu-seconds`.",
        unit="seconds",
        gt=0,
        le=600,
    )
    findings: Count = setting(10_000, "Findings of one detector in one message.", unit="findings", ge=1, le=1_000_000)
    model_characters: Count = setting(
        300_000, "Characters of one message that a language model reads.", unit="characters", ge=1_000, le=10_000_000
    )

    def core(self) -> CoreLimits:
        """The same values in the vocabulary of the inspection."""
        return CoreLimits(**self.model_dump())


class Policy(Section):
    """Which rules decide."""

    file: Place = setting(
        lambda: shipped("rules") / "policy.yaml",
        "The policy. Packs and detectors are the folders `packs` and `detectors` beside it.",
        shown="the shipped `rules/policy.yaml`",
    )
    require_signature: Annotated[Path | None, AfterValidator(checks.absolute_or_none)] = setting(
        None,
        "Public key (Ed25519, PEM). Only rules that `gatepost rules sign` signed with its private key are taken. "
        "Others are refused at start; a reload keeps the old ones.",
        shown="none: rules need no signature",
    )


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
        STATE / "audit", "Folder of the audit log's segments, mode 0700.", shown="`audit` in `store.folder`"
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


class Encryption(Section):
    """How copies are encrypted, and where the keys of recipients come from."""

    anchors: Place = setting(
        STATE / "anchors.pem",
        "PEM file with the certification authorities that S/MIME certificates of recipients must lead to. "
        "Without it no certificate is used.",
        shown="`anchors.pem` in `store.folder`",
    )
    gnupg_home: Place = setting(
        STATE / "gnupg",
        "Home of GnuPG, mode 0700, for nothing but Gatepost.",
        shown="`gnupg` in `store.folder`",
    )
    seconds: Seconds = setting(
        60, "Longest time for the encryption of one copy. After it the message is answered 451.", unit="seconds", gt=0
    )
    revocation: Literal["off", "when-reachable", "required"] = setting(
        "when-reachable",
        "Ask the authority of an S/MIME certificate whether it has revoked it (OCSP, else its list). "
        "`required`: where it cannot be asked the certificate is not used.",
    )
    sources: tuple[Literal["ldap", "wkd", "smimea", "dane", "mta-sts", "probe"], ...] = setting(
        (),
        "Where else keys and TLS of a recipient are looked for, when a rule asks for encryption: `ldap`, `wkd` and "
        "`smimea` find keys of addresses, `dane`, `mta-sts` and `probe` lanes of domains. None by default: a look-up "
        "tells others that somebody is about to write there.",
        shown="none",
    )
    lookup_seconds: Seconds = setting(
        8,
        "Longest wait for look-ups of one message. Later answers serve the next.",
        unit="seconds",
        ge=0,
        le=60,
    )
    resolver: str = setting(
        "",
        "Address of the DNS resolver that is asked and whose DNSSEC validation is trusted; it must be on this machine, "
        "or the way to it safe. Empty: the first one in `/etc/resolv.conf`.",
    )
    header_protection: bool = setting(
        True, "Repeat the author's header inside of what is encrypted (RFC 9788), so that nobody can change it unseen."
    )
    outer_subject: str = setting(
        "",
        "What stands outside in place of the subject of an encrypted message, such as `[...]`. Empty: the subject "
        "stays readable for everybody on the way.",
        pattern=r"^[^\x00-\x1f\x7f]*$",
        max_length=200,
    )
    sign: bool = setting(False, "Sign what is encrypted with the organization's certificate or OpenPGP key.")


class Ldap(Section):
    """A directory server with certificates of recipients, for the source `ldap` of `encryption.sources`."""

    url: Annotated[str, AfterValidator(checks.ldap_url)] = setting(
        "",
        "Its address: `ldaps://HOST`, `ldap://HOST` (with StartTLS, but on this machine) or `ldapi://`.",
        shown="none",
    )
    base: str = setting("", "Name of the entry below which recipients are, such as `ou=people,dc=partner,dc=example`.")
    filter: Annotated[str, AfterValidator(checks.ldap_filter)] = setting(
        "(mail={address})", "Which entry is a recipient's (RFC 4515)."
    )
    user: str = setting("", "Name to ask under. Empty: anonymously.")
    password_file: Annotated[Path | None, AfterValidator(checks.absolute_or_none)] = setting(
        None, "File with the password of that name and nothing else, no line end either.", shown="none"
    )
    ca_file: Annotated[Path | None, AfterValidator(checks.absolute_or_none)] = setting(
        None, "PEM file with the authority of the server's certificate.", shown="those that the system trusts"
    )


class Status(Section):
    """Metrics and health over HTTP."""

    host: str = setting(
        "127.0.0.1", "Address to listen on. Anything but loopback shows metrics to others.", min_length=1
    )
    port: Count = setting(9_825, "Port for `/metrics`, `/healthz` and `/readyz`. 0: any free one.", ge=0, le=65_535)


class Console(Section):
    """The web application for officers, reviewers and auditors: `gatepost console`, docs/console.md."""

    host: str = setting(
        "127.0.0.1", "Address to listen on. Anything but loopback needs a certificate of its own.", min_length=1
    )
    port: Count = setting(9_826, "Port to listen on. 0: any free one.", ge=0, le=65_535)
    url: Annotated[str, AfterValidator(checks.origin)] = setting(
        "",
        "Where people find it, such as `https://review.clinic.example`: forms are taken from there alone, and notices "
        "point there. Empty: the address it listens on.",
    )
    certificate: Annotated[Path | None, AfterValidator(checks.absolute_or_none)] = setting(
        None, "Certificate with its chain, PEM, for TLS of its own.", shown="none: a proxy on this machine brings TLS"
    )
    certificate_key: Annotated[Path | None, AfterValidator(checks.absolute_or_none)] = setting(
        None, "Private key of that certificate, PEM, mode 0600.", shown="none"
    )
    proxies: tuple[str, ...] = setting(
        (), "Addresses of proxies whose `X-Forwarded-For` is believed, such as `127.0.0.1`.", shown="none"
    )
    workers: Count = setting(
        1, "Processes that read messages for the people at the console.", unit="processes", ge=1, le=32
    )
    candidates: Annotated[Path | None, AfterValidator(checks.absolute_or_none)] = setting(
        None, "Folder with rule sets, each in a folder of its own, that may be tried on held messages.", shown="none"
    )
    idle_minutes: Count = setting(15, "A session ends after so long without a request.", unit="minutes", ge=1, le=720)
    session_hours: Count = setting(10, "And after so long in any case.", unit="hours", ge=1, le=24)
    confirm_minutes: Count = setting(
        10,
        "How long the proof of a person holds for releasing, revealing and managing accounts. Then it is asked for "
        "again.",
        unit="minutes",
        ge=1,
        le=60,
    )


class OpenId(Section):
    """Signing in to the console at the organization's own provider (OpenID Connect): docs/console.md."""

    issuer: str = setting("", "The provider, as it names itself, such as `https://id.clinic.example`. Empty: none.")
    client_id: str = setting("gatepost", "What this console is called there.", min_length=1)
    secret_file: Annotated[Path | None, AfterValidator(checks.absolute_or_none)] = setting(
        None, "File with the secret that was given to this console, mode 0600.", shown="none"
    )
    ca_file: Annotated[Path | None, AfterValidator(checks.absolute_or_none)] = setting(
        None, "PEM file with the authorities of its certificate.", shown="those of the machine"
    )
    name: str = setting("your organization", "What people call it: it is on the button.", min_length=1, max_length=60)
    scopes: tuple[str, ...] = setting(("openid", "profile", "email"), "What is asked for; `openid` must be among it.")
    groups_claim: str = setting("groups", "Where the ID token says the groups of a person.", min_length=1)
    roles: dict[str, Literal["admin", "officer", "reviewer", "auditor", "helpdesk"]] = setting(
        dict,
        "Groups and the role of each, such as `{mail-officers: officer}`: the first that fits counts. Who is in none "
        "of them is not let in.",
        shown="none",
    )
    acr: tuple[str, ...] = setting((), "Values of `acr` that mean that a second factor was used.", shown="none")
    amr: tuple[str, ...] = setting(("mfa",), "Values of `amr` that mean it. One of these, or of `acr`, is demanded.")


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


class Notices(Section):
    """What senders and officers are told: docs/notices.md."""

    templates: Annotated[Path | None, AfterValidator(checks.absolute_or_none)] = setting(
        None,
        "Folder with texts of your own, such as `sender-held.txt`; `gatepost notices list` names them. A faulty one is "
        "said at start and reload, and the shipped text is used.",
        shown="none: the shipped texts",
    )
    at_once: Literal["none", "low", "medium", "high"] = setting(
        "high",
        "The officer is told at once of a held message whose rule is at least so severe, whether the rule asks for "
        "it or not. All others are in the digest.",
    )
    remind_days: Count = setting(
        5, "Held messages that will be destroyed within so many days are told.", unit="days", ge=1, le=365
    )


class Webhook(Section):
    """One receiver of events."""

    name: str = setting("", "What it is called in logs, metrics and commands.", pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    url: Annotated[str, AfterValidator(checks.webhook_url)] = setting("", "Where events are posted to: https alone.")
    secret_file: Place = setting(STATE / "webhook.secret", "File with the secret, mode 0600.")
    events: tuple[str, ...] = setting((), "Codes of the events that it gets.")
    ca_file: Annotated[Path | None, AfterValidator(checks.absolute_or_none)] = setting(
        None, "PEM file with the authorities of its certificate."
    )


class Webhooks(Section):
    """Audit events for a SIEM or ticket system, posted over https and signed: docs/webhooks.md."""

    receivers: tuple[Webhook, ...] = setting(
        (),
        "Each with `name`, `url` (https) and `secret-file`, and where wanted `events` (codes; without them all events) "
        "and `ca-file` (PEM).",
        shown="none",
    )
    folder: Place = setting(
        STATE / "webhooks", "How far each receiver has come, mode 0700.", shown="`webhooks` in `store.folder`"
    )

    @model_validator(mode="after")
    def _named_apart(self) -> "Webhooks":
        names = [receiver.name for receiver in self.receivers]
        if len(set(names)) != len(names) or not all(names):
            raise ValueError("each receiver needs a name of its own")
        return self


class Reports(Section):
    """Reports that `gatepost report … --mail` sends by itself, such as from a timer: docs/reports.md."""

    recipients: tuple[Annotated[str, AfterValidator(checks.address)], ...] = setting(
        (),
        "Who gets them. A certificate or OpenPGP key of each must be known (`gatepost recipients import`): a report "
        "never leaves in plain.",
        shown="none",
    )
    folder: Place = setting(
        STATE / "reports", "Where a copy of each stays, mode 0700.", shown="`reports` in `store.folder`"
    )


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


class Config(Section):
    """All settings, with defaults filled in. What is derived from `store.folder` is filled in before the check."""

    milter: Milter = Field(default_factory=Milter)
    workers: Workers = Field(default_factory=Workers)
    limits: Limits = Field(default_factory=Limits)
    policy: Policy = Field(default_factory=Policy)
    store: Store = Field(default_factory=Store)
    objects: Objects = Field(default_factory=Objects)
    audit: Audit = Field(default_factory=Audit)
    postfix: Postfix = Field(default_factory=Postfix)
    encryption: Encryption = Field(default_factory=Encryption)
    ldap: Ldap = Field(default_factory=Ldap)
    status: Status = Field(default_factory=Status)
    console: Console = Field(default_factory=Console)
    openid: OpenId = Field(default_factory=OpenId)
    retention: Retention = Field(default_factory=Retention)
    webhooks: Webhooks = Field(default_factory=Webhooks)
    notices: Notices = Field(default_factory=Notices)
    reports: Reports = Field(default_factory=Reports)
    traces: Traces = Field(default_factory=Traces)
    log: Log = Field(default_factory=Log)

    @model_validator(mode="before")
    @classmethod
    def _follow_store_folder(cls, plain: Any, info: ValidationInfo) -> Any:
        if not isinstance(plain, dict):
            return plain
        store = plain.get("store")
        folder = store.get("folder") if isinstance(store, dict) else None
        if not isinstance(folder, str | Path):
            return plain
        return _with_derived(plain, against(checks.base_of(info), Path(folder)))


def _with_derived(plain: dict[Any, Any], folder: Path) -> dict[Any, Any]:
    derived = {
        ("milter", "spool_folder"): folder / "spool",
        ("store", "database"): f"sqlite:///{folder}/gatepost.db",
        ("store", "keyring"): folder / "keyring.json",
        ("audit", "folder"): folder / "audit",
        ("reports", "folder"): folder / "reports",
        ("webhooks", "folder"): folder / "webhooks",
        ("encryption", "anchors"): folder / "anchors.pem",
        ("encryption", "gnupg_home"): folder / "gnupg",
    }
    for (section, name), value in derived.items():
        settings = plain.get(section, {})
        if isinstance(settings, dict) and not {name, kebab(name)} & settings.keys():
            plain = {**plain, section: {**settings, kebab(name): value}}
    return plain
