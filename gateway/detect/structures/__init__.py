"""Formats that carry patients by their shape: what stands in which field, without any label in words.

Each reader takes folded text and yields values; it is asked only where its sign, an RE2 expression, occurs. None of
them raises, whatever the text is, and each takes time linear in the text.
"""

from collections.abc import Callable, Iterator

from gateway.detect.structures.ccda import ccda_values
from gateway.detect.structures.fhir_json import fhir_json_values
from gateway.detect.structures.fhir_xml import fhir_xml_values
from gateway.detect.structures.hl7v2 import hl7v2_values
from gateway.detect.structures.tables import SIGN, table_values
from gateway.detect.structures.value import Value
from gateway.detect.structures.x12 import x12_values

Reader = Callable[[bytes], Iterator[Value]]

READERS: tuple[tuple[str, Reader], ...] = (
    (r"MSH[|!#$%&*^~]", hl7v2_values),
    ("recordTarget", ccda_values),
    ('"resourceType"', fhir_json_values),
    (r"hl7\.org/fhir", fhir_xml_values),
    (r"ISA[|!#$%&*^~]\d\d", x12_values),
    (SIGN, table_values),
)

__all__ = ["READERS", "Reader", "Value"]
