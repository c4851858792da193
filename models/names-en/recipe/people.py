"""Made-up people: given and family names of many origins, written the many ways that mail writes them."""

import importlib
import unicodedata
from importlib.resources import files
from random import Random

LOCALES = (
    "en_US en_GB en_IN en_IE en_NZ en_PK es_MX es_ES es_AR de_DE de_CH fr_FR fr_CA it_IT pt_BR pt_PT nl_NL pl_PL "
    "sv_SE no_NO fi_FI da_DK tr_TR cs_CZ sk_SK sl_SI hr_HR ro_RO hu_HU lt_LT lv_LV et_EE vi_VN id_ID fil_PH tl_PH "
    "yo_NG ha_NG ig_NG zu_ZA sw ga_IE az_AZ uz_UZ"
).split()
# Romanised names of origins for which the name lists have other scripts only.
_GIVEN = (
    "Wei Xiu Ming Jing Li Hui Yan Xiaoming Mei Hiroshi Yuki Kenji Haruto Sakura Ji-woo Min-jun Seo-yeon Sung-ho Aarav Priya "
    "Lakshmi Anjali Sanjay Rajesh Deepak Mohammed Muhammad Fatima Ahmed Aisha Omar Layla Yusuf Zainab Tariq Samira "
    "Chidi Ngozi Kwame Ama Abena Tendai Dmitri Olga Svetlana Ivan Natalia Oleksandr Nguyen Thi Anh Linh Keisha "
    "Tyrone DeShawn LaToya Jamal Shaniqua Mei-Ling Moshe Rivka Yael Giorgi Nino Aram Siobhan Niamh Ximena Itzel"
).split()
_FAMILY = (
    "Wang Li Zhang Chen Liu Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo Lin Tanaka Suzuki Sato Yamamoto Watanabe Kim Park "
    "Lee Choi Jung Kang Nguyen Tran Pham Le Hoang Phan Vu Patel Singh Sharma Gupta Reddy Iyer Mehta Rao Khan Hussain Ali "
    "Hassan Al-Sayed El-Amin Haddad Khalil Okafor Adeyemi Mensah Diallo Traore Ivanov Petrov Sokolova Kowalczyk Novak "
    "O'Brien O'Connor O'Neill D'Angelo McDonald MacLeod McCarthy Garcia-Lopez Smith-Jones Cohen Levy Mizrahi Petrosyan Ng Oh Vo"
).split()
_PARTICLES = (
    "van der ",
    "de la ",
    "de ",
    "von ",
    "Van ",
    "Di ",
    "Da ",
    "St. ",
    "El ",
    "Al ",
    "Mac",
    "Ben-",
    "Le ",
    "dos ",
)
_WORDS = (  # names that are words too: the model must learn to read around them
    "Will Mark Grant Rose Faith Hope Frank Pat Sue Jack May April June Art Dean Drew Rob Chase Rich Ray Penny Dawn Ivy "
    "Summer Joy Grace Lance Bill Brown Green White Black Young Long Short Price Cook Baker Fisher Day Bush Banks Brooks "
    "Field Stone Wood Hill Rivers Park Church Bishop Pope King Knight Page Church Cross Law Hand Foot Pain Payne Gray Ward"
).split()


def ascii_only(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _census(name: str, count: int) -> list[str]:
    lines = files("names").joinpath(name).read_text().splitlines()[:count]
    return [line.split()[0].title() for line in lines if line.strip()]


def _locale(name: str) -> tuple[list[str], list[str]]:
    try:
        provider = importlib.import_module(f"faker.providers.person.{name}").Provider
    except ImportError:
        return [], []
    given = [n for key in ("first_names", "first_names_male", "first_names_female") for n in getattr(provider, key, ())]
    family = [n for key in ("last_names", "last_names_male", "last_names_female") for n in getattr(provider, key, ())]
    return _latin(given), _latin(family)


def _latin(names: list[str]) -> list[str]:
    """In a fixed order: some lists are sets."""
    return sorted({n for n in names if len(n) > 1 and all(ord(c) < 0x250 for c in n)})


class People:
    """Names from the census lists (common ones more often), from Faker's locales, and of our own."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.given = [*_census("dist.male.first", 1200), *_census("dist.female.first", 4000)]
        self._common = [*_census("dist.male.first", 350), *_census("dist.female.first", 700)]
        self._family = _census("dist.all.last", 60000)
        lists = [_locale(name) for name in LOCALES]
        self._world_given = [given for given, family in lists if given]
        self._world_family = [family for given, family in lists if family]

    def first(self) -> str:
        draw, pick = self._random.random(), self._random.choice
        if draw < 0.40:
            return pick(self._common)
        if draw < 0.58:
            return pick(self.given)
        if draw < 0.66:
            return pick(_GIVEN)
        return pick(_WORDS[:33]) if draw < 0.69 else pick(pick(self._world_given))

    def last(self) -> str:
        draw, pick = self._random.random(), self._random.choice
        if draw < 0.50:
            name = pick(self._family[: int(10 ** self._random.uniform(2.3, 4.75))])
        elif draw < 0.60:
            name = pick(_FAMILY)
        elif draw < 0.63:
            name = pick(_WORDS)
        elif draw < 0.65:
            name = pick(_PARTICLES) + pick(self._family[:2000])
        else:
            name = pick(pick(self._world_family))
        if self._random.random() < 0.04:
            name += "-" + pick(self._family[:3000])
        return "Mc" + name[2:].title() if name.startswith("Mc") and len(name) > 4 else name

    def initial(self) -> str:
        return self._random.choice("ABCDEFGHIJKLMNOPRSTVWYZ")

    def full(self) -> str:
        given, family = self.first(), self.last()
        forms = (
            (0.64, f"{given} {family}"),
            (0.75, f"{given} {self.initial()}. {family}"),
            (0.79, f"{given} {self.initial()} {family}"),
            (0.85, f"{given} {self.first()} {family}"),
            (0.88, f"{given} {family} {self.last()}"),
            (0.91, f"{given[0]}. {family}"),
            (0.93, f"{given[0]}.{self.initial()}. {family}"),
            (0.95, f"{given} {family} {self._random.choice(['Jr.', 'Sr.', 'II', 'III', 'Jr'])}"),
            (0.97, f"{given} {family[0]}."),
            (0.98, f"{given[0]} {family}"),
            (1.0, f'{given} "{self.first()}" {family}' if self._random.random() < 0.5 else f"{family} {given}"),
        )
        return self._choose(forms)

    def family_first(self) -> str:
        given, family = self.first(), self.last()
        text = self._choose(
            (
                (0.55, f"{family}, {given}"),
                (0.68, f"{family}, {given} {self.initial()}"),
                (0.78, f"{family}, {given} {self.initial()}."),
                (0.86, f"{family},{given}"),
                (0.91, f"{family}, {given} {self.first()}"),
                (0.95, f"{family}, {given[0]}."),
                (1.0, f"{family} {given}"),
            )
        )
        return text.upper() if self._random.random() < 0.25 else text

    def any_shape_of(self, known: str) -> str:
        """A name written as `known` is: one word, family first, or full."""
        if "," in known:
            return self.family_first()
        if len(known.split()) == 1:
            return self.first() if self._random.random() < 0.6 else self.last()
        return self.full()

    def _choose(self, forms: tuple[tuple[float, str], ...]) -> str:
        draw = self._random.random()
        return next(text for limit, text in forms if draw < limit)
