"""Traces of messages at a collector: what they tell, and what not. Without a collector nothing of it is loaded."""

import gzip
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from gateway.demo.letters import letter
from gateway.demo.site import Site

Build = Callable[..., Site]
CANARY = "periwinkle-canary"
STAGES = {"parse", "extract", "detect", "decide", "plan"}


class Collector:
    """Takes OTLP over HTTP; `status` is what it answers."""

    def __init__(self, status: int = 200) -> None:
        self.bodies: list[bytes] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.bodies.append(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1/traces"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def traces(self) -> list[dict[str, list[Span]]]:
        """Spans by name, of each message in the order in which they began."""
        found: dict[bytes, dict[str, list[Span]]] = {}
        for body in self.bodies:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for span in (span for scope in resource.scope_spans for span in scope.spans):
                    found.setdefault(span.trace_id, {}).setdefault(span.name, []).append(span)
        return sorted(found.values(), key=lambda spans: spans["message"][0].start_time_unix_nano)


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.close()


def facts(span: Span) -> dict[str, str | int]:
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


def test_the_way_of_each_message_is_told_and_nothing_that_it_says(build_site: Build, collector: Collector) -> None:
    """Delivered, held, refused, deferred since no notice can be sent: a trace each, every stage inside of its whole."""
    site = build_site({"traces": {"endpoint": collector.url}, "postfix": {"submit-port": 1}})
    for subject in ("plain", "case-hold", "case-block", "case-tell"):
        site.send(letter(f"{subject} {CANARY}", f"{CANARY} 536-22\r\n".encode()), "bo@partner.example")
    site.gateway.stop()

    traces = collector.traces()
    for spans in traces:
        _are_nested(spans)
    told = [facts(spans["message"][0]) for spans in traces]
    assert [each["gatepost.disposition"] for each in told] == ["deliver", "quarantine", "block", "quarantine"]
    assert [each["gatepost.reply"] for each in told] == [250, 250, 550, 451]
    assert "audit acted" in traces[1]
    assert [spans["message"][0].status.code == Status.STATUS_CODE_ERROR for spans in traces] == [False] * 3 + [True]
    assert str(facts(traces[3]["act"][0])["error.type"]).startswith("Submit")
    assert not any(span.events for spans in traces for group in spans.values() for span in group)
    octets = b"".join(collector.bodies)
    for secret in (CANARY, "536-22", "bo@partner.example", "nurse", "clinic.example"):
        assert secret.encode() not in octets


def _are_nested(spans: dict[str, list[Span]]) -> None:
    """Each within the time of the one that it belongs to."""
    (message,) = spans["message"]
    assert set(spans) >= STAGES | {"message", "receive", "inspect", "act", "audit decided"}
    below = {span.span_id: span for group in spans.values() for span in group}
    for span in below.values():
        outer = below.get(span.parent_span_id, message)
        assert outer.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano
        assert span.end_time_unix_nano <= outer.end_time_unix_nano
    assert all(below[spans[stage][0].parent_span_id].name == "inspect" for stage in STAGES)
    assert below[spans["audit decided"][0].parent_span_id].name == "act"


def test_mail_does_not_mind_a_collector_that_is_away(build_site: Build) -> None:
    """Delivered as always, and the gateway stops in its time."""
    site = build_site({"traces": {"endpoint": "http://127.0.0.1:1/v1/traces"}})

    assert site.send(letter("plain"), "bo@partner.example").final.code == 250
    assert site.gateway.stop(60) == 0


def test_without_a_collector_nothing_of_it_is_loaded(tmp_path: Path) -> None:
    """Not a module, so not a moment."""
    script = (
        "import sys, gateway.app; from gateway.config import Config; assert gateway.app.traces_of(Config()) is None; "
        "sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60, cwd=Path(__file__).parents[2])
