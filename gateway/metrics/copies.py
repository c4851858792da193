"""Copies that left protected, as Postfix's log tells."""

from collections.abc import Callable

from prometheus_client import Counter, Gauge

from gateway.core.verdict import Method
from gateway.metrics.part import Part
from gateway.metrics.words import known, member


class Copies(Part):
    """Told of each delivery."""

    def _define_encryption(self) -> None:
        self._copies = Counter(
            "gatepost_protected_copies",
            "What Postfix's log says of copies that left protected, by recipient",
            ["method", "status", "tls"],
            registry=self.registry,
        )

        self._mail_log = Gauge(
            "gatepost_mail_log_readable",
            "1: Postfix's log is followed; 0: none is, or it cannot be read",
            registry=self.registry,
        )

        self._mail_log_failures = Counter(
            "gatepost_mail_log_failures",
            "What Postfix's log told and, by a mistake of ours, is written down nowhere",
            registry=self.registry,
        )

    def watch_mail_log(self, sees: Callable[[], bool]) -> None:
        """Ask `sees` at each scrape."""
        self._mail_log.set_function(lambda: float(sees()))

    def mail_log_failed(self) -> None:
        """Something of the log was lost, in a way that nobody foresaw."""
        self._mail_log_failures.inc()

    def copy_delivered(self, method: str, status: str, tls: str) -> None:
        """One copy came to `status` for one recipient; `tls` is how far the other server's certificate was checked."""
        self._copies.labels(
            member(method, Method),
            known(status, ("sent", "deferred", "bounced", "expired")),
            known(tls, ("verified", "trusted", "untrusted", "anonymous", "none")),
        ).inc()
