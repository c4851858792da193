"""Audit events for other systems over https, signed. The audit log is the queue: nothing is lost, no mail waits."""

from gateway.webhooks.receiver import Receiver, receivers_of
from gateway.webhooks.sender import Sender, Senders

__all__ = ["Receiver", "Sender", "Senders", "receivers_of"]
