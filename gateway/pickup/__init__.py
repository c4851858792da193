"""Messages that wait for their recipients: sealed, with codes and sessions. Their web pages are another room."""

from gateway.pickup.model import Kept, NewPickup, Pickup, PickupUnknown, State
from gateway.pickup.store import Pickups

__all__ = ["Kept", "NewPickup", "Pickup", "PickupUnknown", "Pickups", "State"]
