"""Signing in: name, password and code at once, so that nobody learns which of them was wrong.

The work is the same for a name that nobody has. After FREE failures a name rests, each time twice as long: for all but
the browsers in which its owner signed in before, and sessions that are open.
"""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from gateway.people import passwords, secondfactor, securitykeys
from gateway.people.browsers import Browsers
from gateway.people.model import AccountRefused, Person, PersonState, SignInRefused
from gateway.people.rows import Row, change, end_sessions, known_row, person_of, put_recovery_codes, row_of
from gateway.people.securitykeys import KeyAnswer
from gateway.store.clock import Clock, utc_now
from gateway.store.database import Tell, reading, untold, writing
from gateway.store.keyring import Keyring
from gateway.store.schema import people, recovery_codes

FREE = 4
FIRST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=15)


class Gatehouse:
    """Who is it? All methods raise SignInRefused where that is not proved, StoreUnavailable.

    `tell` is called once something is changed, in the transaction: where that raises nothing is.
    """

    def __init__(self, engine: sa.Engine, keyring: Keyring, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._keyring = keyring
        self._clock = clock
        self._browsers = Browsers(keyring.derive("console-browsers"), clock)

    def mark_of(self, person: Person) -> str:
        """For the browser in which this person signed in."""
        return self._browsers.mark_of(person)

    def knows(self, name: str, marks: Sequence[str]) -> bool:
        """Whether one of a browser's marks is of the person of this name."""
        with reading(self._engine) as connection:
            row = row_of(connection, name[:64]) if marks else None
        return row is not None and bool(self._browsers.known(person_of(row), marks))

    def sign_in(
        self, name: str, password: str, code: str, key: KeyAnswer | None = None, marks: Sequence[str] = ()
    ) -> Person:
        """The person of this name; `key` in the place of a code. One who is new needs none, and may only enrol.

        `marks`: those of the browser.
        """
        with reading(self._engine) as connection:
            row = row_of(connection, name[:64])
        right = passwords.is_right(password, row.password if row is not None else None)
        with writing(self._engine) as connection:
            row = row_of(connection, name[:64])  # as it is now: the hash took its time
            known = self._browsers.known(person_of(row), marks) if row is not None else ""
            cause = self._why_not(connection, row, right=right, code=code, key=key, within=known)
            if row is not None and cause in ("password", "code", "key"):
                self._failed(connection, row, known)
            elif row is not None and not cause:
                if not self._resting(row, ""):  # who let it rest goes on waiting
                    change(connection, row.id, failures=0, rests_until=None)
                if passwords.is_outdated(row.password):
                    change(connection, row.id, password=passwords.hashed(password))
                if row.state == PersonState.NEW.value:
                    # who came before with the same paper may have seen the secret: it is to be nobody's second factor
                    change(connection, row.id, second_factor=None)
                    end_sessions(connection, row.id)
        if cause or row is None:
            raise SignInRefused(cause or "unknown", name[:64] if row is not None else "")
        return person_of(row)

    def confirm(self, person: Person, code: str, key: KeyAnswer | None = None, *, within: str = "") -> None:
        """Once more, before something grave: a code or a key, or for an emergency account its password.

        `within`: the id of the session.
        """
        right = False
        with reading(self._engine) as connection:
            row = known_row(connection, person.name)
        if row.emergency:
            right = passwords.is_right(code, row.password)
        with writing(self._engine) as connection:
            row = known_row(connection, person.name)
            cause = self._resting(row, within)
            if not cause and not right:
                cause = "code" if row.emergency else self._factor_is_wrong(connection, row, code, key)
                if cause:
                    self._failed(connection, row, within)
        if cause:
            raise SignInRefused(cause, person.name)

    def begin_enrolment(self, person: Person) -> bytes:
        """A TOTP secret for somebody who is new: the same one until the next sign-in, so that a page can be loaded
        anew."""
        with writing(self._engine) as connection:
            row = known_row(connection, person.name)
            if row.state != PersonState.NEW.value:
                raise SignInRefused("enrolled", person.name)
            if row.second_factor is not None:
                return self._secret(row)
            secret = secondfactor.new_secret()
            change(connection, row.id, second_factor=self._keyring.wrap(secret, _purpose(row.id)))
            return secret

    def enrol(self, person: Person, password: str, code: str, *, tell: Tell = untold) -> tuple[str, ...]:
        """An own password, and the proof that the app has the secret; recovery codes, told once. AccountRefused too."""
        passwords.check_choice(password, person.name, person.address, person.display)
        with reading(self._engine) as connection:
            before = known_row(connection, person.name)
        if passwords.is_right(password, before.password):
            raise AccountRefused("take another password than the one that you were given")
        kept = passwords.hashed(password)
        codes = secondfactor.new_recovery_codes()
        with writing(self._engine) as connection:
            row = known_row(connection, person.name)
            if row.state != PersonState.NEW.value or row.second_factor is None:
                raise SignInRefused("enrolled", person.name)
            step = secondfactor.step_of(self._secret(row), code, self._clock().timestamp(), row.last_step)
            if step is None:
                raise AccountRefused("the code is not right: take the one that the app shows now")
            now = self._clock()
            values = {"state": PersonState.ACTIVE.value, "expires": None, "changed": now, "last_step": step}
            change(connection, row.id, password=kept, failures=0, standing=now, **values)
            put_recovery_codes(connection, row.id, [secondfactor.recovery_digest(row.id, each) for each in codes])
            end_sessions(connection, row.id)
            tell()
        return codes

    def change_password(self, person: Person, old: str, new: str, *, keep: str = "", tell: Tell = untold) -> None:
        """One's own; all sessions end but `keep` (its id), where it is changed. Raises AccountRefused."""
        passwords.check_choice(new, person.name, person.address, person.display)
        with reading(self._engine) as connection:
            row = known_row(connection, person.name)
        right, kept = passwords.is_right(old, row.password), passwords.hashed(new)
        with writing(self._engine) as connection:
            now = known_row(connection, person.name)  # as it is now: the hashes took their time
            cause = self._resting(now, keep)
            if not cause and (not right or now.password != row.password):
                cause = "password"
                self._failed(connection, now, keep)
            if not cause:
                change(connection, now.id, password=kept, changed=self._clock())
                end_sessions(connection, now.id, but=keep)
                tell()
        if cause:
            raise SignInRefused(cause, person.name)

    def _why_not(
        self,
        connection: sa.Connection,
        row: Row | None,
        *,
        right: bool,
        code: str,
        key: KeyAnswer | None,
        within: str,
    ) -> str:
        """A word of a closed list, "" where all is right. A code is used up by looking at it."""
        if row is None:
            return "unknown"
        if row.state == PersonState.DISABLED.value:
            return "disabled"
        if resting := self._resting(row, within):
            return resting
        if not right:
            return "password"
        if row.expires is not None and row.expires <= self._clock():
            return "expired"
        if row.emergency or row.state == PersonState.NEW.value:
            return ""
        return self._factor_is_wrong(connection, row, code, key)

    def _factor_is_wrong(self, connection: sa.Connection, row: Row, code: str, key: KeyAnswer | None) -> str:
        """What was wrong: "key" or "code"; "" where it is right."""
        if key is not None:
            return "" if securitykeys.is_right(connection, row.id, key, self._clock) else "key"
        return "" if self._code_is_right(connection, row, code) else "code"

    def _resting(self, row: Row, within: str) -> str:
        """`within` a browser that is known, or a session, it counts what failed there; else what failed elsewhere."""
        if within:
            return "resting" if self._browsers.is_worn(within) else ""
        return "resting" if row.rests_until is not None and row.rests_until > self._clock() else ""

    def _failed(self, connection: sa.Connection, row: Row, within: str) -> None:
        if within:
            self._browsers.failed(within)
            return
        failures = row.failures + 1
        rest = None
        if failures > FREE:
            rest = self._clock() + min(LONGEST_REST, FIRST_REST * 2 ** min(10, failures - FREE - 1))
        change(connection, row.id, failures=people.c.failures + 1, rests_until=rest)

    def _code_is_right(self, connection: sa.Connection, row: Row, code: str) -> bool:
        if row.second_factor is None:
            return False
        step = secondfactor.step_of(self._secret(row), code, self._clock().timestamp(), row.last_step)
        if step is not None:
            used = sa.update(people).where(people.c.id == row.id, people.c.last_step < step).values(last_step=step)
            return connection.execute(used).rowcount == 1
        digest = secondfactor.recovery_digest(row.id, code[:64])
        unused = sa.and_(
            recovery_codes.c.person_id == row.id, recovery_codes.c.digest == digest, recovery_codes.c.used.is_(None)
        )
        taken = connection.execute(sa.update(recovery_codes).where(unused).values(used=self._clock()))
        return taken.rowcount == 1

    def _secret(self, row: Row) -> bytes:
        return self._keyring.unwrap(row.second_factor, _purpose(row.id))


def _purpose(person_id: str) -> bytes:
    """What the sealed secret is for: that of one person does not open for another."""
    return f"totp:{person_id}".encode()
