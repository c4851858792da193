"""Encrypting copies of a message: S/MIME, PGP/MIME, and the TLS lane."""

from gateway.encrypt.errors import EncryptFailed
from gateway.encrypt.pgpmime import GnuPG
from gateway.encrypt.portal import Origin
from gateway.encrypt.protect import Manner, Protected, Protector

__all__ = ["EncryptFailed", "GnuPG", "Manner", "Origin", "Protected", "Protector"]
