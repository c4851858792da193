"""From `gatepost.yaml` and the environment to a `Config`, or to every fault at once."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gateway.config.kept import refuse_lost
from gateway.config.schema import Config
from gateway.config.sections.base import kebab
from gateway.core.errors import Fault, FaultyFiles, SetupError
from gateway.documents import Node, load_document, nearest

SYSTEM_FILE = Path("/etc/gatepost/gatepost.yaml")
PREFIX = "GATEPOST_"
FILE_VARIABLE = "GATEPOST_CONFIG"


def configuration_file(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    """Which file counts: the one asked for, else GATEPOST_CONFIG, else /etc/gatepost/gatepost.yaml if it is there.

    None: there is no file, and every setting has its default.
    """
    if path is not None:
        return path
    if named := environ.get(FILE_VARIABLE):
        return Path(named)
    return SYSTEM_FILE if SYSTEM_FILE.exists() else None


def load_config(path: Path | None, environ: Mapping[str, str]) -> Config:
    """The configuration of that file, with `GATEPOST_<SECTION>_<KEY>` of the environment on top.

    Raises FaultyFiles with every fault: unknown settings, wrong types, values out of range, bad YAML.
    """
    faults: list[Fault] = []
    file = configuration_file(path, environ)
    node = load_document(file, faults) if file else None
    if faults:
        raise FaultyFiles(faults)
    if node is not None and node.kind != "mapping":
        raise FaultyFiles([node.fault("", "must be sections with settings", "see docs/configuration.md")])
    overrides = _overrides(environ, faults)
    base = file.absolute().parent if file else Path.cwd()
    config = _validate(_merged(node, overrides), base, _Places(node, overrides), faults)
    if config is None or faults:
        raise FaultyFiles(faults)
    return config


def keyring_file(config: Config, environ: Mapping[str, str]) -> Path:
    """The file that holds the keyring: the systemd credential where one is named and handed over, else `store.keyring`.

    Raises SetupError where the credential is named and systemd did not hand it over, and where the keyring is lost:
    absent although there is something that it sealed or signed.
    """
    name = config.store.keyring_credential
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if not name or not folder:
        refuse_lost(config, config.store.keyring)
        return config.store.keyring
    credential = Path(folder) / name
    if not credential.exists():
        raise SetupError(f"systemd did not hand over the credential {name}: add LoadCredential={name}:… to the unit")
    return credential


def _sections() -> dict[str, type[BaseModel]]:
    models = {name: field.annotation for name, field in Config.model_fields.items()}
    return {name: model for name, model in models.items() if isinstance(model, type) and issubclass(model, BaseModel)}


def _variables() -> dict[str, tuple[str, str]]:
    """Name of the environment variable -> (section, setting), keys as in the file."""
    return {
        f"{PREFIX}{section}_{name}".upper(): (section, kebab(name))
        for section, model in _sections().items()
        for name in model.model_fields
    }


def _overrides(environ: Mapping[str, str], faults: list[Fault]) -> dict[tuple[str, str], tuple[str, str]]:
    """(section, setting) -> (variable, value). A variable that sets nothing is a fault, as a misspelt key is."""
    known = _variables()
    found = {}
    for variable, value in sorted(environ.items()):
        if not variable.startswith(PREFIX) or variable == FILE_VARIABLE:
            continue
        if variable in known:
            found[known[variable]] = (variable, value)
        else:
            faults.append(Fault("environment", 0, 0, variable, "no such setting", _suggest(variable, known)))
    return found


def _merged(node: Node | None, overrides: Mapping[tuple[str, str], tuple[str, str]]) -> dict[str, Any]:
    plain = node.plain if node is not None else {}
    # A section whose settings are all commented out is null in YAML; it means the defaults.
    merged = {key: {} if value is None else value for key, value in plain.items()} if isinstance(plain, dict) else {}
    for (section, name), (_, value) in overrides.items():
        settings = merged.get(section, {})
        if isinstance(settings, dict):
            merged[section] = {**settings, name: value}
    return merged


class _Places:
    """Where a setting was written: the file or the environment."""

    def __init__(self, node: Node | None, overrides: Mapping[tuple[str, str], tuple[str, str]]) -> None:
        self._node = node
        self._overrides = overrides

    def fault(self, loc: tuple[str | int, ...], problem: str, remedy: str) -> Fault:
        override = self._overrides.get((str(loc[0]), str(loc[1]))) if len(loc) > 1 else None
        if override is not None or self._node is None:
            return Fault("environment", 0, 0, override[0] if override else "", problem, remedy)
        return self._key_or_value(loc, problem).fault(".".join(map(str, loc)), problem, remedy)

    def _key_or_value(self, loc: tuple[str | int, ...], problem: str) -> Node:
        assert self._node is not None
        if problem is UNKNOWN:
            parent = self._node.at(loc[:-1])
            return next((key for name, key, _ in parent.items() if name == loc[-1]), parent)
        return self._node.at(loc)


def _validate(plain: dict[str, Any], base: Path, places: _Places, faults: list[Fault]) -> Config | None:
    try:
        return Config.model_validate(plain, context={"base": base}, by_alias=True, by_name=False)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        faults.extend(places.fault(detail["loc"], *_explain(detail)) for detail in details)
        return None


UNKNOWN = "no such setting"
_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "string": "text",
    "path": "a path",
    "model": "a section with settings",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
    "string_too_short": ("min_length", "text of at least this many characters:"),
}


def _explain(detail: ErrorDetails) -> tuple[str, str]:
    """(what is wrong, how to mend it), in plain words. Never the value: a URL may have a password in it."""
    kind, loc = detail["type"], detail["loc"]
    bounds: Mapping[str, Any] = detail.get("ctx", {})
    if kind == "extra_forbidden":
        return UNKNOWN, _suggest(str(loc[-1]), _known_beside(loc))
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        return f"must be {words} {bounds[key]:,}", _range(loc)
    if kind == "literal_error":
        return f"must be {bounds['expected']}", "write one of them"
    if kind == "value_error":
        return str(bounds["error"]), "see docs/configuration.md"
    wanted = next((words for start, words in _TYPES.items() if kind.startswith(start)), "something else")
    if kind == "string_pattern_mismatch":
        return "has characters that are not allowed here", "see docs/configuration.md"
    return f"must be {wanted}", _range(loc)


def _known_beside(loc: tuple[str | int, ...]) -> list[str]:
    if len(loc) == 1:
        return list(_sections())
    model = _sections().get(str(loc[0]))
    return [kebab(name) for name in model.model_fields] if model else []


def _suggest(word: str, known: Any) -> str:
    names = list(known)
    close = nearest(word, names)
    return f"did you mean {close}?" if close else f"known are: {', '.join(sorted(names))}"


def _range(loc: tuple[str | int, ...]) -> str:
    model = _sections().get(str(loc[0])) if len(loc) == 2 else None
    field = {kebab(name): field for name, field in model.model_fields.items()}.get(str(loc[1])) if model else None
    if field is None:
        return "see docs/configuration.md"
    unit = (field.json_schema_extra or {}).get("unit") if isinstance(field.json_schema_extra, dict) else ""
    parts = [f"{words} {value:,}" for words, value in _limits_of(field.metadata)]
    return f"{' and '.join(parts)}{f' {unit}' if unit else ''}" if parts else "see docs/configuration.md"


def _limits_of(metadata: list[Any]) -> Iterator[tuple[str, int]]:
    for bound in metadata:
        for name, words in (("ge", "at least"), ("gt", "more than"), ("le", "at most")):
            value = getattr(bound, name, None)
            if value is not None:
                yield words, value
