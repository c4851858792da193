"""A domain's policy that its mail servers do TLS (RFC 8461)."""

from dataclasses import dataclass

LONGEST_AGE = 31_557_600  # seconds
MOST_DIGITS = 10  # RFC 8461 section 3.2


@dataclass(frozen=True, slots=True)
class StsPolicy:
    """`mode` is enforce, testing or none; `mx` are patterns of host names."""

    mode: str
    mx: tuple[str, ...]
    max_age: int

    def covers(self, host: str) -> bool:
        """A star stands for exactly one label (section 4.1)."""
        return any(
            host == pattern or (pattern.startswith("*.") and host.partition(".")[2] == pattern[2:])
            for pattern in self.mx
        )


def read_policy(octets: bytes) -> StsPolicy | None:
    """None for what is no policy of version 1 (section 3.2)."""
    pairs = [line.partition(":") for line in octets.decode("utf-8", "replace").splitlines() if ":" in line]
    fields = [(name.strip(), value.strip()) for name, _, value in pairs]
    first: dict[str, str] = {}
    for name, value in fields:
        first.setdefault(name, value)
    age = first.get("max_age", "")
    if (
        first.get("version") != "STSv1"
        or not (age.isascii() and age.isdecimal() and len(age) <= MOST_DIGITS)
        or first.get("mode") not in {"enforce", "testing", "none"}
    ):
        return None
    mx = tuple(value.lower() for name, value in fields if name == "mx" and value)
    return StsPolicy(first["mode"], mx, min(int(age), LONGEST_AGE))
