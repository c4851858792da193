"""What can be written in a rule, as a page (Markdown), made of the classes themselves."""

from collections.abc import Iterator, Sequence

from gateway.core.detector import DetectorSpec
from gateway.detect.validators import VALIDATORS
from gateway.policy.conditions import CONDITIONS
from gateway.policy.rulefile import RULE
from gateway.policy.settings import Form
from gateway.policy.verbs import VERBS


def reference(detectors: Sequence[DetectorSpec]) -> str:
    """Settings of a rule, conditions, actions, and what the given detectors find."""
    return "\n".join(_lines(detectors)) + "\n"


def _lines(detectors: Sequence[DetectorSpec]) -> Iterator[str]:
    yield "# Reference of rules"
    yield ""
    yield "<!-- Made by `gatepost rules docs --reference`; a test holds it. How to write rules: rules/README.md. -->"
    yield ""
    yield "A setting in bold must be given. The value of one in italics may stand alone: `size: 10 MiB`."
    yield ""
    yield f"A rule has the settings {_settings(RULE)}."
    yield from _table("Conditions", ((c.word, c.form, c.__doc__) for c in CONDITIONS))
    yield from _table("Actions", ((a.verb.value, a.form, a.__doc__) for a in VERBS))
    yield from _groups(detectors)
    yield from _detectors(detectors)
    yield ""
    yield "## Validators"
    yield ""
    yield ", ".join(f"`{name}`" for name in sorted(VALIDATORS)) + "."


def _table(title: str, entries: Iterator[tuple[str, Form, str | None]]) -> Iterator[str]:
    yield ""
    yield f"## {title}"
    yield ""
    yield "| word | settings | meaning |"
    yield "| --- | --- | --- |"
    for word, form, doc in entries:
        yield f"| `{word}` | {_settings(form)} | {_first_paragraph(doc or '')} |"


def _settings(form: Form) -> str:
    shown = []
    for setting in form.settings:
        name = f"`{setting.name}`"
        if setting.required:
            name = f"**{name}**"
        shown.append(f"*{name}*" if setting.name == form.shorthand else name)
    return ", ".join(shown)


def _first_paragraph(doc: str) -> str:
    return " ".join(doc.split("\n\n")[0].split()).replace("|", "\\|")


def _groups(detectors: Sequence[DetectorSpec]) -> Iterator[str]:
    yield ""
    yield "## Groups"
    yield ""
    yield "| group | entities |"
    yield "| --- | --- |"
    for group in sorted({group for spec in detectors for group in spec.groups}):
        entities = sorted({spec.entity for spec in detectors if group in spec.groups})
        yield f"| `{group}` | {', '.join(f'`{entity}`' for entity in entities)} |"


def _detectors(detectors: Sequence[DetectorSpec]) -> Iterator[str]:
    yield ""
    yield "## Detectors"
    yield ""
    yield "| entity | detector | finds | sources |"
    yield "| --- | --- | --- | --- |"
    for spec in sorted(detectors, key=lambda spec: (spec.entity, spec.id)):
        sources = "; ".join(spec.references).replace("|", "\\|")
        yield f"| `{spec.entity}` | `{spec.id}` | {spec.title} | {sources} |"
