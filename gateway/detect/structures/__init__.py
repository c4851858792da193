"""Formats that carry patients by their shape: what stands in which field, without any label in words.

Each reader takes folded text and yields values; where its format is not there it costs one search for a few bytes.
None of them raises, whatever the text is, and each takes time linear in the text.
"""

from collections.abc import Callable, Iterator

from gateway.detect.structures.ccda import ccda_values
from gateway.detect.structures.fhir_json import fhir_json_values
from gateway.detect.structures.fhir_xml import fhir_xml_values
from gateway.detect.structures.hl7v2 import hl7v2_values
from gateway.detect.structures.tables import table_values
from gateway.detect.structures.value import Value
from gateway.detect.structures.x12 import x12_values

READERS: tuple[Callable[[bytes], Iterator[Value]], ...] = (
    hl7v2_values,
    ccda_values,
    fhir_json_values,
    fhir_xml_values,
    x12_values,
    table_values,
)

__all__ = ["READERS", "Value"]
