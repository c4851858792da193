"""Faults of gatepost.yaml, of the gateway that runs, and of its rules."""

from datetime import UTC, datetime

from gateway.ruleset.signing import sign
from tests.makers.patient import Patient
from tests.makers.planted.base import entry_of, fault

# --- gatepost.yaml ------------------------------------------------------------------------------------------------


@fault("listener-missing")
def nowhere_to_hand_back(p: Patient) -> None:
    p.set("postfix", submit_port=1)


@fault("reading-time")
def attachments_take_all_the_time(p: Patient) -> None:
    p.set("limits", seconds=30)


@fault("unpacking")
def more_unpacked_than_memory(p: Patient) -> None:
    p.set("limits", unpacked_bytes=900 << 20)


@fault("memory")
def more_workers_than_memory(p: Patient) -> None:
    p.changes["memory"] = lambda: 256 << 20


@fault("status-access")
def metrics_for_everybody(p: Patient) -> None:
    p.set("status", host="0.0.0.0")


@fault("socket-access")
def a_milter_for_everybody(p: Patient) -> None:
    p.set("milter", socket="inet:8891@0.0.0.0")


@fault("password")
def a_password_in_view(p: Patient) -> None:
    p.set("store", database="postgresql+psycopg://gatepost:secret@db.example/gatepost")
    p.config.chmod(0o644)


# --- the running gateway ------------------------------------------------------------------------------------------


@fault("milter")
def nobody_answers_the_milter(p: Patient) -> None:
    (p.queue / "gatepost" / "other.sock").unlink(missing_ok=True)
    p.set("milter", socket=f"unix:{p.queue}/gatepost/other.sock")
    entry = entry_of(p).replace("milter.sock", "other.sock")
    p.main(f"smtpd_milters={entry}", f"non_smtpd_milters={entry}")


@fault("metrics")
def no_metrics(p: Patient) -> None:
    p.set("status", port=1)


@fault("rules-taken")
def rules_that_were_not_taken(p: Patient) -> None:
    file = next((p.rules / "packs").rglob("*.yaml"))
    file.write_text(file.read_text() + "\n# a word\n")


# --- rules --------------------------------------------------------------------------------------------------------


@fault("rules")
def rules_with_a_fault(p: Patient) -> None:
    file = next((p.rules / "packs").rglob("*.yaml"))
    file.write_text(file.read_text() + "\nno-such-key: 1\n")


@fault("rules")
def rules_that_nobody_signed(p: Patient) -> None:
    _demand_signature(p)


@fault("rules")
def a_list_that_was_changed_since_it_was_signed(p: Patient) -> None:
    _demand_signature(p, signed=True)
    (p.rules / "lists" / "more.txt").write_text("x.example\n")


@fault("writable")
def rules_that_others_may_write(p: Patient) -> None:
    (p.rules / "policy.yaml").chmod(0o666)


def _demand_signature(p: Patient, *, signed: bool = False) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from gateway.audit.chain import public_pem

    key = Ed25519PrivateKey.generate()
    (p.folder / "rules.pub.pem").write_bytes(public_pem(key.public_key()))
    (p.rules / "lists").mkdir(exist_ok=True)
    p.set("policy", require_signature=str(p.folder / "rules.pub.pem"))
    if signed:
        sign(p.rules / "policy.yaml", key, signer="test", when=datetime.now(UTC))
