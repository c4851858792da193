"""One `gatepost.yaml`, checked by a schema: see docs/configuration.md, which is generated from it."""

from gateway.config.kept import kept, kept_places, refuse_lost
from gateway.config.load import configuration_file, keyring_file, load_config
from gateway.config.places import shipped
from gateway.config.premises import premises
from gateway.config.reference import effective, reference
from gateway.config.schema import Config

__all__ = [
    "Config",
    "configuration_file",
    "effective",
    "kept",
    "kept_places",
    "keyring_file",
    "load_config",
    "premises",
    "reference",
    "refuse_lost",
    "shipped",
]
