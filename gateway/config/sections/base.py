"""What the sections of `gatepost.yaml` are made of: documented fields, and the types of their values."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from gateway.config import checks

STATE = Path("/var/lib/gatepost")
MIB = 1_048_576

Count = Annotated[int, BeforeValidator(checks.no_bool)]
Seconds = Annotated[float, BeforeValidator(checks.no_bool)]
Place = Annotated[Path, AfterValidator(checks.absolute)]


def kebab(name: str) -> str:
    return name.replace("_", "-")


def setting(default: Any, description: str, *, unit: str = "", shown: str = "", **constraints: Any) -> Any:
    """A documented field. `shown`: what the reference prints as default where the real one depends on the machine.

    A callable `default` makes the value when a configuration is made.
    """
    extra: dict[str, Any] = {"unit": unit, "shown": shown}
    if callable(default):
        return Field(default_factory=default, description=description, json_schema_extra=extra, **constraints)
    return Field(default, description=description, json_schema_extra=extra, **constraints)


class Section(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=kebab,
        validate_by_name=True,
        validate_by_alias=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
    )
