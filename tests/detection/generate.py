"""Writes texts.jsonl from the marked texts and templates beside it. Seeded: the same files give the same bytes.

    python tests/detection/generate.py

The second to the eleventh set, in folders beside this one, are written too: texts without slots, to be
measured alone.

A text is a block under `## id kind [areas]`. A value is marked `{LABEL|value}`, or `{?LABEL|value}` where finding it is
neither asked for nor wrong (a clinician, a company). A template has slots `{name}` besides, those of `SLOTS`,
and a number at a slot's end makes another of the kind. Whether a text is protected is in the name of its file.
"""

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
SEED = 20260301
ROUNDS = {
    "written-protected": 1, "written-clear": 1, "templates-protected": 3, "templates-clear": 2,
    "more-protected": 1, "more-clear": 1,
}  # fmt: skip
SECOND = HERE.parent / "detection-second"
SECOND_ROUNDS = {"second-protected": 1, "second-clear": 1}
THIRD = HERE.parent / "detection-third"
THIRD_ROUNDS = {"third-protected": 1, "third-clear": 1}
FOURTH = HERE.parent / "detection-fourth"
FOURTH_ROUNDS = {"fourth-protected": 1, "fourth-clear": 1}
FIFTH = HERE.parent / "detection-fifth"
FIFTH_ROUNDS = {"fifth-protected": 1, "fifth-clear": 1}
SIXTH = HERE.parent / "detection-sixth"
SIXTH_ROUNDS = {"sixth-protected": 1, "sixth-clear": 1}
SEVENTH = HERE.parent / "detection-seventh"
SEVENTH_ROUNDS = {"seventh-protected": 1, "seventh-clear": 1}
EIGHTH = HERE.parent / "detection-eighth"
EIGHTH_ROUNDS = {"eighth-protected": 1, "eighth-clear": 1}
NINTH = HERE.parent / "detection-ninth"
NINTH_ROUNDS = {"ninth-protected": 1, "ninth-clear": 1}
TENTH = HERE.parent / "detection-tenth"
TENTH_ROUNDS = {"tenth-protected": 1, "tenth-clear": 1}
ELEVENTH = HERE.parent / "detection-eleventh"
ELEVENTH_ROUNDS = {"eleventh-protected": 1, "eleventh-clear": 1}
LABELS = {
    "A": "STREET_ADDRESS", "ABA": "ABA_ROUTING_NUMBER", "AGE": "AGE_OVER_89", "B": "DATE_OF_BIRTH",
    "BANK": "US_BANK_NUMBER", "CARD": "CREDIT_CARD", "D": "DATE_TIME", "DEA": "US_DEA", "DEV": "DEVICE_ID",
    "DL": "US_DRIVER_LICENSE", "E": "EMAIL_ADDRESS", "F": "FACILITY", "H": "HEALTH_PLAN_MEMBER_ID", "I": "ICD10_CODE",
    "IP": "IP_ADDRESS", "L": "LOCATION", "LP": "LICENSE_PLATE", "M": "MEDICAL_RECORD_NUMBER", "MBI": "US_MBI",
    "NPI": "US_NPI", "P": "PERSON", "R": "HEALTH_REFERENCE_NUMBER", "S": "US_SSN", "T": "PHONE_NUMBER", "U": "URL",
    "VIN": "VEHICLE_ID",
}  # fmt: skip
_HEADER = re.compile(r"^## (\S+) (\S+) ?(\S*)\n", re.MULTILINE)
_MARK = re.compile(r"\{(\??)([A-Z]+)\|([^{}]*)\}")
_SLOT = re.compile(r"\{([A-Za-z]+(?:\.[a-z]+)*)([0-9]*)\}")


@dataclass(slots=True)
class Cast:
    """The people and numbers of one text; a slot has the same value wherever it stands in it."""

    chance: random.Random
    words: dict[str, list[str]]
    values: dict[tuple[str, str], str] = field(default_factory=dict)
    people: dict[str, tuple[str, str, bool]] = field(default_factory=dict)

    def value(self, slot: str, number: str) -> str:
        """The marked value of a slot."""
        if (slot, number) not in self.values:
            self.values[slot, number] = SLOTS[slot](self, number)
        return self.values[slot, number]

    def pick(self, name: str) -> str:
        """A word of a list."""
        return str(self.chance.choice(self.words[name]))

    def form(self, *forms: str) -> str:
        """One of the forms, with a digit for each #, one from 1 for each %, and a letter for each @."""
        kinds = {"#": "0123456789", "%": "123456789", "@": "ABCDEFGHJKMNPRTWXY"}
        return "".join(self.chance.choice(kinds.get(char, char)) for char in self.chance.choice(forms))

    def person(self, number: str) -> tuple[str, str, bool]:
        """First name, last name, and whether it is a woman."""
        if number not in self.people:
            woman = self.chance.random() < 0.5
            self.people[number] = (self.pick("women" if woman else "men"), self.pick("last"), woman)
        return self.people[number]

    def pronoun(self, woman: str, man: str) -> str:
        """The one for the first person."""
        return woman if self.person("")[2] else man


def marked(label: str, value: str) -> str:
    """A value with its label."""
    return f"{{{label}|{value}}}"


def title(cast: Cast, number: str) -> str:
    """A title and a last name."""
    _, last, woman = cast.person(number)
    return f"{cast.chance.choice(('Mrs.', 'Ms.') if woman else ('Mr.', 'Mr'))} {last}"


def name(cast: Cast, number: str) -> str:
    """First and last name, now and then with a middle initial."""
    first, last, _ = cast.person(number)
    return f"{first}{cast.form(' @.') if cast.chance.random() < 0.15 else ''} {last}"


def last_first(cast: Cast, number: str) -> str:
    """As registers sort."""
    first, last, _ = cast.person(number)
    return cast.chance.choice((f"{last}, {first}", f"{last.upper()}, {first.upper()}", f"{last},{first}"))


def initial(cast: Cast, number: str) -> str:
    """One of the two names as a letter."""
    first, last, _ = cast.person(number)
    return cast.chance.choice((f"{first} {last[0]}.", f"{first[0]}. {last}"))


def staff(cast: Cast) -> str:
    """Somebody who works there."""
    return f"{cast.pick(cast.chance.choice(('women', 'men')))} {cast.pick('staff')}"


def email(cast: Cast, number: str) -> str:
    """An address at a made-up provider."""
    first, last, _ = cast.person(number)
    local = re.sub("[^a-z]", "", f"{first[:1]}{last}".lower())
    return f"{local}{cast.form('%#', '%', '19##')}@{cast.chance.choice(('postbox', 'mailroom', 'homepost'))}.example"


def phone(cast: Cast) -> str:
    """555-0100 to 555-0199 are kept for fiction in every area code."""
    area = cast.pick("area-codes")
    return cast.form(
        f"({area}) 555-01##", f"{area}-555-01##", f"{area}.555.01##", f"+1 {area} 555 01##", f"{area}55501##"
    )


def street(cast: Cast) -> str:
    """Number, street, now and then a unit."""
    return f"{cast.form('%##', '%###', '%#')} {cast.pick('streets')}{cast.pick('units')}"


def date(cast: Cast, first_year: int, last_year: int) -> str:
    """A day in one of the ways that Americans, machines and hurried people write."""
    year, month, day = (
        cast.chance.randint(first_year, last_year),
        cast.chance.randint(1, 12),
        cast.chance.randint(1, 28),
    )
    word = cast.words["months"][month - 1]
    forms = (
        f"{month:02}/{day:02}/{year}", f"{month}/{day}/{year}", f"{month}/{day}/{year % 100:02}",
        f"{year}-{month:02}-{day:02}",
        f"{month:02}-{day:02}-{year}", f"{word} {day}, {year}", f"{word[:3]} {day} {year}", f"{day} {word[:3]} {year}",
    )  # fmt: skip
    return cast.chance.choice(forms)


def dea(cast: Cast) -> str:
    """Seventh digit: (d1 + d3 + d5 + 2 (d2 + d4 + d6)) modulo 10."""
    digits = cast.form("%#####")
    return (
        cast.form("B@", "F@", "M@") + digits + str((sum(map(int, digits[::2])) + 2 * sum(map(int, digits[1::2]))) % 10)
    )


def npi(cast: Cast) -> str:
    """Luhn over 80840 and the number."""
    digits = "1" + cast.form("########")
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits)))
    return digits + str(-(24 + sum(number - 9 * (number > 9) for number in doubled)) % 10)


MRN = ("#######", "######", "%##-##-##", "@#######", "@@-######", "%####", "%## ## ###", "#####-%", "MR%######")
MEMBER = ("@@@%########", "%########", "@########", "%#### #####", "@@%######-0#", "%###-####-##", "@@@ %## ### ###")
REFERENCE = ("%#########", "PA-%####", "20260%%####", "@%##-####", "R#######", "%##-%####")
ACCOUNT = ("%#######", "%##-#####", "%#-####-##", "A%######")
# Areas from 900 with a group below 50 are neither SSNs nor ITINs; the other two were published and voided.
SSN = ("9##-1#-##%#", "9##-4#-%###", "9##-3#-#%##", "078-05-1120", "219-09-9999")
CARDS = ("4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005", "6011 1111 1111 1117")  # of test suites
Maker = Callable[[Cast, str], str]


def given(label: str, *forms: str) -> Maker:
    """A labelled value of one of these forms."""
    return lambda cast, number: marked(label, cast.form(*forms))


def word(words: str) -> Maker:
    """A word of a list, without a label."""
    return lambda cast, number: cast.pick(words)


def plain(*forms: str) -> Maker:
    """A value of one of these forms, without a label."""
    return lambda cast, number: cast.form(*forms)


SLOTS: dict[str, Maker] = {
    "name": lambda cast, number: marked("P", name(cast, number)),
    "name.low": lambda cast, number: marked("P", name(cast, number).lower()),
    "name.up": lambda cast, number: marked("P", name(cast, number).upper()),
    "first": lambda cast, number: marked("P", cast.person(number)[0]),
    "last": lambda cast, number: marked("P", cast.person(number)[1]),
    "title": lambda cast, number: marked("P", title(cast, number)),
    "lastfirst": lambda cast, number: marked("P", last_first(cast, number)),
    "initial": lambda cast, number: marked("P", initial(cast, number)),
    "he": lambda cast, number: cast.pronoun("she", "he"),
    "He": lambda cast, number: cast.pronoun("She", "He"),
    "him": lambda cast, number: cast.pronoun("her", "him"),
    "his": lambda cast, number: cast.pronoun("her", "his"),
    "His": lambda cast, number: cast.pronoun("Her", "His"),
    "sex": lambda cast, number: cast.pronoun("F", "M"),
    "sexword": lambda cast, number: cast.pronoun("female", "male"),
    "rel": word("relatives"),
    "doc": lambda cast, number: marked("?P", f"Dr. {cast.pick('staff')}"),
    "docname": lambda cast, number: marked("?P", f"{staff(cast)}, {cast.chance.choice(('MD', 'DO', 'NP', 'MD'))}"),
    "name.staff": lambda cast, number: marked("?P", staff(cast)),
    "name.staff.first": lambda cast, number: marked("?P", cast.pick("women")),
    "last.staff": lambda cast, number: marked("?P", cast.pick("staff")),
    "dob": lambda cast, number: marked("B", date(cast, 1931, 2019)),
    "date": lambda cast, number: marked("D", date(cast, 2024, 2026)),
    "date.opt": lambda cast, number: marked("?D", date(cast, 2026, 2026)),
    "phone": lambda cast, number: marked("T", phone(cast)),
    "phone.staff": lambda cast, number: marked("?T", phone(cast)),
    "phone.pub": lambda cast, number: marked("?T", phone(cast)),
    "email": lambda cast, number: marked("E", email(cast, number)),
    "email.pub": given("?E", "info@carehub.example", "events@carehub.example"),
    "url.pub": given("?U", "https://carehub.example/news", "www.carehub.example"),
    "street": lambda cast, number: marked("A", street(cast)),
    "street.pub": lambda cast, number: marked("?A", street(cast)),
    "city": lambda cast, number: marked("L", cast.pick("cities")),
    "city.low": lambda cast, number: marked("L", cast.pick("cities").lower()),
    "city.pub": lambda cast, number: marked("?L", cast.pick("cities")),
    "facility": lambda cast, number: marked("F", cast.pick("facilities")),
    "facility.pub": lambda cast, number: marked("?F", cast.pick("facilities")),
    "company": word("companies"),
    "mrn": given("M", *MRN),
    "member": given("H", *MEMBER),
    "ref": given("R", *REFERENCE),
    "acct": given("R", *ACCOUNT),
    "ssn": given("S", *SSN),
    "mbi": given("MBI", "1EG4-TE5-MK73", "%@#%-@##-@@##", "%@#%@##@@##"),
    "npi": lambda cast, number: marked("NPI", npi(cast)),
    "dea": lambda cast, number: marked("DEA", dea(cast)),
    "dev": lambda cast, number: f"serial {marked('DEV', cast.form('PX%#####', '4@-%######'))}",
    "card": given("CARD", *CARDS),
    "exp": plain("0%/28", "12/29"),
    "age": plain("3#", "4#", "5#", "6#", "7#"),
    "age.young": plain("18", "2#", "40"),
    "age.old": plain("65", "7#", "80"),
    "age.high": lambda cast, number: marked("AGE", cast.form("9#", "10%")),
    "cond": word("conditions"),
    "icd": lambda cast, number: marked("I", cast.pick("icd")),
    "drug": word("drugs"),
    "lab": word("labs"),
    "labname": word("labnames"),
    "proc": word("procedures"),
    "spec": word("specialties"),
    "supply": word("supplies"),
    "month": word("months"),
    "year": plain("200#", "201#", "2021", "2023"),
    "time": plain("%:15 pm", "10:30 AM", "8:00", "13:45", "%:40am"),
    "money": plain("$%##.##", "$%#", "$%,###.00"),
    "n": plain("%", "1%", "2%"),
    "order": plain("%#####", "%###-######", "SO%######", "%########"),
    "ticket": plain("INC00%####", "HELP-%###", "CHG%####"),
}  # fmt: skip


def blocks(path: Path) -> Iterator[tuple[str, str, list[str], str]]:
    """Id, kind, areas (`hipaa` where a protected text names none) and text of each block."""
    _, *pieces = _HEADER.split(path.read_text())
    default = ["hipaa"] if path.stem.endswith("protected") else []
    for ident, kind, areas, text in zip(*(iter(pieces),) * 4, strict=True):
        yield ident, kind, areas.split(",") if areas else default, text.strip("\n")


def unmarked(text: str) -> tuple[str, list[dict[str, Any]]]:
    """The text without its marks, and where the values are."""
    parts, spans, length, at = [], [], 0, 0
    for mark in _MARK.finditer(text):
        before, value = text[at : mark.start()], mark[3]
        start = length + len(before)
        lead, core = _titles(value) if mark[2] == "P" else (0, len(value))
        spans.append({"entity": LABELS[mark[2]], "start": start + lead, "end": start + core})
        if mark[1]:
            spans[-1]["optional"] = True
        parts += [before, value]
        length, at = start + len(value), mark.end()
    return "".join([*parts, text[at:]]), spans


def _titles(value: str) -> tuple[int, int]:
    """Where the name itself starts and ends: titles and degrees are no part of it."""
    lead = len(value) - len(re.sub(r"^(?:(?:mr|mrs|ms|dr)\b\.? ?)+", "", value, flags=re.IGNORECASE))
    return lead, len(re.sub(r", (?:MD|DO|NP|RN|LCSW|PA-C)$", "", value))


def texts(folder: Path = HERE, stems: dict[str, int] = ROUNDS) -> Iterator[dict[str, Any]]:
    """Every text of a folder with its labels, in the order of the files."""
    words = yaml.safe_load((HERE / "vocabulary.yaml").read_text())
    known: set[str] = set()
    for stem, rounds in stems.items():
        for ident, kind, areas, template in blocks(folder / f"{stem}.txt"):
            for number in range(rounds):
                text, spans = new(template, f"{SEED} {ident} {number}", words, known)
                ending = f"-{number + 1}" if rounds > 1 else ""
                yield {"id": ident + ending, "kind": kind, "areas": areas, "text": text, "spans": spans}


def second() -> Iterator[dict[str, Any]]:
    """The texts of the second set."""
    return texts(SECOND, SECOND_ROUNDS)


def third() -> Iterator[dict[str, Any]]:
    """The texts of the third set."""
    return texts(THIRD, THIRD_ROUNDS)


def fourth() -> Iterator[dict[str, Any]]:
    """The texts of the fourth set."""
    return texts(FOURTH, FOURTH_ROUNDS)


def fifth() -> Iterator[dict[str, Any]]:
    """The texts of the fifth set."""
    return texts(FIFTH, FIFTH_ROUNDS)


def sixth() -> Iterator[dict[str, Any]]:
    """The texts of the sixth set."""
    return texts(SIXTH, SIXTH_ROUNDS)


def seventh() -> Iterator[dict[str, Any]]:
    """The texts of the seventh set."""
    return texts(SEVENTH, SEVENTH_ROUNDS)


def eighth() -> Iterator[dict[str, Any]]:
    """The texts of the eighth set."""
    return texts(EIGHTH, EIGHTH_ROUNDS)


def ninth() -> Iterator[dict[str, Any]]:
    """The texts of the ninth set."""
    return texts(NINTH, NINTH_ROUNDS)


def tenth() -> Iterator[dict[str, Any]]:
    """The texts of the tenth set."""
    return texts(TENTH, TENTH_ROUNDS)


def eleventh() -> Iterator[dict[str, Any]]:
    """The texts of the eleventh set."""
    return texts(ELEVENTH, ELEVENTH_ROUNDS)


def new(template: str, seed: str, words: dict[str, list[str]], known: set[str]) -> tuple[str, list[dict[str, Any]]]:
    """The template filled so that no text comes twice. One with so few values that all are taken ends the program."""
    for attempt in range(100):
        cast = Cast(random.Random(seed + "!" * attempt), words)
        text, spans = unmarked(filled(template, cast))
        if text not in known:
            known.add(text)
            return text, spans
    raise SystemExit(f"{seed}: no new text can be made")


def filled(template: str, cast: Cast) -> str:
    """Every slot with its marked value."""
    return _SLOT.sub(lambda slot: cast.value(slot[1], slot[2]), template)


def main() -> None:
    """Write the file of every set."""
    early = ((SECOND, second()), (THIRD, third()), (FOURTH, fourth()), (FIFTH, fifth()))
    late = ((SIXTH, sixth()), (SEVENTH, seventh()), (EIGHTH, eighth()), (NINTH, ninth()), (TENTH, tenth()))
    for folder, made in ((HERE, texts()), *early, *late, (ELEVENTH, eleventh())):
        with (folder / "texts.jsonl").open("w", encoding="utf-8", newline="\n") as out:
            out.writelines(json.dumps(text, ensure_ascii=False) + "\n" for text in made)


if __name__ == "__main__":
    main()
