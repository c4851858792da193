"""Who may do what: one table, read by every use case, every page and the API. docs/console.md shows it."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.core.errors import GatepostError
from gateway.people import Role


class Act(StrEnum):
    """What can be done. The names are the scopes of tokens too."""

    OVERVIEW = "overview"  # counts over time, ages, rates
    LIST_ITEMS = "list-items"  # that there is an item, its state and its addresses
    SEE_ITEM = "see-item"  # why it is held, findings masked
    REVEAL = "reveal"  # the message itself, with a reason
    DOWNLOAD = "download"  # the message as a file
    RELEASE = "release"  # hand it to Postfix
    DISCARD = "discard"  # destroy it, or return it to its sender
    WORK = "work"  # assign, comment, mark
    HOLD = "hold"  # legal hold
    RULES = "rules"  # read the rules in force
    TRY = "try"  # have a message of one's own explained
    AUDIT = "audit"  # read and verify the evidence
    EXPORT_AUDIT = "export-audit"  # take it away, with proof
    REPORT = "report"  # have reports made of it
    REPLAY = "replay"  # judge held messages by a candidate rule set
    SEE_PEOPLE = "see-people"
    MANAGE_PEOPLE = "manage-people"


_LOOKS = frozenset({Act.OVERVIEW, Act.LIST_ITEMS, Act.SEE_ITEM, Act.RULES})
_DECIDES = _LOOKS | {Act.REVEAL, Act.RELEASE, Act.DISCARD, Act.WORK, Act.TRY, Act.REPLAY}

RIGHTS: dict[Role, frozenset[Act]] = {
    Role.ADMIN: frozenset({Act.OVERVIEW, Act.RULES, Act.TRY, Act.SEE_PEOPLE, Act.MANAGE_PEOPLE}),
    Role.OFFICER: _DECIDES | {Act.DOWNLOAD, Act.HOLD, Act.AUDIT, Act.EXPORT_AUDIT, Act.REPORT, Act.SEE_PEOPLE},
    Role.REVIEWER: _DECIDES,
    Role.AUDITOR: _LOOKS | {Act.REVEAL, Act.AUDIT, Act.EXPORT_AUDIT, Act.REPORT, Act.SEE_PEOPLE},
    Role.HELPDESK: frozenset({Act.LIST_ITEMS}),
}

# Shown where they stand in a table or a form.
MEANING: dict[Act, str] = {
    Act.OVERVIEW: "see the overview",
    Act.LIST_ITEMS: "see which messages are held, and what became of them",
    Act.SEE_ITEM: "see why a message is held, values masked",
    Act.REVEAL: "reveal a message, with a reason",
    Act.DOWNLOAD: "download a message",
    Act.RELEASE: "release a message",
    Act.DISCARD: "discard a message or return it to its sender",
    Act.WORK: "assign, comment, and mark findings true or false",
    Act.HOLD: "put a legal hold on a message, or lift it",
    Act.RULES: "read the rules in force",
    Act.TRY: "have a message of one's own explained",
    Act.AUDIT: "read and verify the audit log",
    Act.EXPORT_AUDIT: "export the audit log with proof",
    Act.REPORT: "have reports made",
    Act.REPLAY: "judge held messages by a candidate rule set",
    Act.SEE_PEOPLE: "see who has an account",
    Act.MANAGE_PEOPLE: "add, disable and reset accounts, revoke tokens",
}

# A program has no telephone: what asks for a fresh proof of a person cannot be done by a token.
NOT_BY_TOKEN = frozenset({Act.REVEAL, Act.DOWNLOAD, Act.REPORT, Act.REPLAY, Act.MANAGE_PEOPLE})


class Forbidden(GatepostError):
    """The role, or the token, does not allow it."""


class PersonNeeded(Forbidden):
    """A program cannot do it, whatever its token allows."""


class ConfirmationNeeded(GatepostError):
    """The person must prove once more who it is."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `scopes` None: a person, who may do all that the role allows. `confirmed`: proved lately who it is.

    `token`: the id of the token by which a program asks in the name of its owner.
    """

    name: str
    role: Role
    address: str = ""
    client: str = ""
    scopes: frozenset[str] | None = None
    confirmed: bool = False
    token: str = ""

    @property
    def is_program(self) -> bool:
        return self.scopes is not None

    def may(self, act: Act) -> bool:
        """Whether the role has the right, and the token too where there is one."""
        if self.scopes is not None and (act in NOT_BY_TOKEN or act.value not in self.scopes):
            return False
        return act in RIGHTS[self.role]
