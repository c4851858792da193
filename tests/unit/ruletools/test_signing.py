"""A signed rule set: with keys that OpenSSL made, and everything that somebody could change."""

import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from gateway.app import trusted_rules
from gateway.config import load_config
from gateway.detect.database import Shelf
from gateway.ruleset import load_ruleset, signing
from gateway.ruleset.signing import SignatureRefused, load_signed, read_public_key

Call = Callable[..., Result]
NETWORK = Path(__file__).parents[3] / "models" / "care-classifier" / "network.npz"


def make_key(folder: Path, name: str, kind: str = "ed25519") -> tuple[Path, Path]:
    private, public = folder / f"{name}.pem", folder / f"{name}.pub.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", kind, "-out", private], check=True, capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", public], check=True, capture_output=True)
    return private, public


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    """A private and a public key in PEM."""
    return make_key(tmp_path, "officer")


@pytest.fixture
def signed(rules: Path, call: Call, keys: tuple[Path, Path]) -> Path:
    """The rule set, signed; a detector of it takes its words from elsewhere, and one its weights and its network."""
    (rules.parent / "words.txt").write_text("ward\n", "utf-8")
    (rules.parent / "weights.txt").write_text("-100\n200 fever\n", "utf-8")
    shutil.copy(NETWORK, rules.parent / "care.npz")
    care = (
        "id: care\nentity: CARE\ntitle: Care\ngroups: [own]\nclassifier: ../../weights.txt\nnetwork: ../../care.npz\n"
    )
    (rules / "detectors" / "care.yaml").write_text(care, "utf-8")
    own = "id: own\nentity: OWN\ntitle: Own\ngroups: [own]\nlexicon: ../../words.txt\n"
    (rules / "detectors" / "own.yaml").write_text(own, "utf-8")
    result = call("rules", "sign", "--key", keys[0], "--signer", "privacy@clinic.example")
    assert result.exit_code == 0, result.output
    return rules


def test_a_signed_rule_set_loads(signed: Path, keys: tuple[Path, Path], call: Call) -> None:
    """It says who signed, when, and how many files."""
    ruleset, by = load_signed(signed / "policy.yaml", read_public_key(keys[1]))

    assert [rule.id for rule in ruleset.policy.rules][-1] == "local-ssn"
    assert (by.signer, by.files) == ("privacy@clinic.example", 7)
    said = json.loads(call("rules", "verify", "--key", keys[1], "--format", "json").stdout)
    assert (said["signer"], said["digest"], said["key"]) == ("privacy@clinic.example", ruleset.digest, by.key)


def changed_rule(rules: Path) -> None:
    file = rules / "packs" / "local" / "local-ssn.yaml"
    file.write_text(file.read_text("utf-8").replace("enforce", "monitor"), "utf-8")


def added_rule(rules: Path) -> None:
    (rules / "packs" / "local" / "local-more.yaml").write_text("id: local-more\n", "utf-8")


def hidden_detector(rules: Path) -> None:
    (rules / "detectors" / ".more.yaml").write_text("id: more\n", "utf-8")


def longer_list(rules: Path) -> None:
    with (rules / "lists" / "partners.txt").open("a") as file:
        file.write("evil.example\n")


def other_words(rules: Path) -> None:
    (rules.parent / "words.txt").write_text("ward\nclinic\n", "utf-8")


def other_network(rules: Path) -> None:
    with zipfile.ZipFile(rules.parent / "care.npz", "a") as file:
        file.writestr("more.npy", b"")


def gone_detector(rules: Path) -> None:
    (rules / "detectors" / "credit-card.yaml").unlink()


def linked_pack(rules: Path) -> None:
    (rules / "packs" / "local").rename(rules / "elsewhere")
    (rules / "packs" / "local").symlink_to(rules / "elsewhere")


def no_signature(rules: Path) -> None:
    (rules / "signature.json").unlink()


def half_a_signature(rules: Path) -> None:
    file = rules / "signature.json"
    file.write_text(file.read_text("utf-8")[:200], "utf-8")


def another_signer(rules: Path) -> None:
    file = rules / "signature.json"
    file.write_text(file.read_text("utf-8").replace("privacy@", "someone@"), "utf-8")


CHANGES = [
    (changed_rule, "local-ssn.yaml: changed since it was signed"),
    (added_rule, "local-more.yaml: was not there when the rules were signed"),
    (hidden_detector, ".more.yaml: was not there"),
    (longer_list, "partners.txt: changed since"),
    (other_words, "the model or list of own is not the one that was signed"),
    (other_network, "the model or list of care is not the one that was signed"),
    (gone_detector, "credit-card.yaml: was signed and is gone"),
    (linked_pack, "a link to a folder cannot be signed"),
    (no_signature, "the rules are not signed: run `gatepost rules sign`"),
    (half_a_signature, "this is not a signature of rules"),
    (another_signer, "the file was changed"),
]


@pytest.mark.parametrize(("change", "problem"), CHANGES, ids=[change.__name__ for change, _ in CHANGES])
def test_whatever_was_changed_is_refused_and_named(
    signed: Path, keys: tuple[Path, Path], call: Call, change: Callable[[Path], None], problem: str
) -> None:
    """With the file, and exit code 3."""
    change(signed)

    result = call("rules", "verify", "--key", keys[1])

    assert result.exit_code == 3
    assert problem in result.stderr


def test_another_key_is_refused(signed: Path, tmp_path: Path, call: Call) -> None:
    """Somebody else's signature is none."""
    _, other = make_key(tmp_path, "other")

    assert call("rules", "verify", "--key", other).exit_code == 3


def test_a_file_touched_while_the_rules_are_loaded_is_refused(
    signed: Path, keys: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written and put back: the digests before and after are right, what was loaded is not."""
    rule = signed / "packs" / "local" / "local-ssn.yaml"
    right = rule.read_text("utf-8")

    def hostile(policy_file: Path, *, proofs: Shelf | None) -> object:
        rule.write_text(right.replace("enforce", "draft"), "utf-8")
        loaded = load_ruleset(policy_file, proofs=proofs)
        rule.write_text(right, "utf-8")
        return loaded

    monkeypatch.setattr(signing, "load_ruleset", hostile)

    with pytest.raises(SignatureRefused, match="touched while the rules were loaded"):
        load_signed(signed / "policy.yaml", read_public_key(keys[1]))


def test_rules_with_a_mistake_are_not_signed(rules: Path, keys: tuple[Path, Path], call: Call) -> None:
    """The officer learns of it, not the gateway."""
    added_rule(rules)

    assert call("rules", "sign", "--key", keys[0]).exit_code == 2
    assert not (rules / "signature.json").exists()


@pytest.mark.parametrize("name", ["officer.pub.pem", "rsa.pem", "nothing.pem"])
def test_a_key_of_another_kind_is_refused(rules: Path, tmp_path: Path, call: Call, keys: object, name: str) -> None:
    """In plain words."""
    make_key(tmp_path, "rsa", "RSA")

    result = call("rules", "sign", "--key", tmp_path / name)

    assert result.exit_code in (2, 6)
    assert "key" in result.stderr or "No such file" in result.stderr


def test_a_sealed_key_asks_for_its_passphrase(rules: Path, tmp_path: Path, call: Call, keys: tuple[Path, Path]) -> None:
    """Not on the command line, where others would see it."""
    sealed = tmp_path / "sealed.pem"
    subprocess.run(
        ["openssl", "pkey", "-in", keys[0], "-aes256", "-passout", "pass:canary", "-out", sealed],
        check=True,
        capture_output=True,
    )

    assert call("rules", "sign", "--key", sealed, stdin="wrong\n").exit_code == 2
    result = call("rules", "sign", "--key", sealed, stdin="canary\n")

    assert result.exit_code == 0
    assert "canary" not in result.output


def test_the_configuration_demands_a_signature(signed: Path, keys: tuple[Path, Path], tmp_path: Path) -> None:
    """`serve` and its reload take such a set alone; without the setting they ask for none."""
    settings = tmp_path / "demands.yaml"
    policy = f"policy: {{file: {signed / 'policy.yaml'}"
    settings.write_text(f"{policy}, require-signature: {keys[1].name}}}\n", "utf-8")
    config = load_config(settings, {})

    ruleset, by = trusted_rules(config)
    assert by is not None
    assert by.signer == "privacy@clinic.example"
    changed_rule(signed)
    with pytest.raises(SignatureRefused):
        trusted_rules(config)

    settings.write_text(policy + "}\n", "utf-8")
    unsigned, nobody = trusted_rules(load_config(settings, {}))
    assert nobody is None
    assert unsigned.digest != ruleset.digest
