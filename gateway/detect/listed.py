"""The stages that compare texts with what the organisation has listed: rows of its data, its forms."""

from collections.abc import Sequence
from typing import Protocol

from gateway.core.detector import DetectorSpec
from gateway.core.finding import DetectorFailure, Finding
from gateway.core.limits import Limits
from gateway.core.message import Segment


class ListStage(Protocol):
    """Reads the texts by itself, whatever others found."""

    def detect(self, segments: Sequence[Segment], limits: Limits) -> tuple[list[Finding], list[DetectorFailure]]: ...


def check_lists(specs: Sequence[DetectorSpec], exact_key: bytes) -> None:
    """Read every index, with its key, and every form to the last byte.

    Raises SetupError: absent, damaged, made under another key.
    """
    if exact := [spec for spec in specs if spec.engine == "exact"]:
        from gateway.detect.exact.stage import check

        check(exact, exact_key)
    if forms := [spec for spec in specs if spec.engine == "forms"]:
        from gateway.detect.forms.stage import forms_for

        for spec in forms:
            forms_for(spec)


def list_stages(specs: Sequence[DetectorSpec], *, exact_key: bytes, fingerprint_key: bytes) -> list[ListStage]:
    """The stages that the specs ask for. Raises SetupError for an index that cannot be used."""
    stages: list[ListStage] = []
    if exact := [spec for spec in specs if spec.engine == "exact"]:
        from gateway.detect.exact.stage import ExactStage

        stages.append(ExactStage(exact, exact_key, fingerprint_key))
    if forms := [spec for spec in specs if spec.engine == "forms"]:
        from gateway.detect.forms.stage import FormsStage

        stages.append(FormsStage(forms, fingerprint_key))
    return stages
