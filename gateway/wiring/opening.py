"""Opens the stores that the configuration names: SQLite or PostgreSQL, a folder or an S3-compatible store."""

import configparser
import os
import secrets
import socket
import stat
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from gateway.config import Config
from gateway.core.errors import SetupError
from gateway.pickup import Pickups
from gateway.store.blobs import Blobs, BlobStore
from gateway.store.database import is_shared, open_database, open_for_reading, reading
from gateway.store.durable import make_folder, write_file
from gateway.store.errors import os_problem
from gateway.store.keyring import Keyring
from gateway.store.objects import Access, ObjectBlobs
from gateway.store.schema import pickups

CREDENTIALS = Path("/run/credentials")  # of systemd: there a group may read them, by an ACL
IDENTITY = "gateway-id"


def database_of(config: Config) -> sa.Engine:
    """The database, of this program's version. Raises SetupError, StoreUnusable."""
    return open_database(_url(config))


def database_as_it_is(config: Config) -> sa.Engine:
    """The same, for reading alone; nothing is made, nothing migrated. Raises SetupError, StoreUnusable."""
    return open_for_reading(_url(config))


def blobs_of(config: Config, keyring: Keyring) -> BlobStore:
    """Where sealed messages are. Raises SetupError, StoreUnusable."""
    if not config.store.blobs:
        return Blobs(config.store.folder / "blobs", keyring)
    return ObjectBlobs(access_of(config), keyring)


def pickups_of(config: Config, engine: sa.Engine, keyring: Keyring) -> Pickups | None:
    """What waits at the portal; None where there is no portal, and never was. Raises SetupError, StoreUnusable.

    What waited when the portal was switched off has to be destroyed in time all the same.
    """
    blobs = pickup_blobs_of(config, keyring, needed=_has_place(config) and _has_waited(engine))
    return Pickups(engine, blobs, keyring.derive("pickup"), config.portal.holds) if blobs is not None else None


def pickups_at_portal(config: Config, engine: sa.Engine, portal: Keyring) -> Pickups:
    """The same for the portal, which has its own keys alone. Raises SetupError, StoreUnusable."""
    blobs = _pickup_blobs(config, portal, wanted=True)
    assert blobs is not None  # it is wanted
    return Pickups(engine, blobs, portal.derive("pickup"), config.portal.holds)


def pickup_blobs_of(config: Config, keyring: Keyring, *, needed: bool = False) -> BlobStore | None:
    """Where the sealed messages of the portal are; None where there is no portal, nor one `needed`.

    They are sealed under the portal's keys. Those of older versions were under the gateway's, and open all the same.
    Raises SetupError, StoreUnusable.
    """
    return _pickup_blobs(config, keyring.for_portal().opening_too(keyring), wanted=config.portal.is_on or needed)


def _pickup_blobs(config: Config, ring: Keyring, *, wanted: bool) -> BlobStore | None:
    folder = config.store.folder / "pickups"
    if config.store.blobs:
        return ObjectBlobs(_beside(config), ring) if wanted else None
    return Blobs(folder, ring) if wanted or folder.is_dir() else None


def keep_portal_keys(config: Config, keyring: Keyring) -> bool:
    """Write the keys of the portal, made of those of the gateway; False where they are there. Raises SetupError."""
    return keyring.for_portal().keep(config.portal.keyring)


def portal_keys_fault(config: Config, keyring: Keyring | None = None) -> str:
    """Why the portal could do more than it has to, or could not open what is sealed from now on; "": neither.

    Without `keyring` it is not looked at whether its keys are those of today. Raises SetupError: they are unusable.
    """
    if not config.portal.is_on:
        return ""
    if not os.path.lexists(config.portal.keyring):
        return "the portal has no keys of its own, so it takes the whole keyring of the gateway"
    if keyring is not None and Keyring.load(config.portal.keyring).list() != keyring.for_portal().list():
        return "the keys of the portal are older than the keyring: what is sealed from now on does not open there"
    return ""


def _has_place(config: Config) -> bool:
    return not config.store.blobs or bool(access_of(config).prefix)


def _has_waited(engine: sa.Engine) -> bool:
    with reading(engine, once=True) as connection:
        return connection.execute(sa.select(pickups.c.id).limit(1)).one_or_none() is not None


def _beside(config: Config) -> Access:
    """A place of its own in the bucket, that no listing of held messages shows."""
    access = access_of(config)
    if not access.prefix:
        raise SetupError(
            "the portal needs a place of its own in the bucket: give store.blobs a prefix, such as s3://BUCKET/gatepost"
        )
    return replace(access, prefix=f"{access.prefix}-pickups")


def access_of(config: Config) -> Access:
    """How the S3-compatible store is reached. Raises SetupError."""
    bucket, _, prefix = config.store.blobs.removeprefix("s3://").partition("/")
    objects = config.objects
    key, secret = _credentials(objects.credentials_file)
    spool = config.milter.spool_folder if config.milter.spool_folder.is_dir() else None
    return Access(
        bucket, prefix, objects.endpoint, objects.region, key, secret, objects.ca_file, objects.seconds, spool
    )


def identity_of(config: Config, engine: sa.Engine, *, make: bool = False) -> str:
    """Which gateway this is to the others on its database: its name, and a mark that its folder keeps.

    A restart in the same folder is the same gateway; another machine of the same name is another. Without `make` a
    folder that has no mark yet stays so, and nobody knows that gateway. Raises SetupError.
    """
    name = config.store.gateway or socket.gethostname()
    if not is_shared(engine):
        return name
    path = config.store.folder / IDENTITY
    try:
        if not path.exists():
            if not make:
                return name
            make_folder(path.parent)
            write_file(path, f"{secrets.token_hex(8)}\n".encode())
        return f"{name}/{path.read_text('ascii').strip()}"
    except (OSError, UnicodeDecodeError) as error:
        problem = os_problem(error) if isinstance(error, OSError) else "it is damaged: remove it"
        raise SetupError(f"{path}: the mark of this gateway cannot be used: {problem}") from None


def postfix_of(config: Config, engine: sa.Engine) -> str:
    """The name of the Postfix whose log is followed; "": there is one alone."""
    return (config.postfix.name or socket.gethostname()) if is_shared(engine) else ""


def _url(config: Config) -> str:
    url, file = config.store.database, config.store.database_password_file
    if file is None:
        return url
    return make_url(url).set(password=secret_in(file).strip()).render_as_string(hide_password=False)


def _credentials(file: Path | None) -> tuple[str, str]:
    if file is None:
        return "", ""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(secret_in(file))
        section = parser["default"]
        return section["aws_access_key_id"], section["aws_secret_access_key"]
    except (configparser.Error, KeyError):
        raise SetupError(
            f"{file}: it needs [default] with aws_access_key_id and aws_secret_access_key, a line each"
        ) from None


def secret_in(file: Path) -> str:
    """What the file holds. SetupError: not there, open to others."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise SetupError(f"{file}: it cannot be read: {os_problem(error)}") from None
    with os.fdopen(descriptor, encoding="utf-8", errors="replace") as opened:
        mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
        if mode & 0o077 and CREDENTIALS.resolve() not in file.resolve().parents:
            raise SetupError(f"{file}: it has mode {mode:04o}, others could read the secret in it: chmod 600 it")
        return opened.read(65_536)
