"""Sections on encrypting, and on where certificates are looked up."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator

from gateway.config import checks
from gateway.config.sections.base import STATE, Place, Seconds, Section, setting


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
