"""Gatepost: an outbound mail filter for an existing Postfix."""
