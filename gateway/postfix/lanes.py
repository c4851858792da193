"""The TLS lanes: transports that never fall back to plain text, and how a header field of Gatepost's leads to them.

What they are for is in docs/encryption.md; the settings are postconf(5), header_checks(5) and smtp(8).
"""

from collections.abc import Iterator

from gateway.postfix.change import AddService, Change, SetOverride, SetParameter, WriteFile
from gateway.postfix.survey import Survey
from gateway.postfix.wish import Wish

LANES_FILE, OFF_FILE = "gatepost-lanes", "gatepost-lanes-off"
CLEANUP = "cleanup-lanes/unix"
_LANES: dict[str, dict[str, str]] = {
    "encrypt": {"smtp_tls_security_level": "encrypt"},
    "secure": {"smtp_tls_security_level": "secure"},
    "dane-only": {"smtp_tls_security_level": "dane-only", "smtp_dns_support_level": "dnssec"},
}
NAMES = tuple(_LANES)


def lane_changes(survey: Survey, wish: Wish) -> Iterator[Change]:
    """What Postfix lacks to know the lanes of the wish; nothing where it asks for none."""
    if not wish.lanes:
        return
    checks = f"regexp:{survey.folder}/{LANES_FILE}"
    hop = survey.parameters.get("relayhost", "")
    for name, text, reason in (
        (LANES_FILE, lanes_text(wish, hop), "which header field leads to which lane; a lane overrides relayhost"),
        (OFF_FILE, f"/^{wish.lane_header}:/ IGNORE\n", "the field itself never leaves"),
    ):
        path = survey.folder / name
        old = path.read_text("utf-8") if path.is_file() else None
        if old != text:
            yield WriteFile(name, text, old, reason)
    for lane in wish.lanes:
        yield from _transport(survey, lane)
    yield from _cleanup(survey, checks)
    written = survey.written.get("milter_header_checks")
    if checks not in (written or ""):
        new = f"{checks}, {written}" if written else checks
        yield SetParameter(
            "milter_header_checks", new, written, "it sees only what a milter added: no sender can choose"
        )
    if survey.value("smtp_tls_loglevel") == "0":
        old = survey.written.get("smtp_tls_loglevel")
        yield SetParameter(
            "smtp_tls_loglevel", "1", old, "the log says which TLS a copy left by: the proof of delivery"
        )


def lanes_text(wish: Wish, hop: str) -> str:
    """The table of header_checks(5). `hop` "": to the recipient's own servers."""
    return "".join(f"/^{wish.lane_header}: *{lane}$/ FILTER smtp-tls-{lane}:{hop}\n" for lane in wish.lanes)


def _transport(survey: Survey, lane: str) -> Iterator[Change]:
    key = f"smtp-tls-{lane}/unix"
    cage = "y" if any(s.key == "smtp/unix" and survey.in_chroot(s) for s in survey.services) else "n"
    yield from _service(survey, key, f"smtp-tls-{lane} unix - - {cage} - - smtp", "a way out that is never plain")
    settings = {
        "syslog_name": f"postfix/tls-{lane}",
        **_LANES[lane],
        "smtp_tls_mandatory_protocols": ">=TLSv1.2",
        "smtp_tls_policy_maps": "",  # an exception for a domain would be stronger than the lane
        "smtp_tls_per_site": "",
        "smtp_fallback_relay": "",
        "smtp_header_checks": f"regexp:{survey.folder}/{OFF_FILE}",
    }
    yield from _overrides(survey, key, settings, "TLS or not at all")


def _cleanup(survey: Survey, checks: str) -> Iterator[Change]:
    """For what Gatepost hands back: no milter sees it, so that its header field is read by a cleanup of its own."""
    reason = "copies that Gatepost hands back find their lane too"
    yield from _service(survey, CLEANUP, "cleanup-lanes unix n - n - 0 cleanup", reason)
    settings = {"header_checks": checks, "mime_header_checks": "", "nested_header_checks": ""}
    yield from _overrides(survey, CLEANUP, settings, reason)


def _service(survey: Survey, key: str, line: str, reason: str) -> Iterator[Change]:
    if survey.service(key) is None:
        yield AddService(key, line, reason)


def _overrides(survey: Survey, key: str, settings: dict[str, str], reason: str) -> Iterator[Change]:
    service = survey.service(key)
    for name, value in settings.items():
        if service is None or service.overrides.get(name) != value:
            old = service.written.get(name) if service is not None else None
            yield SetOverride(key, name, value, old, reason)
