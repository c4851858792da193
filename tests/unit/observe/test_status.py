"""The status server: metrics, liveness and readiness, over real HTTP."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Counter

from gateway.core.errors import SetupError
from gateway.observe.status import StatusServer


@pytest.fixture
def trouble() -> dict[str, str]:
    """Why a check is not well; the tests fill it in."""
    return {"store": "", "audit": "", "alive": ""}


@pytest.fixture
def server(trouble: dict[str, str]) -> Iterator[StatusServer]:
    registry = CollectorRegistry()
    Counter("gatepost_tests", "Tests", registry=registry).inc()

    def store() -> str:
        if trouble["store"] == "raise":
            raise OSError("canary text")
        return trouble["store"]

    checks: dict[str, Callable[[], str]] = {"store": store, "audit": lambda: trouble["audit"]}
    with StatusServer("127.0.0.1", 0, registry, health={"alive": lambda: trouble["alive"]}, readiness=checks) as server:
        yield server


def get(server: StatusServer, path: str, method: str = "GET", **headers: str) -> tuple[int, str, bytes]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=5)
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response.status, response.headers["Content-Type"], response.read()
    finally:
        connection.close()


def as_json(answer: tuple[int, str, bytes]) -> Any:
    return json.loads(answer[2])


def test_metrics_are_served_in_the_text_format(server: StatusServer) -> None:
    """Prometheus reads the registry that was given."""
    status, content_type, body = get(server, "/metrics")

    assert status == 200
    assert content_type.startswith("text/plain")
    assert b"gatepost_tests_total 1.0" in body


def test_metrics_are_served_as_openmetrics_when_asked(server: StatusServer) -> None:
    """The format follows the Accept field."""
    _, content_type, body = get(server, "/metrics", Accept="application/openmetrics-text; version=1.0.0")

    assert content_type.startswith("application/openmetrics-text")
    assert body.endswith(b"# EOF\n")


def test_ready_when_every_check_is_well(server: StatusServer) -> None:
    """Each check is named."""
    answer = get(server, "/readyz")

    assert answer[0] == 200
    assert as_json(answer) == {"ok": True, "checks": {"store": {"ok": True}, "audit": {"ok": True}}}


def test_not_ready_says_which_check_and_why(server: StatusServer, trouble: dict[str, str]) -> None:
    """One check that is not well makes 503; liveness is not touched."""
    trouble["audit"] = "the folder cannot be written"

    answer = get(server, "/readyz")

    assert answer[0] == 503
    assert as_json(answer)["checks"]["audit"] == {"ok": False, "why": "the folder cannot be written"}
    assert as_json(answer)["checks"]["store"] == {"ok": True}
    assert get(server, "/healthz")[0] == 200


def test_a_check_that_raises_is_not_well(server: StatusServer, trouble: dict[str, str]) -> None:
    """The type of the exception is told, its text is not."""
    trouble["store"] = "raise"

    answer = get(server, "/readyz")

    assert answer[0] == 503
    assert as_json(answer)["checks"]["store"]["why"] == "the check failed: OSError"
    assert b"canary" not in answer[2]


def test_health_follows_its_own_checks(server: StatusServer, trouble: dict[str, str]) -> None:
    """A process whose workers do not answer is not healthy."""
    trouble["alive"] = "no worker answered"

    assert get(server, "/healthz")[0] == 503


def test_other_paths_and_methods_are_refused(server: StatusServer) -> None:
    """Read only, three pages; HEAD answers without a body."""
    assert get(server, "/admin")[0] == 404
    assert get(server, "/metrics", "POST")[0] == 501
    assert get(server, "/healthz", "HEAD")[::2] == (200, b"")


def test_a_client_that_goes_away_is_not_reported(server: StatusServer, capsys: pytest.CaptureFixture[str]) -> None:
    """A port check by a load balancer leaves no traceback."""
    socket.create_connection(("127.0.0.1", server.port)).close()
    get(server, "/healthz")

    assert capsys.readouterr().err == ""


def test_stop_frees_the_port_and_the_thread(server: StatusServer) -> None:
    """After a stop the same port can be had again, and stopping twice is fine."""
    port = server.port
    server.stop()
    server.stop()

    assert "status" not in {thread.name for thread in threading.enumerate()}
    with StatusServer("127.0.0.1", port, CollectorRegistry(), health={}, readiness={}) as again:
        assert again.port == port


def test_a_taken_port_is_a_setup_error(server: StatusServer) -> None:
    """The address is named, so that the administrator knows which setting to change."""
    second = StatusServer("127.0.0.1", server.port, CollectorRegistry(), health={}, readiness={})

    with pytest.raises(SetupError, match=f"127.0.0.1:{server.port}"):
        second.start()
