"""YAML with positions, for rules, detectors and `gatepost.yaml`: a safe subset, and every mistake as a `Fault`.

Plain values mean what the core schema of YAML 1.2 says (chapter 10.3): only `true` and `false` are booleans, so `no`
for Norway is the text "no". Tags, anchors, aliases and several documents in a file are refused: nothing here executes
or multiplies anything. Built on PyYAML's events, so nothing recurses and no message of PyYAML reaches a reader.
"""

from gateway.documents.build import MAX_DEPTH, MAX_NODES
from gateway.documents.load import MAX_BYTES, decode_octets, load_document, parse_document, parse_octets, read_octets
from gateway.documents.node import Kind, Node, nearest

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_NODES",
    "Kind",
    "Node",
    "decode_octets",
    "load_document",
    "nearest",
    "parse_document",
    "parse_octets",
    "read_octets",
]
