"""Texts about the care of an animal: its owner is nobody's patient (45 CFR 160.103 speaks of individuals).

One word is not enough, nor are two, since people are bitten, allergic, veterinarians, and mourn their dogs: three
different signs of a veterinary practice or of somebody's animal are asked for, and no sign that a person is ill or
identified as one who is.
"""

import re

import re2

_SIGNS = re.compile(
    r"\b(?:(dvm|vmd|veterinar(?:y|ians?))|(animal (?:hospital|clinic|medical cent(?:er|re)|care))|(heartworms?)|"
    r"(spay(?:ed|ing)?|neuter(?:ed|ing)?)|(bordetella|parvo(?:virus)?|feline leukemia|felv|distemper|"
    r"fvrcp|dhpp|dhlpp|tplo|heartgard|nexgard|bravecto|apoquel|rimadyl|e-collar)|"
    r"((?:your|his|her|their|our|my|the) (?:\w+ )?(?:dogs?|cats?|pupp(?:y|ies)|kittens?|pets?|horses?|rabbits?|"
    r"ferrets?|birds?|parrots?|hamsters?|guinea pigs?))|(rabies (?:shots?|vaccin\w+|booster|tag|certificate))|"
    r"(kennels?|litter box|kibble|paws?|leash|groom(?:er|ing)|microchip(?:ped)?)|(canines?|felines?|equine)|"
    r"(beagles?|labradors?|retrievers?|spaniels?|terriers?|poodles?|dachshunds?|chihuahuas?|collies?|huskies|husky|"
    r"corgis?|bulldogs?|shepherd mix|lab mix|tabby|siamese|persian|maine coon|mares?|geldings?|ponies|pony|foals?|"
    r"ewes?|heifers?|cows?|goats?|alpacas?|llamas?|iguanas?|tortoises?|cockatiels?|budgies?)|"
    r"(hooves|hoof|fetlock|withers|tail|fur|feathers|snout|muzzle|beak)|"
    r"(the vet|the cone|cone on|barn call|litters?|herds?|flocks?))\b",
    re.IGNORECASE,
)
# Says in a fraction of the time where there is none: whatever _SIGNS finds, this does. Its \b, \w and letters without
# case know ASCII alone, so what else counts as an i, an s or a k is asked for by itself, and \w is any letter.
_SOME_SIGN = re2.compile(
    "(?i)" + _SIGNS.pattern.replace(r"\w", r"[\pL\pM\pN_]") + r"|rabies vaccin|(?-i:[\x{130}\x{131}\x{17f}\x{212a}])"
)
_LEAST = 3  # different signs
_PRACTICE = 5  # of these groups the first say that a veterinary writes
_PEOPLE = re.compile(
    r"\b(?:bit(?:e|es|ten)?|scratch\w*|allerg\w+|dander|fell|tripp\w+|mrn|dob|date of birth|ssn|medicare|medicaid|"
    r"hipaa|member id|copay|therapy (?:dog|animal)|(?:service|support) (?:dog|animal)|pregnan\w+|pediatric\w*|nurse|"
    r"depress\w*|anxi\w*|grie(?:f|v\w*)|mourn\w*|counsel\w*|psych\w*|therapist|suicid\w*|hiv|oncolog\w*|dement\w*|"
    r"(?:my|his|her|our|their) (?:son|daughter|husband|wife|mother|father|mom|dad|child|kids?|baby)|"
    r"(?:year|yr)s?[ -]old (?:man|woman|boy|girl|male|female|patient)|i (?:have|had|was|am)|i['’](?:m|ve)|"
    r"my (?:doctor|chemo\w*|surgery|asthma|diabetes|results?|symptoms?|medications?|meds|insurance|prescription))\b",
    re.IGNORECASE,
)


def is_of_an_animal(text: str) -> bool:
    """Whether all that the text tells of somebody's care is told of an animal."""
    if not _SOME_SIGN.search(text.encode("utf-8", "replace")):  # half a surrogate pair is a "?" to it
        return False
    kinds = {found.lastindex for found in _SIGNS.finditer(text)}
    return len(kinds) >= _LEAST and any(kind and kind <= _PRACTICE for kind in kinds) and _PEOPLE.search(text) is None
