"""Wires what senders hear of messages that were held: the voice of the organization, the stores, the way to Postfix."""

from datetime import timedelta

from gateway.config import Config
from gateway.notices.aftermath import Aftermath, Telling
from gateway.notices.voice import notices_of
from gateway.policy.organization import Organization
from gateway.quarantine.outcomes import Outcomes
from gateway.wiring.stored import Stored, now


def aftermath_of(config: Config, stored: Stored, organization: Organization) -> Aftermath:
    """With the notices and settings of the organization."""
    settings, (notices, _) = config.notices, notices_of(config, organization)
    unread = timedelta(days=settings.unread_days) if settings.unread_days else None
    telling = Telling(notices, organization, settings.outcome, unread)
    return Aftermath(telling, Outcomes(stored.engine), stored.pickups, stored.submitter, stored.audit, now)
