"""The door: who comes in, what a foreign page can make a browser do, and what every answer says."""

import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from gateway.people import Role, Roster
from gateway.web.throttle import Pace, Throttle, place_of
from tests.web.conftest import Enter, Person
from tests.web.house import LETTER, House, house

Stranger = Callable[[str], Person]


def test_signing_in_and_out_leaves_evidence(console: House, stranger: Stranger) -> None:
    """Who, from where, and that it ended."""
    console.enrol("lena", Role.REVIEWER)
    lena = stranger("lena")
    assert lena.sign_in().status_code == 303
    cookie = lena.cookies["__Host-gatepost"]
    assert lena.post("/sign-out").status_code == 303
    assert lena.get("/items").status_code == 303

    seen = [e["metadata"]["event_code"] for e in console.events() if e.get("actor") == {"user": {"name": "lena"}}]
    assert seen[-2:] == ["signed-in", "signed-out"]
    assert cookie not in str(console.events())


@pytest.mark.parametrize(
    "changed",
    [{"name": "nobody"}, {"password": "wrong wrong wrong"}, {"code": "000000"}, {"name": "nobody", "code": "x"}],
)
def test_a_refused_sign_in_tells_nothing(console: House, stranger: Stranger, changed: dict[str, str]) -> None:
    """The same page whatever was wrong; what was typed as a name is not in the log where nobody has it."""
    hela = stranger("hela")
    answer = hela.sign_in(**changed)
    typed = changed.get("name", "hela")

    assert answer.status_code == 403
    assert "That did not work. Check name, password and code." in answer.text
    event = console.events("sign-in-failed")[-1]
    assert ("actor" in event) == (typed == "hela")


def test_cookies_are_out_of_reach(shared: tuple[House, str], stranger: Stranger) -> None:
    """Of scripts, of other sites, of plain connections, of other hosts of the domain."""
    answer = stranger("olga").get("/sign-in")

    (line,) = answer.headers.get_list("set-cookie")
    assert line.startswith("__Host-")
    for word in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"):
        assert word in line
    assert "Domain" not in line


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, 403),
        ({}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Host": "evil.example"}, 421),
    ],
)
def test_a_form_of_another_site_is_not_taken(
    shared: tuple[House, str], enter: Enter, headers: dict[str, str], status: int
) -> None:
    """Even with the right cookie and the right token."""
    console, url = shared
    olga, item = enter("olga"), console.hold(LETTER)
    olga.get(f"/items/{item}")
    answer = httpx.post(
        f"{url}/items/{item}/comment",
        data={"form-token": olga._token, "text": "x"},
        headers={**headers, **olga._cookie()},
    )

    assert answer.status_code == status


def test_a_form_without_its_token_is_not_taken(console: House, enter: Enter) -> None:
    """Or with one of somebody else's session."""
    olga, rita, item = enter("olga"), enter("rita"), console.hold(LETTER)
    rita.get("/account")

    assert olga.post(f"/items/{item}/comment", token=False, text="hello there").status_code == 403
    olga._token = rita._token
    assert olga.post(f"/items/{item}/comment", text="hello there").status_code == 403
    olga.get("/account")


def test_every_answer_tells_browsers_to_be_careful(shared: tuple[House, str], enter: Enter) -> None:
    """Pages, failures, files: no script, no frame, no referrer, nothing kept."""
    _, url = shared
    answers = [enter("olga").get("/items"), enter("olga").get("/no-such-page"), httpx.get(f"{url}/sign-in")]
    answers += [httpx.get(f"{url}/static/console.css"), httpx.request("DELETE", f"{url}/items")]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none';")
        assert "script" not in policy.replace("require-trusted-types-for 'script'", "").removesuffix(
            "; script-src 'self'"
        )
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answers[0].headers["cache-control"] == "no-store"


@pytest.mark.parametrize("following", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:1"])
def test_signing_in_leads_nowhere_else(console: House, stranger: Stranger, following: str) -> None:
    """An address that somebody sent cannot lead from our page to theirs."""
    answer = stranger("olga").get(f"/sign-in?next={following}")

    assert 'name="next" value="/"' in answer.text


def test_from_a_link_in_a_mail_one_gets_to_the_page(shared: tuple[House, str], enter: Enter) -> None:
    """A strict cookie does not come along from another site: the page asks once more, from ours."""
    console, url = shared
    item = console.hold(LETTER)

    answer = httpx.get(f"{url}/items/{item}", headers={"Sec-Fetch-Site": "cross-site"})

    assert f'content="0;url=/items/{item}"' in answer.text


def test_too_large_a_body_is_not_read(shared: tuple[House, str]) -> None:
    """The length says so before anything is taken in."""
    host = shared[1].removeprefix("http://")
    with socket.create_connection(tuple(host.split(":")), 10) as plain:  # type: ignore[arg-type]  # as text, both are
        plain.sendall(f"POST /sign-in HTTP/1.1\r\nHost: {host}\r\nContent-Length: 41943040\r\n\r\n".encode())
        assert plain.recv(100).startswith(b"HTTP/1.1 413")


def test_a_file_of_nobody_is_not_read(shared: tuple[House, str]) -> None:
    """Strangers cannot fill the memory: the bench answers before the file comes, and no other form takes so much."""
    host = shared[1].removeprefix("http://")
    for path, status in (("/rules/bench", b"303"), ("/sign-in", b"413"), ("/api/v1/items/x/discard", b"413")):
        with socket.create_connection(tuple(host.split(":")), 10) as plain:  # type: ignore[arg-type]  # as text, both are
            head = (
                f"POST {path} HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 20000000\r\n"
            )
            plain.sendall(f"{head}Content-Type: multipart/form-data; boundary=x\r\n\r\n".encode())
            plain.settimeout(10)
            assert plain.recv(100).split()[1] == status, path


def test_a_form_has_room_for_many_recipients(enter: Enter) -> None:
    """Postfix takes 1,000 of them; all may be ticked."""
    answer = enter("rita").post(
        "/items", act="assign", item=["20261125-none"], to=[f"r{n}@x.example" for n in range(1_000)]
    )

    assert answer.status_code == 303


def test_the_emergency_account_raises_an_alarm(console: House, stranger: Stranger) -> None:
    """It needs no telephone; a critical event and a mail to the officer tell that it was used, and every page does."""
    _, password = Roster(console.stored.engine).add("glass", Role.OFFICER, emergency=True)
    before = len(console.sink.deliveries)
    glass = stranger("glass")

    assert glass.sign_in(password=password, code="-").status_code == 303

    (notice,) = console.sink.wait_for(before + 1)[before:]
    assert notice.recipients == ("privacy@clinic.example",)
    assert b"emergency account" in notice.octets
    assert password.encode() not in notice.octets
    (event,) = console.events("emergency-signed-in")
    assert (event["severity_id"], event["actor"]["user"]["name"]) == (5, "glass")
    assert "You are using the emergency account" in glass.get("/items").text
    item = console.hold(LETTER, reviewers=2)
    answer = glass.post(f"/items/{item}/release", to=["pat@home.example"], reason="checked", how="plain")
    assert (answer.status_code, "account for emergencies" in answer.text) == (409, True)
    assert console.stored.quarantine.get(item).agreed == ()


def test_too_many_failures_from_one_place_rest(console: House) -> None:
    """Whatever the names; a place that rested may try again."""
    now = [0.0]
    throttle = Throttle(3, 60, lambda: now[0])
    for _ in range(3):
        assert not throttle.is_full("192.0.2.1")
        throttle.failed("192.0.2.1")

    assert throttle.is_full("192.0.2.1")
    assert not throttle.is_full("192.0.2.2")
    now[0] = 61
    assert not throttle.is_full("192.0.2.1")


def test_who_goes_on_too_fast_waits_longer() -> None:
    """Twice as long each time, a minute at most; who waits as told may go on."""
    now = [0.0]
    pace = Pace(2, 1.0, lambda: now[0])
    assert [pace.wait("a") for _ in range(5)] == [0, 0, 1, 2, 4]
    assert pace.wait("b") == 0
    now[0] = 4.0
    assert pace.wait("a") == 0
    assert [pace.wait("a") for _ in range(12)][-1] == 60


def test_no_page_that_shows_mail_has_a_script(console: House, enter: Enter) -> None:
    """Not one of our own: what is not there cannot be led astray."""
    item = console.hold(LETTER)
    for path in ("/", "/items", f"/items/{item}", "/audit", "/rules", "/rules/bench", "/people", "/account"):
        answer = enter("olga").get(path)
        assert "<script" not in answer.text
        assert " style=" not in answer.text
        assert " onclick" not in answer.text
        assert "script-src" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/sign-in", "/confirm", "/account/keys"])
def test_the_pages_that_ask_a_key_have_one_script_of_ours(enter: Enter, stranger: Stranger, path: str) -> None:
    """From a file of our own, and the policy lets nothing else run."""
    answer = stranger("olga").get(path) if path == "/sign-in" else enter("olga").get(path)
    policy = answer.headers["content-security-policy"]

    assert answer.text.count("<script") == 1
    assert '<script src="/static/key.js?' in answer.text
    assert policy.startswith("default-src 'none';")
    assert policy.endswith("; script-src 'self'")
    assert "unsafe" not in policy
    assert "connect-src" not in policy


def test_no_administrator_changes_the_own_account(console: House, enter: Enter) -> None:
    """However the name is written; another one has to."""
    ada = enter("ada")
    for name in ("ada", "ADA", "%20Ada%20"):
        for act in ("disable", "reset", "role"):
            assert ada.post(f"/people/{name}/{act}", role="officer").status_code == 409, (name, act)

    assert ada.get("/people").status_code == 200
    assert Roster(console.stored.engine).get("ada").role is Role.ADMIN


@pytest.mark.parametrize("following", ["//[", "//\N{ACCOUNT OF}.example", "/\\evil.example", "https://evil.example/"])
def test_where_nobody_may_be_sent_leads_to_the_overview(stranger: Stranger, following: str) -> None:
    """Also what is no address at all."""
    answer = stranger("olga").get(f"/sign-in?next={quote(following)}")

    assert answer.status_code == 200
    assert 'name="next" value="/"' in answer.text


def test_who_is_sent_away_again_and_again_does_not_fill_the_log(tmp_path: Path) -> None:
    """After twenty failures nothing is tried, and that is one event."""
    with house(tmp_path, people={}) as alone, alone.serve() as url:
        here = Person(alone, url, "nobody")
        answers = [here.sign_in(code="000000").status_code for _ in range(30)]
        here.close()

        assert answers == [403] * 20 + [429] * 10
        causes = [event["unmapped"]["cause"] for event in alone.events("sign-in-failed")]
        assert causes == ["unknown"] * 20 + ["throttled"]


def test_a_stranger_keeps_nobody_out(tmp_path: Path) -> None:
    """By wrong passwords, from the same address even: who signed in here before comes in and goes on."""
    with house(tmp_path, people={}) as alone, alone.serve() as url:
        alone.enrol("lena", Role.REVIEWER)
        lena, elsewhere, stranger = (Person(alone, url, "lena") for _ in range(3))
        assert lena.sign_in().status_code == 303
        item = alone.hold(LETTER)
        answers = [stranger.sign_in(password="wrong wrong wrong", code="").status_code for _ in range(21)]
        assert answers[-1] == 429

        code = alone.proof("lena")
        answer = lena.post(f"/items/{item}/discard", reason="it was a test", code=code)
        assert answer.status_code == 303, answer.text
        assert lena.post("/sign-out").status_code == 303
        assert lena.sign_in().status_code == 303
        assert elsewhere.sign_in().status_code == 429
        for here in (lena, elsewhere, stranger):
            here.close()


def test_a_household_counts_as_one_client() -> None:
    """Whoever has a network of IPv6 has more addresses than can be counted."""
    assert place_of("2001:db8:1:2::1") == place_of("2001:db8:1:2:ffff::9") != place_of("2001:db8:1:3::1")
    assert place_of("192.0.2.1") == "192.0.2.1" != place_of("192.0.2.2")


def test_a_listener_on_all_addresses_tells_clients_of_ipv4_apart() -> None:
    """It sees them mapped into one network: twenty wrong codes of somebody would have been those of everybody."""
    listener = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    with listener, socket.create_connection(("127.0.0.1", listener.getsockname()[1])):
        accepted, (seen, *_) = listener.accept()
        accepted.close()

    assert seen == "::ffff:127.0.0.1"
    assert place_of(seen) == place_of("127.0.0.1") != place_of("::ffff:192.0.2.1")
