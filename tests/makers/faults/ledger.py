"""What should be, against what is: kept outside of the gateway."""

import base64
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.makers.faults.cases import SECRET, Case, Fate
from tests.makers.faults.records import Life
from tests.makers.faults.relay import Relay, Taken


@dataclass(slots=True)
class Attempt:
    """A message that Postfix holds while the milter looks at it."""

    queue_id: str
    octets: bytes
    recipients: list[str]
    local: bool = False  # nobody can be taken off
    edits: list[dict[str, Any]] = field(default_factory=list)

    def answered(self, code: int, relay: Relay, *, discard: bool) -> None:
        if discard:
            relay.say("cleanup[5]", f"{self.queue_id}: milter-discard: END-OF-MESSAGE from x[1.2.3.4]: x")
        elif code >= 500:
            relay.say("cleanup[5]", f"{self.queue_id}: milter-reject: END-OF-MESSAGE from x[1.2.3.4]: 5.7.1 x")
        elif code < 400:
            removed = () if self.local else [edit.get("remove") for edit in self.edits]
            left = [who for who in self.recipients if who not in removed]
            relay.keep(Taken(tuple(left), self._edited(), self.queue_id))

    def _edited(self) -> bytes:
        head, _, body = self.octets.partition(b"\r\n\r\n")
        new = [base64.b64decode(edit["body"]) for edit in self.edits if "body" in edit]
        for edit in self.edits:
            if "add" in edit:
                head += f"\r\n{edit['add'][0]}: {edit['add'][1]}".encode()
            if "change" in edit and edit["change"][2] is not None:
                head += f"\r\n{edit['change'][0]}: {edit['change'][2]}".encode()
        return head + b"\r\n\r\n" + (b"".join(new) if new else body)


class Ledger:
    """Compares what should be with what is. Kept outside of the gateway."""

    def __init__(self, relay: Relay, case: Case, octets: bytes) -> None:
        self._relay = relay
        self._case = case
        self._octets = octets

    def problems(self, hurt: Life, after: Life) -> list[str]:
        """Everything that is wrong, in words."""
        return [*self._of_process(after), *self._of_answer(hurt, after), *self._of_copies(), *self._of_store(after)]

    @property
    def repeated(self) -> bool:
        """One copy came twice, where nobody can read Postfix's log: what RFC 1047 cannot exclude."""
        twins = Counter(taken.recipients for taken in self._relay.taken)
        return not self._case.log and sorted(twins.values())[-2:] in ([2], [1, 2])

    def _of_process(self, after: Life) -> Iterator[str]:
        if after.status or after.look is None:
            yield f"after the restart: wait status {after.status}"

    def _of_answer(self, hurt: Life, after: Life) -> Iterator[str]:
        if self._case.command:
            return
        heard = hurt.heard + after.heard
        wanted = 550 if Fate.REFUSED in self._case.fates.values() else 250
        if not heard or heard[-1] != wanted or any(code != 451 for code in heard[:-1]):
            yield f"the client heard {heard}"

    def _of_copies(self) -> Iterator[str]:
        wanted = Counter(self._case.others)
        wanted.update(who for who, fate in self._case.fates.items() if fate in (Fate.GETS, Fate.GUARDED))
        got = self._relay.got()
        if got != wanted and not (self.repeated and not wanted - got):
            yield f"copies: lost {dict(wanted - got)}, too many {dict(got - wanted)}"
        for taken in self._relay.taken:
            guarded = [who for who in taken.recipients if self._case.fates.get(who) is Fate.GUARDED]
            if guarded and SECRET in taken.octets and b"X-Gatepost-Lane: secure" not in taken.octets:
                yield f"unprotected for {guarded}"

    def _of_store(self, after: Life) -> Iterator[str]:
        look = after.look
        if look is None:
            return
        for name, allowed in (("unreadable", 0), ("missing", 0), ("left", []), ("orphans", 0), ("spool", 0)):
            if look[name] != allowed:
                yield f"{name}: {look[name]}"
        held = [set(who) for _, state, who in look["items"] if state == "held"]
        if self._case.held:
            kept = {who for who, fate in self._case.fates.items() if fate is Fate.HELD}
            if held != [kept]:
                yield f"held: {held}"
            if [base64.b64decode(body) for body in look["bodies"]] != [self._octets]:
                yield "what is held is not what came"
        elif self._case.template != "plain":
            yield from self._of_item(look)
        elif held:
            yield f"held: {held}"
        if look["open"] and self._case.log and not self._case.command:
            yield f"{look['open']} attempts stay open"

    def _of_item(self, look: dict[str, Any]) -> Iterator[str]:
        states = [state for _, state, _ in look["items"]]
        wanted = {"release": "released", "discard": "discarded"}.get(self._case.command, "held")
        if states != [wanted]:
            yield f"the item is {states}"
