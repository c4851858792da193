"""One change of a Postfix configuration, as data: what `plan` shows and `apply` does."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SetParameter:
    """A line of main.cf. `old` None: main.cf did not say it."""

    name: str
    new: str
    old: str | None
    reason: str

    @property
    def place(self) -> str:
        return f"main.cf: {self.name}"


@dataclass(frozen=True, slots=True)
class AddService:
    """A line of master.cf, without its settings."""

    key: str
    line: str
    reason: str

    @property
    def place(self) -> str:
        return f"master.cf: {self.key}"

    @property
    def new(self) -> str:
        return self.line

    @property
    def old(self) -> str | None:
        return None


@dataclass(frozen=True, slots=True)
class SetOverride:
    """An `-o` setting of a service in master.cf. `old` None: it had none of that name."""

    service: str
    name: str
    new: str
    old: str | None
    reason: str

    @property
    def place(self) -> str:
        return f"master.cf: {self.service}: {self.name}"


@dataclass(frozen=True, slots=True)
class WriteFile:
    """A small file of ours beside main.cf. `old` None: there was none."""

    name: str
    new: str
    old: str | None
    reason: str

    @property
    def place(self) -> str:
        return self.name


Change = SetParameter | AddService | SetOverride | WriteFile
