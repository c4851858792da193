"""Outlook messages ([MS-OXMSG]): properties are streams, attachments and recipients storages."""

import re
from collections.abc import Collection, Iterator, Mapping

from gateway.extract.formats.items import Inner, Item, Reading
from gateway.extract.formats.mapi import Properties, data_of, said

_PROPERTIES = "__properties_version1.0"
_VALUE = re.compile(r"__substg1\.0_([0-9a-f]{4})([0-9a-f]{4})")
_ATTACHED = re.compile(r"__attach_version1\.0_#[0-9a-f]{8}")
_MESSAGE = "__substg1.0_3701000d"

Storages = Mapping[tuple[str, ...], Mapping[str, bytes]]


def is_message(streams: Mapping[str, bytes]) -> bool:
    return _PROPERTIES in streams


def belongs(path: tuple[str, ...], messages: Collection[tuple[str, ...]]) -> bool:
    """Whether a storage is a message, or part of one, and no object in it: such a one stands where a message could."""
    return any(path[: len(message)] == message and _of_outlook(path[len(message) :]) for message in messages)


def _of_outlook(path: tuple[str, ...]) -> bool:
    return all(name.startswith("__") for name in path) and _MESSAGE not in path


def read_message(storages: Storages) -> Reading:
    """A message: its own words, those of its recipients, its files; messages attached to it in the same way."""
    yield from said(_properties(storages.get((), {})))
    for name in sorted({path[0] for path in storages if path}):
        if _ATTACHED.fullmatch(name):
            yield from _attached(name, storages)
        else:
            yield from said(_properties(storages.get((name,), {})))


def _attached(name: str, storages: Storages) -> Iterator[Item]:
    properties = _properties(storages.get((name,), {}))
    yield from said(properties)
    octets = data_of(properties)
    if octets:
        yield Inner(octets, properties.file_name)
    inside = {path[2:]: streams for path, streams in storages.items() if path[:2] == (name, _MESSAGE)}
    if () in inside and is_message(inside[()]):
        yield from read_message(inside)


def _properties(streams: Mapping[str, bytes]) -> Properties:
    properties = Properties()
    for name, octets in streams.items():
        found = _VALUE.match(name)
        if found:
            properties.values[int(found[1], 16), int(found[2], 16) & ~0x1000] = octets
    return properties
