"""Wires the rooms together: each module the only place that knows its implementations."""
