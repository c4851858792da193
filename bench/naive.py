"""What one writes in an afternoon: pymilter, the standard library's parser, and `re`.

python -m bench.naive unix:/path PATTERNS
"""

import email
import email.policy
import re
import sys
from pathlib import Path
from typing import Any

import Milter


class Naive(Milter.Base):
    """Collects a message, parses it, and looks for each pattern in each text."""

    patterns: tuple[re.Pattern[str], ...] = ()

    def __init__(self) -> None:
        self._octets: list[bytes] = []

    @Milter.noreply
    def envfrom(self, address: str, *parameters: str) -> Any:
        self._octets = []
        return Milter.CONTINUE

    @Milter.noreply
    def header(self, name: str, value: str) -> Any:
        self._octets.append(f"{name}: {value}\r\n".encode("utf-8", "surrogateescape"))
        return Milter.CONTINUE

    @Milter.noreply
    def eoh(self) -> Any:
        self._octets.append(b"\r\n")
        return Milter.CONTINUE

    @Milter.noreply
    def body(self, chunk: bytes) -> Any:
        self._octets.append(chunk)
        return Milter.CONTINUE

    def eom(self) -> Any:
        message = email.message_from_bytes(b"".join(self._octets), policy=email.policy.default)
        for part in message.walk():
            if part.get_content_maintype() == "text":
                text = part.get_content()
                for pattern in self.patterns:
                    pattern.findall(text)
        return Milter.ACCEPT


if __name__ == "__main__":
    Naive.patterns = tuple(re.compile(line, re.IGNORECASE) for line in Path(sys.argv[2]).read_text().splitlines())
    Milter.factory = Naive
    Milter.runmilter("naive", sys.argv[1])
