"""The service's log: lines of names and numbers, for people, for collectors, for systemd's journal."""

from gateway.logs.lines import REFUSED, Format, Words, event, guarded, message_event, places, safe, setup

__all__ = ["REFUSED", "Format", "Words", "event", "guarded", "message_event", "places", "safe", "setup"]
