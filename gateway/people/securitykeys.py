"""Security keys and passkeys (WebAuthn level 3) as a second factor beside codes: they cannot be phished.

A key is asked for a person's presence and PIN, finger or face, and finds its account itself (discoverable): so the
page that asks need not say which keys a name has. Where it was made (attestation) is not asked.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from gateway.people.model import AccountRefused, Person, PersonState, SecurityKey
from gateway.people.roster import NO_CONTROL
from gateway.people.rows import known_row
from gateway.store.clock import Clock, utc_now
from gateway.store.database import Tell, insert_if_absent, reading, untold, writing
from gateway.store.schema import security_keys

MOST = 10  # of one person
LONGEST_ANSWER = 16_384
WAIT = 120_000  # milliseconds for the person to find the key
NAME = 64
VERIFIED = UserVerificationRequirement.REQUIRED


@dataclass(frozen=True, slots=True)
class Site:
    """Where keys are good: the name that they are bound to, and the address of our pages."""

    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class KeyAnswer:
    """What a browser says that a key answered to a challenge of ours, which nobody has used yet."""

    site: Site
    challenge: bytes = field(repr=False)
    answer: str = field(repr=False)  # JSON, as the browser makes it


def asking(site: Site, challenge: bytes) -> str:
    """What a browser is to ask any key of this site, as JSON."""
    options = generate_authentication_options(
        rp_id=site.name, challenge=challenge, timeout=WAIT, user_verification=VERIFIED
    )
    return options_to_json(options)


def registering(site: Site, challenge: bytes, person: Person, keys: Sequence[SecurityKey], organization: str) -> str:
    """What a browser is to ask a new key for, as JSON. None of the keys that the person has is taken again."""
    options = generate_registration_options(
        rp_id=site.name,
        rp_name=f"Gatepost {organization}".strip(),
        user_id=person.id.encode(),
        user_name=person.name,
        user_display_name=person.display,
        challenge=challenge,
        timeout=WAIT,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=key.credential) for key in keys],
    )
    return options_to_json(options)


class SecurityKeys:
    """The keys of people. All methods raise StoreUnavailable.

    `tell` is called once it is done, in the transaction: where that raises nothing is changed.
    """

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def of(self, person: Person) -> tuple[SecurityKey, ...]:
        """The newest first."""
        chosen = sa.select(security_keys).where(security_keys.c.person_id == person.id)
        with reading(self._engine) as connection:
            rows = connection.execute(chosen.order_by(security_keys.c.created.desc())).all()
        return tuple(SecurityKey(row.id, row.name, row.site, row.credential, row.created, row.used) for row in rows)

    def add(self, person: Person, name: str, answer: KeyAnswer, *, tell: Tell = untold) -> None:
        """A new key of this person. Raises AccountRefused."""
        name = name.strip()
        if not name or len(name) > NAME or not NO_CONTROL.fullmatch(name):
            raise AccountRefused(f"a key needs a name, of {NAME} signs at most")
        try:
            known = verify_registration_response(
                credential=_sized(answer.answer),
                expected_challenge=answer.challenge,
                expected_rp_id=answer.site.name,
                expected_origin=answer.site.origin,
                require_user_verification=True,
            )
        except UNREADABLE:
            raise AccountRefused("the browser's answer is not right: try once more") from None
        row: dict[str, object] = {
            "id": _digest(known.credential_id),
            "person_id": person.id,
            "name": name,
            "site": answer.site.name,
            "credential": known.credential_id,
            "public_key": known.credential_public_key,
            "sign_count": known.sign_count,
            "created": self._clock(),
        }
        with writing(self._engine) as connection:
            holder = known_row(connection, person.name)
            if holder.state != PersonState.ACTIVE.value or holder.emergency:
                raise AccountRefused("only an active account, and not the one for emergencies, has keys")
            own = sa.select(sa.func.count()).where(security_keys.c.person_id == person.id)
            if connection.execute(own).scalar_one() >= MOST:
                raise AccountRefused(f"you have {MOST} keys: remove one that you do not use any more")
            if not insert_if_absent(connection, security_keys, row):
                raise AccountRefused("this key is registered already")
            tell()

    def remove(
        self, person: Person, key_id: str, *, tell: Callable[[SecurityKey], object] = lambda key: None
    ) -> SecurityKey:
        """Raises AccountRefused where this person has none of that id."""
        key = next((key for key in self.of(person) if key.id == key_id), None)
        own = sa.and_(security_keys.c.id == key_id, security_keys.c.person_id == person.id)
        with writing(self._engine) as connection:
            if key is None or connection.execute(sa.delete(security_keys).where(own)).rowcount != 1:
                raise AccountRefused("you have no such key")
            tell(key)
        return key


def is_right(connection: sa.Connection, person_id: str, answer: KeyAnswer, clock: Clock) -> bool:
    """Whether a key of this person answered. Its counter goes on: an answer of a copy that lags behind is refused."""
    try:
        credential = _credential(_sized(answer.answer))
    except UNREADABLE:
        return False
    own = sa.and_(security_keys.c.id == _digest(credential), security_keys.c.person_id == person_id)
    row = connection.execute(sa.select(security_keys).where(own)).one_or_none()
    if row is None or row.site != answer.site.name:
        return False
    try:
        known = verify_authentication_response(
            credential=answer.answer,
            expected_challenge=answer.challenge,
            expected_rp_id=answer.site.name,
            expected_origin=answer.site.origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except UNREADABLE:
        return False
    now = {"sign_count": known.new_sign_count, "used": clock()}
    connection.execute(sa.update(security_keys).where(own).values(**now))
    return True


# Whatever the library stumbles over in octets of a stranger is a refusal, and no failure of ours.
UNREADABLE = (WebAuthnException, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)


def _sized(answer: str) -> str:
    if len(answer) > LONGEST_ANSWER:
        raise ValueError("longer than any key answers")
    return answer


def _credential(answer: str) -> bytes:
    from webauthn.helpers import base64url_to_bytes

    return base64url_to_bytes(json.loads(answer)["rawId"])


def _digest(credential: bytes) -> str:
    return hashlib.sha256(credential).hexdigest()
