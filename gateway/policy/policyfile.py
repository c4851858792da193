"""`policy.yaml`: who we are, the packs in use, and what happens where no rule says anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.documents import Node
from gateway.policy.conditions.trouble import OPAQUE_REASONS
from gateway.policy.kinds import Choice, ContentType, Line, ListFile, Size, address, domain
from gateway.policy.model import MIXED_RECIPIENTS
from gateway.policy.settings import Form, Many, Nested, Notes, Readings, Setting, values_of

_DO = Choice(("deliver", "quarantine", "block"), "something to do")

ORGANIZATION = Form(
    "organization",
    (
        Setting("name", Line(), required=True),
        Setting("domains", Many(domain()), required=True),
        Setting("officers", Many(address()), required=True),
        Setting("notices-from", address(), required=True),
        Setting("partners", ListFile()),
    ),
)
STREAMS = Form("streams", (Setting("marketing", ListFile()), Setting("transactional", ListFile())))
HARMLESS = Form(
    "harmless",
    (Setting("types", Many(ContentType()), required=True), Setting("up-to", Size(), required=True)),
)
DEFAULTS = Form(
    "defaults",
    (
        Setting("failure", _DO),
        Setting("ambiguous", _DO),
        Setting("opaque", Nested(Form("opaque", tuple(Setting(reason, _DO) for reason in OPAQUE_REASONS)))),
        Setting("harmless", Nested(HARMLESS)),
    ),
)
POLICY = Form(
    "policy.yaml",
    (
        Setting("organization", Nested(ORGANIZATION), required=True),
        Setting("mixed-recipients", Choice(MIXED_RECIPIENTS, "a way to treat mixed recipients")),
        Setting("streams", Nested(STREAMS)),
        Setting("packs", Many(Line()), required=True),
        Setting("defaults", Nested(DEFAULTS)),
    ),
)


@dataclass(frozen=True, slots=True)
class Defaults:
    """What happens without a rule. What is not given quarantines."""

    failure: str
    ambiguous: str
    opaque: Mapping[str, str]  # by reason, every reason
    harmless_types: tuple[str, ...] = ()
    harmless_up_to: int = 0


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """`policy.yaml` after the schema pass."""

    organization: Readings
    streams: Readings
    mixed_recipients: Any
    defaults: Defaults


def read_policy(node: Node, notes: Notes) -> PolicyDraft | None:
    """The schema pass. None where it is unusable; all that is wrong goes to `notes`."""
    readings = POLICY.read(node, notes)
    if readings is None:
        return None
    values = values_of(readings)
    return PolicyDraft(
        organization=values["organization"],
        streams=values.get("streams", {}),
        mixed_recipients=values.get("mixed_recipients", MIXED_RECIPIENTS[0]),
        defaults=_defaults(values_of(values.get("defaults", {}))),
    )


def _defaults(values: Mapping[str, Any]) -> Defaults:
    opaque = {name: reading.value for name, reading in values.get("opaque", {}).items()}
    harmless = values_of(values.get("harmless", {}))
    return Defaults(
        failure=values.get("failure", "quarantine"),
        ambiguous=values.get("ambiguous", "quarantine"),
        opaque={reason: opaque.get(reason, "quarantine") for reason in OPAQUE_REASONS},
        harmless_types=harmless.get("types", ()),
        harmless_up_to=harmless.get("up_to", 0),
    )
