"""The policy in force and its reloads."""

from collections.abc import Collection
from datetime import datetime

from prometheus_client import Counter, Gauge

from gateway.core.detector import DetectorSpec
from gateway.metrics.part import Part
from gateway.metrics.words import start_at_zero


class Policies(Part):
    """Told of each load; from it the other metrics know which labels there are."""

    def _define_policy(self) -> None:
        self._policy_info = Gauge(
            "gatepost_policy_info", "Digest of the policy in force", ["digest"], registry=self.registry
        )
        self._policy_loaded = Gauge(
            "gatepost_policy_loaded_timestamp_seconds", "When the policy in force was loaded", registry=self.registry
        )
        self._policy_age = Gauge("gatepost_policy_age_seconds", "Age of the policy in force", registry=self.registry)
        self._reloads = Counter("gatepost_policy_reloads", "Loads of the policy", ["result"], registry=self.registry)
        self._reload_ok = Gauge(
            "gatepost_policy_last_load_ok", "1: the last load succeeded, 0: it failed", registry=self.registry
        )
        start_at_zero(self._reloads, ["ok", "failed"])

    def policy_loaded(
        self,
        digest: str,
        when: datetime,
        *,
        rules: Collection[str],
        areas: Collection[str],
        detectors: Collection[DetectorSpec],
    ) -> None:
        """A policy came into force. From now on its rules, areas, entities and detectors are the known labels."""
        self._labels.rules, self._labels.areas = frozenset(rules), frozenset(areas)
        self._labels.entities = frozenset(spec.entity for spec in detectors)
        self._labels.detectors = frozenset(spec.id for spec in detectors) | {"inspection"}
        self._policy_info.clear()
        self._policy_info.labels(digest).set(1)
        loaded = when.timestamp()
        self._policy_loaded.set(loaded)
        self._policy_age.set_function(lambda: max(0.0, self._clock() - loaded))
        self._reloads.labels("ok").inc()
        self._reload_ok.set(1)

    def policy_refused(self) -> None:
        """A load failed; the policy in force stays."""
        self._reloads.labels("failed").inc()
        self._reload_ok.set(0)
