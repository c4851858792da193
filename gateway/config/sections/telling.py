"""Sections on what people and other systems are told."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, model_validator

from gateway.config import checks
from gateway.config.sections.base import STATE, Count, Place, Section, setting


class Notices(Section):
    """What senders and officers are told: docs/notices.md."""

    templates: Annotated[Path | None, AfterValidator(checks.absolute_or_none)] = setting(
        None,
        "Folder with texts of your own, such as `sender-held.txt`; `gatepost notices list` names them. A faulty one is "
        "said at start and reload, and the shipped text is used.",
        shown="none: the shipped texts",
    )
    at_once: Literal["none", "low", "medium", "high"] = setting(
        "high",
        "The officer is told at once of a held message whose rule is at least so severe, whether the rule asks for "
        "it or not. All others are in the digest.",
    )
    outcome: bool = setting(
        True,
        "Senders who were told that a message is held (`notify: sender`) are told what became of it: released, "
        "discarded, or destroyed because nobody decided in time.",
    )
    unread_days: Count = setting(
        7,
        "Senders of your own domains are told of messages at the portal that nobody has opened after so many days, and "
        "again when they are destroyed unread. 0: never.",
        unit="days",
        ge=0,
        le=365,
    )
    remind_days: Count = setting(
        5, "Held messages that will be destroyed within so many days are told.", unit="days", ge=1, le=365
    )


class Webhook(Section):
    """One receiver of events."""

    name: str = setting("", "What it is called in logs, metrics and commands.", pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    url: Annotated[str, AfterValidator(checks.webhook_url)] = setting("", "Where events are posted to: https alone.")
    secret_file: Place = setting(STATE / "webhook.secret", "File with the secret, mode 0600.")
    events: tuple[str, ...] = setting((), "Codes of the events that it gets.")
    ca_file: Annotated[Path | None, AfterValidator(checks.absolute_or_none)] = setting(
        None, "PEM file with the authorities of its certificate."
    )


class Webhooks(Section):
    """Audit events for a SIEM or ticket system, posted over https and signed: docs/webhooks.md."""

    receivers: tuple[Webhook, ...] = setting(
        (),
        "Each with `name`, `url` (https) and `secret-file`, and where wanted `events` (codes; without them all events) "
        "and `ca-file` (PEM).",
        shown="none",
    )
    folder: Place = setting(
        STATE / "webhooks", "How far each receiver has come, mode 0700.", shown="`webhooks` in `store.folder`"
    )

    @model_validator(mode="after")
    def _named_apart(self) -> "Webhooks":
        names = [receiver.name for receiver in self.receivers]
        if len(set(names)) != len(names) or not all(names):
            raise ValueError("each receiver needs a name of its own")
        return self


class Reports(Section):
    """Reports that `gatepost report … --mail` sends by itself, such as from a timer: docs/reports.md."""

    recipients: tuple[Annotated[str, AfterValidator(checks.address)], ...] = setting(
        (),
        "Who gets them. A certificate or OpenPGP key of each must be known (`gatepost recipients import`): a report "
        "never leaves in plain.",
        shown="none",
    )
    folder: Place = setting(
        STATE / "reports", "Where a copy of each stays, mode 0700.", shown="`reports` in `store.folder`"
    )
