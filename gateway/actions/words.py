"""Plain words for what notices tell: kinds of data, and why something could not be read or done. Never a value."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from gateway.actions.redact import Obstacle
from gateway.actions.settle import NO_ENCRYPTION, NOT_INSPECTED, NOT_REMOVED
from gateway.core.message import AmbiguousReason, Content, OpaqueReason

ENTITIES: Mapping[str, str] = MappingProxyType(
    {
        "US_SSN": "Social Security number",
        "CREDIT_CARD": "payment card number",
        "US_NPI": "provider number (NPI)",
        "US_DEA": "DEA registration number",
        "US_MBI": "Medicare beneficiary number (MBI)",
        "MEDICAL_RECORD_NUMBER": "medical record number",
        "HEALTH_PLAN_MEMBER_ID": "health plan member number",
        "HEALTH_REFERENCE_NUMBER": "number of a visit, claim or prescription",
        "HEALTH_TERM": "words about health or treatment",
        "HEALTH_RECORD": "record in a format of health care",
        "CARE_CONTENT": "passage about somebody's care",
        "CARE_MENTION": "words of care",
        "LAB_RESULT": "laboratory result",
        "US_NDC": "drug code (NDC)",
        "US_CLIA": "laboratory number (CLIA)",
        "FACILITY": "place of care",
        "TITLE": "form of address",
        "ICD10_CODE": "diagnosis code (ICD-10)",
        "DATE_OF_BIRTH": "date of birth",
        "DATE_TIME": "date",
        "US_ITIN": "taxpayer number (ITIN)",
        "US_PASSPORT": "passport number",
        "US_DRIVER_LICENSE": "driver's licence number",
        "US_BANK_NUMBER": "bank account number",
        "ABA_ROUTING_NUMBER": "bank routing number",
        "IBAN_CODE": "bank account number (IBAN)",
        "CRYPTO": "address of a crypto-currency",
        "DEVICE_ID": "number of a device",
        "VEHICLE_ID": "number of a vehicle",
        "BIOMETRIC_ID": "number of a biometric record",
        "ACCOUNT_NUMBER": "account of a patient",
        "IP_ADDRESS": "IP address",
        "MAC_ADDRESS": "MAC address",
        "URL": "web address",
        "NRP": "origin, religion or party",
        "PERSON": "name of a person",
        "PHONE_NUMBER": "telephone number",
        "EMAIL_ADDRESS": "mail address",
        "AWS_ACCESS_KEY": "Amazon Web Services key",
        "GITHUB_TOKEN": "GitHub token",
        "GITLAB_TOKEN": "GitLab token",
        "GOOGLE_API_KEY": "Google key",
        "JSON_WEB_TOKEN": "sign-in token",
        "PASSWORD_IN_URL": "password in a web address",
        "GENERIC_SECRET": "password or key",
    }
)

OPAQUE: Mapping[OpaqueReason, str] = MappingProxyType(
    {
        OpaqueReason.ENCRYPTED_SMIME: "a part is encrypted with S/MIME",
        OpaqueReason.ENCRYPTED_PGP: "a part is encrypted with PGP",
        OpaqueReason.ENCRYPTED_ARCHIVE: "a password-protected archive",
        OpaqueReason.ENCRYPTED_DOCUMENT: "a password-protected document",
        OpaqueReason.UNSUPPORTED_FORMAT: "a file of a kind that cannot be read",
        OpaqueReason.UNKNOWN_CHARSET: "text in an unknown character set",
        OpaqueReason.UNKNOWN_ENCODING: "a part in an unknown encoding",
        OpaqueReason.EXTERNAL_BODY: "a part that is stored somewhere else",
        OpaqueReason.DAMAGED: "a damaged file",
        OpaqueReason.SPLIT_ARCHIVE: "one volume of an archive that has several",
        OpaqueReason.READERS_DISAGREE: "a file in which two programs see different text",
        OpaqueReason.LIMIT_BYTES: "more text than is inspected",
        OpaqueReason.LIMIT_DEPTH: "files or messages nested too deep",
        OpaqueReason.LIMIT_PARTS: "more parts than are inspected",
        OpaqueReason.LIMIT_HEADERS: "more header lines than are inspected",
        OpaqueReason.LIMIT_UNPACKED: "compressed files that hold more than is inspected",
        OpaqueReason.LIMIT_RATIO: "a file that is compressed beyond measure",
        OpaqueReason.LIMIT_ENTRIES: "more files inside files than are inspected",
        OpaqueReason.LIMIT_PAGES: "more pages than are inspected",
        OpaqueReason.LIMIT_PIXELS: "larger pictures than are inspected",
        OpaqueReason.LIMIT_SECONDS: "files that take too long to read",
        OpaqueReason.FAILURE: "the inspection of the message did not finish",
    }
)

AMBIGUOUS: Mapping[AmbiguousReason, str] = MappingProxyType(
    {
        AmbiguousReason.CONTENT_TYPE: "the type of a part is not clear",
        AmbiguousReason.TRANSFER_ENCODING: "the encoding of a part is not clear",
        AmbiguousReason.BOUNDARY: "it is not clear where a part ends",
        AmbiguousReason.HEADER_SYNTAX: "a header line is malformed",
        AmbiguousReason.LINE_ENDS: "the line ends are malformed",
        AmbiguousReason.CHARSET: "the character set of a part is not clear",
    }
)

OBSTACLES: Mapping[str, str] = MappingProxyType(
    {
        Obstacle.ATTACHMENT: "the data stands in an attachment, from which it cannot be taken out",
        Obstacle.FILENAME: "the data stands in the name of a file",
        Obstacle.HEADER: "the data stands in a header line that cannot be changed",
        Obstacle.NESTED: "the data stands in a part that cannot be changed",
        Obstacle.SEALED: "the data stands in a signed part, and taking it out would break the signature",
        NOT_REMOVED: "an attachment has to be taken out, and this one cannot be (it is signed, or the whole message)",
        NO_ENCRYPTION: "the message has to be encrypted, and no way is known by which the recipient could read it then",
        NOT_INSPECTED: "the message could not be inspected, so nothing could be taken out of it",
    }
)


def entity_words(entity: str) -> str:
    """ "US_SSN" as "Social Security number"; a name without words of its own in lower case."""
    return ENTITIES.get(entity) or entity.replace("_", " ").lower()


def unread_words(content: Content) -> tuple[str, ...]:
    """Each reason once why something could not be read for certain."""
    opaque = (OPAQUE[part.reason] for part in content.opaque)
    return tuple(dict.fromkeys((*opaque, *(AMBIGUOUS[part.reason] for part in content.ambiguous))))


def obstacle_words(obstacles: Iterable[str]) -> tuple[str, ...]:
    """Each obstacle once."""
    return tuple(dict.fromkeys(OBSTACLES.get(obstacle, obstacle) for obstacle in obstacles))
