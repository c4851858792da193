"""What the policy decided, for each recipient, and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Disposition(IntEnum):
    """Strictest wins. `DEFER` never comes from a rule, only from a failure of ours."""

    DELIVER = 0
    QUARANTINE = 1
    BLOCK = 2
    DEFER = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class Method(StrEnum):
    """How a copy is protected on its way."""

    SMIME = "smime"
    PGP = "pgp"
    TLS = "tls"
    PORTAL = "portal"


@dataclass(frozen=True, slots=True)
class Means:
    """One way in which a recipient can be reached protected.

    `manner`: of TLS the lane (encrypt, secure or dane-only), of S/MIME the cipher (gcm or cbc), "" otherwise.
    """

    method: Method
    manner: str = ""


class Verb(StrEnum):
    """What a rule asks for. Disposing verbs decide the disposition; the others transform or tell."""

    DELIVER = "deliver"
    TAG = "tag"  # text: put before the subject
    ADD_HEADER = "add-header"  # name, value
    CHANGE_HEADER = "change-header"  # name, value
    REMOVE_HEADER = "remove-header"  # name
    NOTICE = "notice"  # text, html: appended to the body
    REMOVE_MARK = "remove-mark"  # text, or header: the sender's mark goes, it has done its work
    REDACT = "redact"  # entities, style "label" or "mask"
    REMOVE_ATTACHMENTS = "remove-attachments"  # name, type, only, text, otherwise
    ENCRYPT = "encrypt"  # prefer, otherwise, sign, subject, wish
    QUARANTINE = "quarantine"  # reviewers
    BLOCK = "block"
    COPY_TO = "copy-to"  # address
    NOTIFY = "notify"  # who: "sender", "officer" or an address


@dataclass(frozen=True, slots=True)
class Action:
    """One verb with its settings (plain strings, numbers and tuples of strings)."""

    verb: Verb
    settings: Mapping[str, object] = field(default_factory=dict)


# Telling somebody changes nothing about the message, so it comes before every change.
MILD_TO_STRICT = (
    Verb.DELIVER,
    Verb.NOTIFY,
    Verb.COPY_TO,
    Verb.REMOVE_MARK,
    Verb.ADD_HEADER,
    Verb.CHANGE_HEADER,
    Verb.REMOVE_HEADER,
    Verb.TAG,
    Verb.NOTICE,
    Verb.REDACT,
    Verb.REMOVE_ATTACHMENTS,
    Verb.ENCRYPT,
    Verb.QUARANTINE,
    Verb.BLOCK,
)


def strictest(actions: Iterable[Action]) -> Verb:
    """The verb that says most about a rule, for metrics and reports; `deliver` where there is none."""
    return max((action.verb for action in actions), key=MILD_TO_STRICT.index, default=Verb.DELIVER)


@dataclass(frozen=True, slots=True)
class RuleHit:
    """A rule that matched for at least one recipient. Under `monitor` it changed nothing.

    `status` is "monitor" too where a rule under enforce is rolled out to others first (`rollout`). `disposition` and
    `methods` are what the rule by itself asks for: the strictest over its recipients, and every method they would get.
    """

    rule: str
    area: str
    title: str
    severity: str
    status: str  # "enforce" or "monitor"
    recipients: tuple[str, ...]
    actions: tuple[Action, ...]
    entities: tuple[str, ...] = ()  # of the findings that its conditions counted
    disposition: Disposition = Disposition.DELIVER
    methods: tuple[Method, ...] = ()
    rollout: bool = False  # it is enforced for others, not yet for this message


@dataclass(frozen=True, slots=True)
class Step:
    """One condition of one rule for one recipient: what was asked, whether it held, what was seen (never content)."""

    rule: str
    recipient: str
    condition: str
    held: bool
    seen: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happens for one recipient."""

    recipient: str
    disposition: Disposition
    actions: tuple[Action, ...] = ()  # those that apply, strictest disposition's and the transforms, in rule order
    rules: tuple[str, ...] = ()  # enforced rules that matched
    method: Method | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`disposition` is the strictest of the outcomes."""

    disposition: Disposition
    policy_digest: str  # "sha256:…"
    outcomes: tuple[Outcome, ...]
    hits: tuple[RuleHit, ...] = ()
    trace: tuple[Step, ...] = ()
