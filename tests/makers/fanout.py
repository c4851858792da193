"""A site where one message goes four ways, and what each of its recipients has got."""

import ssl
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gateway.demo.letters import letter
from gateway.demo.pki import Authority, Identity, Wish
from gateway.demo.service import Settings
from gateway.demo.sink import Delivery, Sink
from gateway.demo.site import Layout, Site
from tests.makers.opening import Correspondent

ANN, PAT, TOM, NED = "ann@smime.example", "pat@pgp.example", "tom@tls.example", "ned@nothing.example"
EVERYBODY = (ANN, PAT, TOM, NED)
BODY = b"Dear all,\r\n\r\n.dots, \xc3\xbcmlauts, trailing space \r\nMRN 4459-1182\r\n"
SETTINGS: Settings = {"workers": {"count": 1}, "encryption": {"revocation": "off"}}
TRIES = 5
TYPE = b"Content-Type: text/plain; charset=utf-8"


@dataclass
class Crew:
    """A site whose lanes lead to a sink with TLS, and people with keys."""

    site: Site
    tls: Sink
    ann: Identity
    pat: Correspondent
    authority: Authority

    def deliveries(self) -> tuple[Delivery, ...]:
        return (*self.site.sink.deliveries, *self.tls.deliveries)

    def got(self) -> Counter[str]:
        return Counter(address for delivery in self.deliveries() for address in delivery.recipients)

    def clear(self) -> None:
        self.site.postfix.drain(60)
        self.site.sink.clear()
        self.tls.clear()


@contextmanager
def crew(folder: Path, rules: Path, signer: str = "") -> Iterator[Crew]:
    """Everything started; stopped at the end."""
    authority = Authority()
    ann, server = authority.issue(Wish([ANN])), authority.issue(Wish(hosts=["localhost"], purpose=None))
    (folder / "server.pem").write_text(server.pem + server.key_pem)
    (folder / "ca.pem").write_text(authority.pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    with Sink(context) as tls, Correspondent(PAT) as pat:
        trusted = (f"smtp_tls_CAfile = {folder}/ca.pem",)
        layout = Layout(rules, SETTINGS, main_cf=trusted, lane_hop=f"[localhost]:{tls.port}", signer=signer)
        with Site(layout, prefix="gp-") as site:
            (site.gateway.state / "anchors.pem").write_text(authority.pem)
            (folder / "ann.pem").write_text(ann.pem)
            (folder / "pat.asc").write_text(pat.public)
            site.gateway.command("recipients", "import", str(folder / "ann.pem"), str(folder / "pat.asc"))
            site.gateway.command("recipients", "lane", "tls.example", "secure")
            yield Crew(site, tls, ann, pat, authority)


def to_all(subject: str, *recipients: str) -> bytes:
    """A message that names these in To."""
    named = ", ".join(recipients).encode()
    return letter(subject, BODY, TYPE, b"MIME-Version: 1.0").replace(b"someone@outside.example", named)


@dataclass
class Kills:
    """Kills the gateway at one line after the other, lets the client come again, and counts what arrived."""

    crew: Crew
    file: Path
    tries: Counter[int] = field(default_factory=Counter)  # how often the client came until it was served

    def prepare(self) -> int:
        """Start the gateway that can kill itself; how many lines a message takes."""
        gateway = self.crew.site.gateway
        self.file.write_text("0")
        gateway.stop()
        gateway.launcher = (sys.executable, "-m", "tests.makers.killer", str(self.file))
        gateway.start()
        self.crew.site.send(to_all("case-encrypt", *EVERYBODY), *EVERYBODY)
        return int(self.file.read_text().split()[1])

    def at(self, point: int) -> str:
        """What went wrong where it was killed at this line; "" where each has exactly one copy."""
        site = self.crew.site
        self.crew.clear()
        held = site.gateway.held()
        raw = to_all("case-encrypt", *EVERYBODY)
        self.file.write_text(str(point))
        first = site.send(raw, *EVERYBODY).final.code
        self.file.write_text("0")
        site.gateway.kill()
        site.gateway.start()
        heard = [first]
        while heard[-1] != 250 and len(heard) < TRIES:
            heard.append(site.send(raw, *EVERYBODY).final.code)
        self.tries[len(heard)] += 1
        site.postfix.drain(60)
        got, kept = self.crew.got(), site.gateway.held() - held
        if heard[-1] == 250 and got == Counter([ANN, PAT, TOM]) and kept == 1:
            return ""
        return f"line {point}: client heard {heard}; copies {dict(got)}, held {kept}"
