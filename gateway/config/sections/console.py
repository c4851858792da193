"""Sections on the review console and on signing in."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator

from gateway.config import checks
from gateway.config.sections.base import Count, Section, setting


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
