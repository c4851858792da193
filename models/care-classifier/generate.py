"""Texts from templates: `[a|b]` is one of them, `{slot}` a word of vocabulary.yaml or something made up."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

HERE = Path(__file__).parent
CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")
SLOT = re.compile(r"\{(\w+)\}")
LAST = (
    "Abara Acheson Alvarado Amato Baptiste Barlow Beltran Bergstrom Bialik Blackwood Bouchard Brandt Cabrera Calloway Cheng "
    "Cho Cisneros Cormier Dang Delgado Demir Doyle Dufresne Eastman Eriksen Espinoza Farrow Fenwick Fontaine Galindo Garrity "
    "Ghosh Gould Grabowski Haddad Halvorsen Hassan Herrera Hoang Holloway Ibarra Ivanov Jankowski Jimenez Kaminski Kapoor Kessler "
    "Kim Kowal Lachance Larkin Leblanc Lindholm Lozano Maddox Mbeki McAllister Mendoza Moreau Nakamura Nguyen Novak O'Dell Okafor "
    "Olsen Ortega Osei Park Patel Pereira Petrov Quigley Quintero Ramsey Reyes Rinaldi Rosario Rossi Saleh Sandoval Schaefer "
    "Shah Silva Sorensen Stanton Suzuki Tanaka Thibodeau Torres Tran Underwood Usman Vance Vargas Volkov Wachowski Whitaker "
    "Xiong Yamada Yoder Zamora Zielinski Black White Young Rice Rose Stone Marsh Woods Hand Foote Pike Day Church King Bond"
).split()
STREETS = "Alder Birch Canal Cedar Dover Elm Fairview Grove Harbor Juniper Lake Maple Mill Oak Orchard Prospect Ridge Spruce Vine Willow".split()
MONTHS = "January February March April May June July August September October November December".split()


class Maker:
    """Fills templates; the same seed makes the same texts."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.words = yaml.safe_load((HERE / "vocabulary.yaml").read_text(encoding="utf-8"))
        given = (HERE.parent / "names-en" / "given-names.txt").read_text(encoding="utf-8").splitlines()
        self.given = [name.strip().title() for name in given if name.strip() and not name.startswith("#")]

    def text(self, template: str) -> str:
        while (found := CHOICE.search(template)) is not None:
            template = template[: found.start()] + self.random.choice(found[1].split("|")) + template[found.end() :]
        return SLOT.sub(lambda slot: str(self._slot(slot[1])), template).strip()

    def _slot(self, name: str) -> object:
        pick, number = self.random.choice, self.random.randint
        if name in self.words:
            return pick(self.words[name])
        return {
            "first": lambda: pick(self.given),
            "last": lambda: pick(LAST),
            "name": lambda: f"{pick(self.given)} {pick(LAST)}",
            "initial": lambda: pick("ABCDEFGHJKLMNPRSTW"),
            "phone": lambda: pick(["({}) 555-01{:02}", "{}-555-01{:02}", "{} 555 01{:02}", "{}.555.01{:02}"]).format(
                number(201, 989), number(0, 99)
            ),
            "date": self._date,
            "year": lambda: number(1985, 2025),
            "age": lambda: number(18, 88),
            "small": lambda: number(2, 9),
            "digit": lambda: number(0, 9),
            "num": lambda: number(10, 400),
            "money": lambda: pick(["{}.{:02}", "{}"]).format(number(12, 4800), number(0, 99)),
            "mrn": lambda: number(100000, 9999999),
            "code": lambda: pick(["{}{}", "{}-{}", "{} {}"]).format(
                pick(["A", "RX", "W", "CL", "S25", "PA", "", "K7"]), number(10000, 99999999)
            ),
            "time": lambda: f"{number(1, 12)}:{pick(['00', '15', '30', '45', '10'])}{pick(['', ' am', ' pm', 'a'])}",
            "street": lambda: f"{pick(STREETS)} {pick(['St', 'Street', 'Ave', 'Rd', 'Lane', 'Dr'])}",
            "addr": lambda: f"{number(3, 9900)} {pick(STREETS)} {pick(['St', 'Ave', 'Rd', 'Ln', 'Ct'])}",
        }[name]()

    def _date(self) -> str:
        month, day, year = self.random.randint(1, 12), self.random.randint(1, 28), self.random.randint(1938, 2025)
        return self.random.choice(
            [f"{month}/{day}/{year}", f"{month:02}/{day:02}/{year % 100:02}", f"{MONTHS[month - 1]} {day}, {year}",
             f"{month}/{day}", f"{day} {MONTHS[month - 1][:3]} {year}"]
        )  # fmt: skip


def texts(name: str, each: int, seed: int) -> Iterator[tuple[int, str]]:
    """Number of the template and a text, `each` of every template: whole, cut, in other case, mistyped."""
    maker = Maker(seed)
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    templates = [line for line in lines if line and not line.startswith("# ")]
    for number, template in enumerate(templates):
        for _ in range(each):
            yield number, roughened(maker.text(template), maker.random)


def roughened(text: str, rng: random.Random) -> str:
    """A fifth in lower case, some in capitals, some with a letter lost, some broken into lines."""
    kind = rng.random()
    if kind < 0.2:
        text = text.lower()
    elif kind < 0.25:
        text = text.upper()
    if rng.random() < 0.15 and len(text) > 20:
        at = rng.randrange(5, len(text) - 5)
        text = text[:at] + text[at + 1 :]
    if rng.random() < 0.1:
        text = text.replace(". ", ".\n", 1)
    return text
