"""Somebody who comes in by the organization's provider, and the browser that goes the way by hand."""

from typing import Any

import httpx

from gateway.people import Role
from tests.web.house import House

PEOPLE = {"hela": Role.HELPDESK, "ada": Role.ADMIN}
GROUPS = {"mail-officers": "officer", "mail-reviewers": "reviewer"}
OLGA = {
    "sub": "u-1",
    "preferred_username": "olga.b@clinic.example",
    "name": "Olga Brandt",
    "email": "olga@clinic.example",
}


def somebody(name: str) -> dict[str, Any]:
    """Of the same organization as Olga."""
    return {**OLGA, "sub": f"u-{name}", "preferred_username": name, "email": f"{name}@clinic.example"}


class Visitor:
    """A browser without pictures that follows the way by hand."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies: dict[str, str] = {}

    def get(self, path: str, site: str = "same-origin") -> httpx.Response:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        address = path if path.startswith("http") else f"{self.url}{path}"
        answer = httpx.get(address, headers={"Cookie": cookie, "Sec-Fetch-Site": site}, timeout=60)
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0].strip('"')
            self.cookies.pop(name, None)
            if value and "Max-Age=0" not in line:
                self.cookies[name] = value
        return answer

    def begin(self, path: str = "/openid/start") -> str:
        """Our way to the provider and its way back; the address that it sends the browser to."""
        away = self.get(path).headers["location"]
        return httpx.get(away).headers["location"]

    def sign_in(self) -> httpx.Response:
        return self.get(self.begin(), site="cross-site")

    @property
    def is_in(self) -> Any:
        return self.get("/account").status_code == 200


def causes(house: House) -> list[str]:
    return [event["unmapped"]["cause"] for event in house.events("sign-in-failed")]
