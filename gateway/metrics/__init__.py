"""Every metric of the product, by what is measured. Labels come from closed sets: see `words`."""

import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry, Gauge, ProcessCollector

from gateway.metrics.copies import Copies
from gateway.metrics.evidence import Evidence
from gateway.metrics.messages import Messages
from gateway.metrics.policies import Policies
from gateway.metrics.sources import Sources
from gateway.metrics.words import Cause, Inspected, QuarantineLoad, Refusal, Stage, WorkersLoad

__all__ = ["Cause", "Inspected", "Metrics", "QuarantineLoad", "Refusal", "Stage", "WorkersLoad"]


class Metrics(Messages, Policies, Evidence, Copies, Sources):
    """All metrics, registered on `registry`. Safe for many threads. `clock` gives seconds since the epoch."""

    def __init__(self, registry: CollectorRegistry, clock: Callable[[], float] = time.time) -> None:
        super().__init__(registry, clock)
        self._define_messages()
        self._define_inspection()
        self._define_policy()
        self._define_audit()
        self._define_encryption()
        self._define_sources()
        build = Gauge("gatepost_build_info", "Version of the program", ["version"], registry=registry)
        build.labels(_version()).set(1)
        ProcessCollector(registry=registry)


def _version() -> str:
    try:
        return version("gatepost")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "unknown"
