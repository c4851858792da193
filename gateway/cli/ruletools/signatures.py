"""`gatepost rules sign` and `verify`: who answers for a rule set, and that nobody changed it since."""

import getpass
import os
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.output import ConfigOption, Form, FormOption, write_json, write_pairs
from gateway.cli.scan import PolicyOption
from gateway.config import load_config
from gateway.core.errors import SetupError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def sign(
    key: Annotated[Path, typer.Option("--key", help="An Ed25519 private key in PEM. Keep it off this machine.")],
    signer: Annotated[
        str | None, typer.Option("--signer", help="Who answers for it. Default: you.", show_default=False)
    ] = None,
    policy: PolicyOption = None,
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Sign all files of the rule set, and the models that its detectors name, into signature.json beside the policy."""
    from gateway.ruleset.signing import sign as put

    chosen = policy or load_config(config_file, os.environ).policy.file
    who = signer or os.environ.get("SUDO_USER") or getpass.getuser()
    signed = put(chosen, _private_key(key), signer=who, when=datetime.now(UTC))
    _show({"policy": str(chosen), **asdict(signed)}, form)


def verify(
    key: Annotated[
        Path | None,
        typer.Option("--key", help="The public key in PEM. Default: policy.require-signature.", show_default=False),
    ] = None,
    policy: PolicyOption = None,
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Check that the rule set is the one that was signed with this key; exit code 3 where it is not."""
    from gateway.ruleset.signing import load_signed, read_public_key

    config = load_config(config_file, os.environ)
    file = key or config.policy.require_signature
    if file is None:
        raise typer.BadParameter("give the public key, or set policy.require-signature", param_hint="--key")
    chosen = policy or config.policy.file
    ruleset, signed = load_signed(chosen, read_public_key(file))
    _show({"policy": str(chosen), "digest": ruleset.digest, **asdict(signed)}, form)


def _show(facts: dict[str, object], form: Form) -> None:
    if form is Form.JSON:
        write_json(facts)
    else:
        write_pairs(facts)


def _private_key(file: Path) -> "Ed25519PrivateKey":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    octets = file.read_bytes()
    try:
        try:
            key = load_pem_private_key(octets, None)
        except TypeError:  # it is sealed with a passphrase
            passphrase = typer.prompt("Passphrase of the key", hide_input=True, err=True)
            key = load_pem_private_key(octets, str(passphrase).encode())
    except ValueError:
        raise SetupError(f"{file}: this is not an Ed25519 private key in PEM, or the passphrase is wrong") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SetupError(f"{file}: this is not an Ed25519 key: make one with openssl genpkey -algorithm ed25519")
    return key
