"""Section on the portal, where recipients without any means of their own read what waits for them."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, model_validator

from gateway.config import checks
from gateway.config.sections.base import STATE, Count, Place, Section, setting


class Portal(Section):
    """Messages that wait for recipients who can read nothing encrypted: `gatepost portal`, docs/portal.md."""

    url: Annotated[str, AfterValidator(checks.public_site)] = setting(
        "",
        "Where recipients find it, such as `https://messages.clinic.example`: every link begins with it. Empty: there "
        "is no portal, and the method `portal` counts as unavailable.",
    )
    organization: str = setting(
        "", "The name of your organization as recipients read it. Needed with `url`.", max_length=120
    )
    sender: Annotated[str, AfterValidator(checks.address_or_none)] = setting(
        "", "From of the mails with codes, such as `messages@clinic.example`. Needed with `url`."
    )
    contact: str = setting(
        "",
        "Whom recipients can ask, such as a telephone number: it is on every page.",
        max_length=200,
        shown="the sender of the message",
    )
    host: str = setting(
        "127.0.0.1", "Address to listen on. Anything but loopback needs a certificate of its own.", min_length=1
    )
    port: Count = setting(9_827, "Port to listen on. 0: any free one.", ge=0, le=65_535)
    certificate: Annotated[Path | None, AfterValidator(checks.absolute_or_none)] = setting(
        None, "Certificate with its chain, PEM, for TLS of its own.", shown="none: a proxy on this machine brings TLS"
    )
    certificate_key: Annotated[Path | None, AfterValidator(checks.absolute_or_none)] = setting(
        None, "Private key of that certificate, PEM, mode 0600.", shown="none"
    )
    proxies: tuple[str, ...] = setting(
        (), "Addresses of proxies whose `X-Forwarded-For` is believed, such as `127.0.0.1`.", shown="none"
    )
    keyring: Place = setting(
        STATE / "portal-keyring.json",
        "File with the keys of the portal, mode 0600: they open what waits, nothing held, and sign nothing of the "
        "gateway's. The gateway writes it when it starts, `gatepost keys portal` at any time. Where it is not there "
        "the portal takes the keyring of the gateway.",
        shown="`portal-keyring.json` in `store.folder`",
    )
    evidence: Literal["gateway", "own"] = setting(
        "gateway",
        "Who writes what recipients do into the audit log: `gateway`, which is told of it by `evidence.sock` in "
        "`store.folder`; or `own`, on a machine without a gateway: the portal, in `audit.folder`, signed with a key of "
        "its own.",
    )
    days: Count = setting(
        30, "A message waits for so long; then it is destroyed, opened or not.", unit="days", ge=1, le=365
    )
    idle_minutes: Count = setting(
        15, "A message is closed after so long without a request.", unit="minutes", ge=1, le=120
    )
    session_minutes: Count = setting(60, "And after so long in any case.", unit="minutes", ge=5, le=720)

    @property
    def is_on(self) -> bool:
        return bool(self.url)

    @property
    def holds(self) -> timedelta:
        """For how long a message waits."""
        return timedelta(days=self.days)

    @model_validator(mode="after")
    def _complete(self) -> "Portal":
        if self.url and not (self.organization and self.sender):
            raise ValueError("url needs organization and sender beside it: recipients read who writes to them")
        return self
