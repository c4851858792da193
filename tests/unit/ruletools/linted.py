"""What lint is shown: conditions of the rule there is, cases for another one, clean mail."""

from pathlib import Path

CASES = """\
positive: [{name: a, expect: deliver, from: a@clinic.example, to: b@home.example}]
negative: [{name: b, expect: deliver, from: a@clinic.example, to: b@home.example}]
"""
SSN = "- finds: {entity: US_SSN, min-confidence: medium}"
OUT = "- recipient: {outside: partners}"


def with_cases(rules: Path, rule: Path) -> None:
    file = rules / "cases" / rule.stem / "cases.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(CASES, "utf-8")


def clean(folder: Path, number: int, wrong: int, body: str) -> Path:
    mails = (
        f"- {{name: m{i}, from: a@clinic.example, to: b@home.example, body: '{body if i < wrong else 'Hello'}'}}\n"
        for i in range(number)
    )
    file = folder / "mail.yaml"
    file.write_text("".join(mails), "utf-8")
    return file
