"""Words that people write who know what they want and not yet what it is called here."""

from collections.abc import Collection

_CALLED = {
    # actions and outcomes
    "quarantine": ("hold", "keep", "queue", "review", "isolate"),
    "block": ("reject", "refuse", "bounce", "deny", "stop", "drop", "discard"),
    "deliver": ("allow", "pass", "accept", "permit", "send", "release"),
    "notify": ("warn", "tell", "alert", "inform", "mail"),
    "redact": ("mask", "remove", "hide", "blacken"),
    "copy-to": ("copy", "bcc", "cc", "forward", "archive", "journal"),
    "notice": ("disclaimer", "footer", "text", "message", "append"),
    "tag": ("label", "prefix", "subject-tag"),
    "remove-attachments": ("strip", "strip-attachments", "delete-attachments"),
    # conditions and their lists
    "none": ("not", "except", "unless", "exceptions", "exclude"),
    "all": ("and", "if", "must"),
    "any": ("or", "either"),
    "recipient": ("to", "recipients-domain", "rcpt"),
    "sender": ("from", "mail-from"),
    "finds": ("contains", "content", "body", "detects", "found", "entity"),
    "stream": ("newsletter", "bulk"),
    # words of settings
    "marketing": ("newsletter", "newsletters", "bulk", "advertising"),
    "personal": ("private", "normal", "individual"),
    "transactional": ("automatic", "system", "service"),
    "enforce": ("on", "active", "enabled", "live", "production"),
    "monitor": ("watch", "test", "audit", "dry-run", "learning"),
    "retired": ("off", "disabled", "inactive"),
    "high": ("critical", "severe", "sure"),
    "low": ("info", "minor", "weak"),
    "smime": ("s/mime", "certificate", "pkcs7"),
    "pgp": ("openpgp", "gpg"),
    # what detectors find
    "patient-identifier": ("patient", "patients", "phi", "patient-information", "identifier", "identifiers"),
    "health": ("medical", "clinical", "healthcare", "health-content"),
    "payment": ("cards", "credit-cards", "payments"),
    "secret": ("secrets", "credentials", "tokens"),
    "PERSON": ("name", "patient-name", "person-name", "full-name"),
    "CREDIT_CARD": ("card", "card-number", "pan", "payment-card"),
    "US_SSN": ("social-security", "social-security-number"),
    "MEDICAL_RECORD_NUMBER": ("mrn", "chart-number"),
    "DATE_OF_BIRTH": ("dob", "birthday", "birth-date"),
    "HEALTH_TERM": ("diagnosis", "disease", "illness", "condition"),
    "GENERIC_SECRET": ("password", "passwords"),
    "STREET_ADDRESS": ("address", "home-address"),
}
_MEANT = frozenset((word, name) for name, words in _CALLED.items() for word in words)


def meant(word: str, known: Collection[str]) -> str | None:
    """What one of the known names is often called; None where it is no such word."""
    plain = word.casefold().replace("_", "-").replace(" ", "-")
    return next((name for name in known if (plain, name) in _MEANT), None)
