"""Messages that wait for their recipients: what the portal will open. Its web pages are another room."""

from gateway.pickup.store import Pickup, Pickups, PickupUnknown

__all__ = ["Pickup", "PickupUnknown", "Pickups"]
