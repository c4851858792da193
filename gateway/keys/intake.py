"""Keys on their way into the book: each is checked for the address it is to be used for, and told about.

An OpenPGP key is pinned for its address on first use: another one waits until somebody accepts it. A certificate is
vouched for by its authority, so that a newer one takes the place of an older one by itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from gateway.core.verdict import Method
from gateway.keys.book import KeyBook
from gateway.keys.certificates import Chain, addresses_in, problems_of, read_chains
from gateway.keys.openpgp import REVOKED as KEY_REVOKED
from gateway.keys.openpgp import OpenPGPKey, read_keys
from gateway.keys.records import RecipientKey, Source, State
from gateway.keys.revocation import REVOKED as CERTIFICATE_REVOKED
from gateway.keys.revocation import Revocation
from gateway.processes.programs import Patience

MOST_ADDRESSES = 50  # that one key is taken in for, unless they are named
CHANGED = "the address has another key, and nobody has accepted this one"

Tell = Callable[[str, RecipientKey], None]  # what happened: added, changed, refused, accepted


@dataclass(frozen=True, slots=True)
class Checks:
    """What keys are checked against."""

    anchors: Path
    revocation: Revocation
    patience: Patience = field(default=Patience(60.0))


class Intake:
    """Checks keys and puts them into the book. Raises StoreUnavailable, ProgramFailed."""

    def __init__(self, book: KeyBook, checks: Checks, tell: Tell) -> None:
        """`tell` is called for each change that evidence is owed for; where it raises nothing is changed."""
        self._book = book
        self._checks = checks
        self._tell = tell

    def take(
        self,
        octets: bytes,
        source: Source,
        addresses: Sequence[str] = (),
        *,
        manner: str = "gcm",
        accept: bool = False,
        by: str = "",
        most: int | None = None,
    ) -> list[RecipientKey]:
        """Every certificate and key in these bytes, for `addresses` or for all that it names. [] for none at all.

        `most`: no more than so many of them, those that name one of the addresses first; None: all.
        `manner` is "cbc" for a recipient whose program cannot read AES-GCM. `accept`: also in place of a pinned key.
        """
        chains = read_chains(octets)
        if chains:
            if most is not None:
                chains = sorted(chains, key=lambda chain: not _names(addresses_in(chain.leaf), addresses))[:most]
            return [
                self._certificate(chain, address, source, manner, by)
                for chain in chains
                for address in self._wanted(addresses, addresses_in(chain.leaf))
            ]
        return [
            self._openpgp(key, address, source, accept=accept, by=by)
            for key in read_keys(octets, self._checks.patience, most=most, wanted=addresses)
            for address in self._wanted(addresses, key.addresses)
        ]

    def recheck(self, key: RecipientKey) -> RecipientKey:
        """A key judged anew: an authority may be trusted no more, or have revoked it; what was strong grows weak.

        What was revoked stays so, also where the authority can't be asked any more. What somebody changed or removed
        meanwhile is left alone.
        """
        checked = self._certificate_now(key) if key.method is Method.SMIME else self._openpgp_now(key)
        is_other = (checked.state, checked.reason) != (key.state, key.reason)
        what = "changed" if checked.state is State.ACTIVE else "refused"
        self._book.renew(key, checked, lambda: self._tell(what, checked) if is_other else None)
        return checked

    def _certificate_now(self, key: RecipientKey) -> RecipientKey:
        chains = read_chains(key.material.encode())
        if not chains or key.state not in (State.ACTIVE, State.REFUSED) or _was_revoked(key):
            return key
        return self._judged(key, self._problems(chains[0], key.address, key.source))

    def _openpgp_now(self, key: RecipientKey) -> RecipientKey:
        """Only out of use: another may be pinned meanwhile. It comes back by a look-up, or by a person."""
        if key.why_not(self._now()):
            return key
        found = read_keys(key.material.encode(), self._checks.patience)
        problems = [problem for known in found[:1] for problem in _problems_of_openpgp(known, key.address)]
        return self._judged(key, problems)

    def accept(self, key: RecipientKey, by: str) -> RecipientKey:
        """A waiting key is the one of its address from now on."""
        accepted = replace(key, state=State.ACTIVE, reason="", changed_by=by)
        self._book.put(accepted, lambda: self._tell("accepted", accepted))
        self._book.retire_others(accepted)
        return accepted

    def forget(self, key: RecipientKey, by: str) -> None:
        """It is not known any more."""
        self._book.remove(key.address, key.fingerprint, lambda: self._tell("removed", replace(key, changed_by=by)))

    def _wanted(self, asked: Sequence[str], named: Sequence[str]) -> Sequence[str]:
        return asked or named[:MOST_ADDRESSES]

    def _certificate(self, chain: Chain, address: str, source: Source, manner: str, by: str) -> RecipientKey:
        key = RecipientKey(
            address=address,
            method=Method.SMIME,
            fingerprint=chain.fingerprint,
            source=source,
            state=State.ACTIVE,
            material=chain.pem,
            manner=manner,
            not_before=chain.leaf.not_valid_before_utc,
            not_after=chain.leaf.not_valid_after_utc,
            changed_by=by,
        )
        return self._kept(self._judged(key, self._problems(chain, address, source)))

    def _problems(self, chain: Chain, address: str, source: Source) -> list[str]:
        checks = self._checks
        # the domain itself vouches for a certificate in its signed zone (RFC 8162, certificate usage 3)
        anchors = None if source is Source.SMIMEA else checks.anchors
        found = problems_of(chain, address, anchors, self._now(), checks.patience)
        if found or anchors is None:
            return found
        return checks.revocation.problems_of(chain, checks.anchors, self._now())

    def _openpgp(self, key: OpenPGPKey, address: str, source: Source, *, accept: bool, by: str) -> RecipientKey:
        taken = RecipientKey(
            address=address,
            method=Method.PGP,
            fingerprint=key.fingerprint,
            source=source,
            state=State.ACTIVE,
            material=key.armored,
            not_before=key.begins,
            not_after=key.expires,
            changed_by=by,
        )
        judged = self._judged(taken, _problems_of_openpgp(key, address))
        pinned = self._pinned(address)
        if judged.state is State.ACTIVE and pinned is not None and pinned.fingerprint != key.fingerprint:
            if accept or _is_weaker(pinned.source, source):
                return self.accept(judged, by)
            judged = replace(judged, state=State.PENDING, reason=CHANGED)
        return self._kept(judged)

    def _pinned(self, address: str) -> RecipientKey | None:
        """The OpenPGP key that counts for an address, in force or not, as long as nobody parted with it."""
        keys = [key for key in self._book.keys_of([address]) if key.method is Method.PGP]
        return next((key for state in (State.ACTIVE, State.REFUSED) for key in keys if key.state is state), None)

    def _judged(self, key: RecipientKey, problems: Sequence[str]) -> RecipientKey:
        state = State.REFUSED if problems else State.ACTIVE
        return replace(key, state=state, reason="; ".join(problems))

    def _kept(self, key: RecipientKey) -> RecipientKey:
        before = {known.fingerprint: known for known in self._book.keys_of([key.address]) if known.method is key.method}
        known = before.get(key.fingerprint)
        if known is not None and _stands(known, key):
            return known
        is_other = known is None or (known.state, known.material) != (key.state, key.material)
        self._book.put(key, lambda: self._tell(_WHAT[key.state], key) if is_other else None)
        return key

    def _now(self) -> datetime:
        return self._book.clock()


_WHAT = {State.ACTIVE: "added", State.PENDING: "changed", State.REFUSED: "refused", State.RETIRED: "retired"}


def _is_weaker(pinned: Source, new: Source) -> bool:
    """What a message brought along for itself gives way to every other source."""
    return pinned is Source.AUTOCRYPT and new is not Source.AUTOCRYPT


def _was_revoked(key: RecipientKey) -> bool:
    return key.state is State.REFUSED and any(word in key.reason for word in (KEY_REVOKED, CERTIFICATE_REVOKED))


def _stands(known: RecipientKey, anew: RecipientKey) -> bool:
    """What is known of the same key stays: once revoked always revoked; and no look-up knows better than a person."""
    if _was_revoked(known):
        return not _was_revoked(anew)
    return known.source is Source.MANUAL and anew.source is not Source.MANUAL and not _was_revoked(anew)


def _names(named: Sequence[str], wanted: Sequence[str]) -> bool:
    return not set(wanted).isdisjoint(named)


def _problems_of_openpgp(key: OpenPGPKey, address: str) -> list[str]:
    problems = [] if address in key.addresses else [_other_addresses(key)]
    return problems + ([key.problem] if key.problem else [])


def _other_addresses(key: OpenPGPKey) -> str:
    if not key.addresses:
        return "no valid user id of it is a mail address"
    return f"it is for {', '.join(key.addresses[:3])}, not for this address"
