"""Accounts and tokens, for administrators; officers and auditors see them."""

from starlette.responses import Response

from gateway.console.pages import Pages
from gateway.console.routes import Place
from gateway.console.visit import Visit, go
from gateway.desk.rights import MEANING, RIGHTS, Act
from gateway.people import AccountRefused, Role


def places(pages: Pages) -> tuple[Place, ...]:
    here = People(pages)
    return (
        Place("GET", "/people", here.list, Act.SEE_PEOPLE),
        Place("POST", "/people", here.add, Act.MANAGE_PEOPLE),
        Place("POST", "/people/{name}/disable", here.disable, Act.MANAGE_PEOPLE),
        Place("POST", "/people/{name}/enable", here.enable, Act.MANAGE_PEOPLE),
        Place("POST", "/people/{name}/reset", here.reset, Act.MANAGE_PEOPLE),
        Place("POST", "/people/{name}/role", here.role, Act.MANAGE_PEOPLE),
        Place("POST", "/people/{name}/sessions", here.end_sessions, Act.MANAGE_PEOPLE),
        Place("POST", "/tokens/{id}/revoke", here.revoke, Act.MANAGE_PEOPLE),
    )


class People:
    """The views. What is told once (a password) is on the answer to the form, and nowhere else."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def list(self, visit: Visit) -> Response:
        return self._list(visit)

    def add(self, visit: Visit) -> Response:
        try:
            person, password = visit.desks.people.add(
                visit.who, visit.text("name"), _role(visit), visit.text("display"), visit.text("address")
            )
        except AccountRefused as refused:
            return self._list(visit, 400, problem=str(refused))
        return self._list(visit, once=(f"First password of {person.name}", password))

    def disable(self, visit: Visit) -> Response:
        name = visit.path("name")
        try:
            visit.desks.people.disable(visit.who, name)
        except AccountRefused as refused:
            return self._list(visit, 409, problem=str(refused))
        visit.tell(f"{name} is disabled; sessions and tokens have ended.")
        return go("/people")

    def enable(self, visit: Visit) -> Response:
        name = visit.path("name")
        try:
            visit.desks.people.enable(visit.who, name)
        except AccountRefused as refused:
            return self._list(visit, 409, problem=str(refused))
        visit.tell(f"{name} may sign in at the provider again.")
        return go("/people")

    def reset(self, visit: Visit) -> Response:
        name = visit.path("name")
        try:
            password = visit.desks.people.reset(visit.who, name)
        except AccountRefused as refused:
            return self._list(visit, 409, problem=str(refused))
        return self._list(visit, once=(f"New first password of {name}", password))

    def role(self, visit: Visit) -> Response:
        name = visit.path("name")
        try:
            role = _role(visit)
            visit.desks.people.set_role(visit.who, name, role)
        except AccountRefused as refused:
            return self._list(visit, 409, problem=str(refused))
        visit.tell(f"{name} is {role.value} now, and signs in anew.")
        return go("/people")

    def end_sessions(self, visit: Visit) -> Response:
        name = visit.path("name")
        try:
            ended = visit.desks.people.end_sessions(visit.who, name)
        except AccountRefused as refused:
            return self._list(visit, 409, problem=str(refused))
        visit.tell(f"{ended} session{'' if ended == 1 else 's'} of {name} ended.")
        return go("/people")

    def revoke(self, visit: Visit) -> Response:
        try:
            visit.desks.people.revoke_token(visit.who, visit.path("id"))
        except AccountRefused as refused:
            return self._list(visit, 409, problem=str(refused))
        visit.tell("The token is revoked.")
        return go("/people")

    def _list(
        self, visit: Visit, status: int = 200, *, problem: str = "", once: tuple[str, str] | None = None
    ) -> Response:
        return self._pages.render(
            visit,
            "people.html",
            status,
            people=visit.desks.people.list(visit.who),
            tokens=visit.desks.people.tokens(visit.who),
            roles=list(Role),
            rights=RIGHTS,
            acts=list(Act),
            words=MEANING,
            now=visit.desks.now(),
            problem=problem,
            once=once,
        )


def _role(visit: Visit) -> Role:
    try:
        return Role(visit.text("role"))
    except ValueError:
        raise AccountRefused("choose a role") from None
