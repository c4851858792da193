"""A text about goods, work or teaching in which nobody is cared for: its numbers and names are of the business.

A contract number beside a drug, an order beside a vaccine, a nurse beside the course she gives: each looks like an
identifier beside health content. A reader asks whom the care is for. So a text counts as business where two different
words of business stand in it and nothing says that somebody is a patient: no such word, no "his" or "her", no age, no
visit, no result; or where all words together tell of work (`care/messages.py`). Then a number with an everyday label,
and a name with no more than company, are nobody's.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import chain

from gateway.core.detector import Confidence
from gateway.core.finding import Finding
from gateway.detect.resolve import PASSAGE

_ENOUGH = 2  # different words of business
_DOUBTFUL = 2  # different words that may speak of a patient: "she", "appointment"; more of them do
_STEM = 5  # letters by which two of them are one word
_READ = 20_000  # characters; a longer text is judged as any other
_BUSINESS = re.compile(
    r"(?i)\b(?:"
    # goods
    r"contracts?|contracted|agreement|invoices?|invoiced|quotes?|quotation|po(?= ?\#?\d)|purchas(?:e|es|ing)|"
    r"pric(?:e[ds]?|ing)|ship(?:s|ped|ping|ment|ments)?|cartons?|vials|pallet|cases of|customer|vendors?|"
    r"suppl(?:ier|iers|y|ies)|warehouse|"
    r"back ?ordered|backorder|stock(?:ed)?|shortage|wholesale|distributor|credit memo|past due|samples|rma|loaner|"
    r"serial numbers?|s/n|pumps|warranty|model|calibrat(?:e|ed|ion)|sterili[sz]ers?|autoclave|refrigerator|fridge|"
    r"freezer|logger|catalog(?:ue)?|qty|quantity|units of|"
    r"deliver(?:y|ies)|courier|packing slip|freight|expired?|expir(?:es|ation)|recall(?:ed)?|lot numbers?|"
    r"discontinued|turnaround|collection kits?|requisition pads|analyzer|equipment|install(?:ed|ation)?|"
    r"technician|service call|replace(?:d|ment) parts?|demo|budget|forecast|"
    # machines
    r"firmware|software|servers?|interface|module|patch|downtime|outage|router|printers?|laptops?|tablets?|"
    r"log-?ins?|passwords?|help ?desk|service desk|tickets?|upgrade|go-live|rollout|workflow|queue|export|"
    r"dashboard|spreadsheet|template|website|webpage|portal (?:is|will|shows|still)|vpn|wi-?fi|"
    r"license count|seats|database|build|test environment|"
    # money and law
    r"renewal|fee schedule|gpo|reimburse(?:s|d|ment)?|negotiat\w+|terms|cost center|payable|remittance address|"
    r"budget|payroll|pay period|tax id|npi|caqh|provider id|credential(?:s|ing|ed)?|malpractice|liability|"
    r"attorney fees|landlord|lease|rent|tenant|legislation|testimony|senator|bill \d+|grievance|union|bargaining|"
    r"audit|auditors?|surveyors?|accreditation|inspection|inspectors?|"
    r"policy (?:draft|update|review|committee)|"
    r"open enrollment|benefits? summary|roster|directory|specialty|"
    # work
    r"employees?|resume|candidates?|applicants?|applications? (?:are|were|due)|req(?:uisition)? number|position|"
    r"interview(?:s|ed)?|recruit\w*|hir(?:e[ds]?|ing)|bonus|job|mileage|shifts?|overtime|time ?cards?|"
    r"differential|vacation|pto|staffing|onboarding|start date|offer letter|background check|fit test|probation|"
    r"retire(?:s|d|ment)|promotion|calendars?|supervision|on[|-]call (?:schedule|list|coverage)|"
    r"covers (?:phones|for)|rota|holiday|potluck|parking|badges?|committee|agenda|minutes|"
    r"meeting (?:room|notes|is|on)|conference room|conference|rsvp|kickoff|milestone|"
    # teaching and study
    r"preceptors?|orientation|trainings?|trainers?|in-?services?|webinars?|courses?|lectures?|class(?:es)?|"
    r"workshop|simulation|mannequins?|students?|residents|faculty|curriculum|competenc(?:y|ies)|sign[|"
    r"-]?off sheets?|stations?|certificates?|cme|ceus?|manuscript|reviewers?|abstract|co-?authors?|journal|"
    r"grants?|irb|amendment|sponsor|enrolled|carry forward|semester|poster|slides|handouts?|speakers?|keynote|"
    # the public
    r"brochure|flyers?|newsletter|press release|reporter|media inquiry|campaign|fundraiser|gala|raffle|donors?|"
    r"volunteers?|sponsors|booth|vendor fair|logo|tagline|website copy|"
    # houses
    r"truck|plumb(?:er|ing)|hvac|electrician|contractor|ceiling|roof|elevator|generator|"
    r"fire (?:drill|alarm|marshal)|cleaning crew|janitorial|linen|waste (?:pickup|hauler)|sharps containers?|"
    r"catering|"
    # spanish
    r"frascos|entrega|licencia|agenda|farmacia de la cl[ií]nica|factura|pedido|capacitaci[oó]n|proveedor(?:es)?|"
    r"turnos?|reuni[oó]n|horario|personal"
    r")\b"
)
_SUBJECT = re.compile(
    r"(?i)\b(?:(?<!no )(?<!per )patient(?:['’]s)?(?! (?:safety|experience|education|access|portal|care|services|"
    r"volume|population|satisfaction|flow|transport|information|data|lift|handling|engagement|days?|monitors?))|"
    r"pts?(?!,? (?:npi|dpt|rn)\b)|pte|paciente|client(?:['’]s)?(?! (?:bill|services?|success|no\b|number|id))|"
    r"(?<!/)(?:he|she|him|his|her|hers)(?!/)|herself|"
    r"himself|s/he|dob|d\.o\.b|date of birth|born|mrn|mr ?#|chart (?:no|number|#)|guarantor|subscriber|insured|"
    r"dependent|"
    r"deceased|decedent|inmate|recipient|intake|member(?! (?:services|rate|s\b))|claims?|bearer|"
    r"prior auth\w*(?= (?:for|on|was|is|#|no|number))|(?:y/?o|yrs?|years?[ -]old|months?[ -]old|age \d+)|"
    r"admit(?:ted)?|discharged?|d/c|s/p|hospitali[sz]ed|was seen|seen (?:by|in|on|for)|underwent|diagnosed|dx|hx|r/o|"
    r"presents|presented with|complain\w*|came in|no-?show|appointment|appt|follow-?up|pre-?op|post-?op|"
    r"walk-?in:|estate of|bill to|cpap|in \w+ grade|"
    r"refills?|takes|taking|prescribed|prescriber|rx (?:for|#|no|\d)|started on|stay on|still (?:has|have|having)|"
    r"accession|acc no|specimen|biopsy|pathology|impression|hold (?:the )?dose|chemo|numb|bleeding|"
    r"(?:bid|tid|qid|qhs|q\d+h?|prn|po|daily|twice a day|every \d+ (?:min|hours?))(?=[ .,;)]*(?:#|for|\n|$))|"
    r"(?:test|lab|blood|scan|mri|ct|x-?ray) results?|results? (?:are|came|for|is|of)|"
    r"mrs|examined|performed|second (?:opinion|pair of eyes)|thoughts on|late stage|(?:left|right)(?=,)|neg|gfr|wbc|"
    r"(?:bills?|billed|charged|charges) me|subject (?:no\.? ?)?\d[\d\-]*|"
    r"\d[\d\-]{3,20}\s{1,9}(?-i:[A-Z]\w+, [A-Z]\w*)|"
    r"incapacitated|guardianship|ruptured|"
    r"mother|father|mom|dad|son|daughter|husband|wife|spouse|baby|infant|newborn|(?:child|kid|sister|brother)['’]s|"
    r"grand(?:mother|father|ma|pa|son|daughter)|aunt|uncle|(?:please|kindly) see (?-i:[A-Z][\w’'\-]+ [A-Z][\w’'\-]*)|"
    r"my (?:own )?(?!team|staff|stores?|office|boss|calendar|desk|rep\b|biller|manager|cell|ext|group|report|"
    r"department|"
    r"side|end\b|name|user|best|miles|assistant|colleagues?|committee|notes|slides|talk|paper|students?|class|"
    r"supervisor|nurses|techs?|flight|hotel|laptop|computer|password|badge|truck|crew|partner|signature|license|"
    r"resume|apologies|understanding|thanks|question|reply|last (?:e-?mail|message))[a-z]+|"
    r"your (?:own )?(?:[a-z]+ ){0,2}(?:appointment|visit|results?|labs?|surgery|scan|test|doctor|therapy|therapist|"
    r"medications?|meds|prescription|insulin|copay|insurance|card|condition|pain|symptoms?|treatment|procedure|"
    r"pregnancy|diagnosis|infusion|mammogram|colonoscopy|mri|wheelchair|id|ids|election|premium)|"
    r"i (?:paid|can pay|was|had|have been(?! an? )|feel|felt|took|take|have (?:a|an|not)|haven['’]t|still have|"
    r"can['’]t|"
    r"popped|got)|"
    r"(?:rx ?bin|rx ?pcn|card says|interpreted|phantom (?:pain|limb)|alarming|every \d+ (?:min|hours?)|"
    r"limitation|accommodation|new auth|embryos?|transplant list)|insurance (?:wants|denied|says|won)|"
    r"(?:i['’]?m|i am|this is|name:?) (?-i:[A-Z][\w’'\-]+ [A-Z][\w’'\-]*)|mi|su hij[oa]|hij[oa]|espos[oa]|ella|"
    r"a[nñ]os)\b|"
    r"\b\d{1,3}[ -]?(?:[fm]\b|yo\b|y\.o)|\b\d{1,2}/\d{1,2}/(?:19|20)?\d\d\b"
)
_LINKED = re.compile(r"(?i)[?&](?:pid|mrn|patient(?:_?id)?)=\w")  # a web address of somebody's chart
_OF_A_PERSON = frozenset({"DATE_OF_BIRTH", "AGE", "US_SSN", "US_MBI", "LAB_VALUE"})
_OF_A_PATIENT = frozenset({"person-labelled", "medical-record-number", "patient-file-number", "patient-address"})
_NUMBERS = frozenset(
    {
        "patient-account",
        "health-plan-member-id",
        "plan-number-near-word",
        "member-beside-name",
        "health-reference-number",
        "record-number-near-word",
        "id-of-a-person",
        "number-of-a-person",
        "unlabelled-number",
        "unlabelled-member-number",
        "care-number",
        "care-phone",
        "device-serial",
        "license-plate",
    }
)
_BY_COMPANY = re.compile(
    r"identifier \d+ characters away|a full name, and signs of care in a note|in a note about care|"
    r"a full or titled name in a text about care|a telephone number beside the name"
)


def is_business(
    texts: Sequence[str],
    findings: Iterable[Finding],
    *,
    at_work: bool = False,
    of_work: Callable[[], bool] = lambda: False,
) -> bool:
    """Whether a message is about goods, work or teaching, with nobody in it who is cared for.

    `at_work`: the writer signs with a job or a house, which is as good as a word of business. `of_work`: whether all
    words together say so, which outweighs one or two that may speak of a patient.
    """
    if sum(map(len, texts)) > _READ or any(_LINKED.search(text) for text in texts):
        return False
    if any(f.entity in _OF_A_PERSON or f.detector in _OF_A_PATIENT or _is_sure(f) for f in findings):
        return False
    said = {found[0].lower() for found in chain.from_iterable(map(_SUBJECT.finditer, texts))}
    if said:
        return len(said) <= _DOUBTFUL and of_work()
    enough = _ENOUGH - 1 if at_work else _ENOUGH
    words: set[str] = set()
    for found in chain.from_iterable(map(_BUSINESS.finditer, texts)):
        words.add(found[0].lower()[:_STEM])
        if len(words) >= enough:
            return True
    return of_work()


def is_of_business(finding: Finding) -> bool:
    """Whether a finding says nothing of anybody in such a message."""
    if finding.confidence > Confidence.MEDIUM:
        return False
    if finding.entity == "PERSON":
        return any(_BY_COMPANY.fullmatch(each) for each in finding.why)
    return finding.detector in _NUMBERS or PASSAGE in finding.groups


def _is_sure(finding: Finding) -> bool:
    return finding.detector in _NUMBERS and finding.confidence > Confidence.MEDIUM
