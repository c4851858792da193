"""Which protection a recipient can read: keys, certificates, TLS lanes, and where they come from."""

from gateway.keys.book import KeyBook
from gateway.keys.directory import Directory
from gateway.keys.own import OwnKeys

__all__ = ["Directory", "KeyBook", "OwnKeys"]
