"""Signing in at the organization's own provider (OpenID Connect Core 1.0), by code and PKCE (RFC 7636, RFC 9700)."""

from gateway.people.openid.accounts import Arrivals
from gateway.people.openid.flows import Flow, Flows
from gateway.people.openid.idtoken import Claims, Refused
from gateway.people.openid.provider import Provider, Terms

__all__ = ["Arrivals", "Claims", "Flow", "Flows", "Provider", "Refused", "Terms"]
