"""One list of all pages and acts, each with the right that it needs. Templates ask the same table (`visit.may`)."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.console.visit import View
from gateway.desk.rights import Act


class Door(StrEnum):
    """What a route needs where it is no right of a role."""

    OPEN = "open"  # anybody
    NEW = "new"  # somebody who signed in, also for the first time
    PERSON = "person"  # somebody who is enrolled


@dataclass(frozen=True, slots=True)
class Place:
    """`upload`: the form brings a file. `proof`: a code in it is a fresh proof, as it is where an act is needed."""

    method: str
    path: str
    view: View
    needs: Act | Door
    upload: bool = False
    proof: bool = False
