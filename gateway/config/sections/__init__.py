"""The sections of `gatepost.yaml`, by what they are about; `gateway.config.schema` puts them together."""
