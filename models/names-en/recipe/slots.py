"""What a template's {slot} may hold. Labelled slots become spans; the others are the text around them."""

import datetime
from collections.abc import Callable
from pathlib import Path
from random import Random

from people import People, ascii_only
from places import Places

_LEXICON = Path(__file__).resolve().parents[2] / "health-lexicon"
_DX = (
    "hypertension,type 2 diabetes,Parkinson's disease,Alzheimer's,Crohn's disease,COPD,asthma,atrial fibrillation,Bell's palsy,"
    "Hodgkin lymphoma,breast cancer,depression,anxiety,HIV,hepatitis C,CHF,CAD,GERD,migraine,pneumonia,UTI,Graves' disease,"
    "Addison's disease,lupus,Raynaud phenomenon,Down syndrome,Tourette syndrome,Lyme disease,COVID-19,sepsis,appendicitis,"
    "sciatica,Cushing syndrome,Marfan syndrome,bipolar disorder,schizophrenia,DVT,stroke,anemia,hypothyroidism,Wilson's disease,"
    "Huntington disease,Meniere's disease,ALS,MS,opioid use disorder,kidney stones,glaucoma,melanoma,a broken wrist,a bad back,"
    "high blood pressure,gout,shingles,the flu,Barrett's esophagus,Sjogren syndrome,Paget disease,Dupuytren contracture"
).split(",")
_DRUGS = (
    "metformin,lisinopril,Lipitor,atorvastatin,Humira,Ozempic,Zoloft,sertraline,Xanax,amlodipine,warfarin,Eliquis,Keppra,gabapentin,"
    "prednisone,Augmentin,amoxicillin,albuterol,Synthroid,insulin glargine,Lantus,Prozac,Lexapro,Wellbutrin,Percocet,oxycodone,"
    "Plavix,metoprolol,Tylenol,ibuprofen,Advil,Zofran,Lasix,Coumadin,Singulair,Adderall,Ritalin,tramadol,Suboxone,Truvada,Jardiance"
).split(",")
_PROC = (
    "a colonoscopy,an MRI of the lumbar spine,CT abdomen,knee replacement,appendectomy,a biopsy,chest x-ray,catheter placement,"
    "the Whipple procedure,EKG,echocardiogram,mammogram,chemotherapy,dialysis,cardiac catheterization,C-section,Pap smear,"
    "Mohs surgery,Holter monitoring,Nissen fundoplication,blood draw,lipid panel,physical therapy,hip surgery,cataract surgery,"
    "a sleep study,IVF,a root canal,Roux-en-Y gastric bypass,Billroth II,a stress test,hernia repair,a flu shot,radiation therapy"
).split(",")
_SX = (
    "chest pain,shortness of breath,fever,abdominal pain,headache,nausea,vomiting,dizziness,fatigue,back pain,cough,a rash,swelling of "
    "the legs,blurred vision,numbness in the left arm,weight loss,night sweats,palpitations,trouble sleeping,sore throat,"
    "joint pain,blood in the stool,hearing loss,tremor,low mood,panic attacks,itching,constipation,a lump in the breast,weakness"
).split(",")
_EPONYMS = (
    "Foley catheter,Penrose drain,Jackson-Pratt drain,Kirschner wire,Steinmann pin,Bovie cautery,Kelly clamp,Adson forceps,"
    "Allis clamp,Kocher clamp,Balfour retractor,Weitlaner retractor,Swan-Ganz catheter,Hickman line,Kerrison rongeur,McIvor "
    "mouth gag,Gleason,Murphy sign,Homan's sign,Babinski,Romberg,Trendelenburg position,Mallampati,Glasgow Coma Scale,Apgar,"
    "Lachman,McMurray,Phalen's,Tinel's,Spurling,Hawkins,Neer,Kernig's,Brudzinski,Rinne,Weber,Braden,Wells,Child-Pugh,Ranson,"
    "Doppler,Holter monitor,Hemovac drain,Veress needle,Hasson trocar,Army-Navy retractor,Richardson retractor,Metzenbaum scissors,"
    "Mayo scissors,DeBakey forceps,Betadine,Vicryl,Prolene,Monocryl,Steri-Strips,Marcaine,Lidocaine,Versed,Kefzol,Dermabond,"
    "Pfannenstiel incision,McBurney point,Bankart lesion,Hill-Sachs lesion,Baker's cyst,Colles fracture,Jones fracture,"
    "Lisfranc joint,Achilles tendon,Cooper's ligament,circle of Willis,Purkinje fibers,Schwann cell,Bartholin gland,Gomco clamp,"
    "Kaplan-Meier,Snellen chart,Goldmann,Ishihara,Bruce protocol,Simpson's rule,Karnofsky,Likert,Beck Depression Inventory,Tanner"
).split(",")
_DEPARTMENTS = (
    "Cardiology,Radiology,Oncology,Billing,Medical Records,Human Resources,Neurology,Emergency Department,Pediatrics,ICU,Finance,"
    "Legal,IT Support,Patient Services,Marketing,Accounts Payable,Orthopedics,Dermatology,Labor and Delivery,Infection Control"
).split(",")
_JOBS = (
    "Billing Specialist,Practice Manager,Account Manager,Director of Nursing,Software Engineer,Case Manager,Chief Medical Officer,"
    "Patient Access Representative,HR Business Partner,Project Lead,Registered Nurse,Office Manager,VP Operations,Senior Analyst,"
    "Medical Assistant,Claims Examiner,Professor,Editor,President,Treasurer,Chief Executive,General Counsel,Receptionist"
).split(",")
_CREDENTIALS = "MD,M.D.,RN,DO,PhD,NP,PA-C,DDS,LCSW,Esq.,MBA,PharmD,FNP-BC,DPM,MD PhD,RN BSN,PsyD,OD".split(",")
_TITLES = "Mr.,Mrs.,Ms.,Mr,Mrs,Ms,Miss,Mr.,Mrs.,Ms.,Mx.,Dr.".split(",")
_THINGS = (
    "annual report,quarterly review,statement of work,service agreement,open enrollment,notice of privacy practices,explanation of "
    "benefits,prior authorization,employee handbook,release notes,purchase order,action items,meeting minutes,project plan,"
    "invoice,travel budget,summer schedule,press release,patient portal,lab results,discharge summary,medical records request,"
    "annual wellness visit,benefits guide,security training,parking permit,network upgrade,marketing plan,home page,bug report,"
    "pull request,test suite,user guide,tax form,house plan,recipe,song list,soccer practice,field trip,book club,holiday party,"
    "customer survey,price list,job description,data export,quality report,staff meeting,board meeting,grant proposal"
).split(",")
_HEADINGS = (
    "assessment and plan,chief complaint,history of present illness,review of systems,physical exam,vital signs,social history,"
    "family history,allergies,past medical history,discharge summary,medications,hospital course,impression,findings,indications,"
    "laboratory data,past surgical history,procedure,technique,recommendations,disposition,follow up,general appearance,plan"
).split(",")
_PRODUCTS = (
    "Outlook,Excel,Google Docs,Power BI,Zoom,Slack,Jira,GitHub,Docker,Kubernetes,Python,Perl,Java,Windows,Linux,Debian,Red Hat,"
    "Apache,Mozilla,Emacs,Photoshop,Oracle,SAP,Salesforce,QuickBooks,Dropbox,Android,Visual Studio,Exchange Server,Postfix,"
    "Adobe Reader,Solaris,KDE,GNOME,MySQL,Epic MyChart,Norton Utilities,Tivoli,Jenkins,Norton,Lotus Notes,Sendmail,Konqueror"
).split(",")
_CODE = (
    "for name in names: print(name),git checkout -b feature,SELECT * FROM Patients WHERE Id = 7,new ArrayList<String>(),"
    "import os,if (x == NULL) return -1;,ls -la /var/log,public static void main(String[] args),rpm -Uvh package.rpm,"
    "def load(path),$total = $price * 2;,make install,chmod 644 index.html,<div class='row'>,System.out.println(Name);,apt-get update"
).split(",")
_KIN = (
    "son daughter mother father husband wife mom dad sister brother grandma grandson granddaughter niece nephew partner baby boy girl aunt "
    "uncle cousin stepson stepdaughter grandfather grandmother fiance"
).split()
_PAPERS = (
    "op note,chart,bill,discharge summary,consent form,prior auth,claim,lab order,referral,portal audit,x-ray report,file,invoice,autopay,"
    "records request,FMLA paperwork,incident report,vaccine log,appeal,MRI disc,Medicaid application,intake form,care plan,DNR,voicemail,"
    "ticket,travel claim,allergy list,birth certificate,death certificate,drug screen,work note,immunization record,bed request,time sheet,"
    "treatment plan,pathology report,tax form,lease,reference,job offer,report card,permission slip,background check,expense report"
).split(",")
_MONTHS = "January February March April May June July August September October November December".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()

Slot = tuple[Callable[[], str], str]  # what makes a value, and its label or ""


class Slots:
    """All slots by name, drawn from one source of randomness."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.people = People(random)
        self.places = Places(random, self.people)
        terms = [
            line.lstrip("=") for line in (_LEXICON / "terms.txt").read_text().splitlines() if not line.startswith("#")
        ]
        codes = (_LEXICON / "icd10cm-codes.txt").read_text().split()
        self._terms = [term for term in terms if term.isascii() and len(term) > 3]
        self._codes = [code for code in codes if code[:1].isalpha() and len(code) > 2]
        self.table: dict[str, Slot] = {**self._labelled(), **self._numbers(), **self._words()}

    def _labelled(self) -> dict[str, Slot]:
        people, places = self.people, self.places
        return {
            "per": (people.full, "PERSON"),
            "first": (people.first, "PERSON"),
            "last": (people.last, "PERSON"),
            "fl": (lambda: f"{people.first()} {people.last()}", "PERSON"),
            "lf": (people.family_first, "PERSON"),
            "addr": (places.address, "ADDRESS"),
            "addr2": (lambda: places.address(lines=True), "ADDRESS"),
            "street": (places.street, "ADDRESS"),
            "streetname": (places.street_name, "LOC"),
            "city": (places.city, "LOC"),
            "state": (places.state, "LOC"),
            "st": (places.state_code, "LOC"),
            "country": (places.country, "LOC"),
            "county": (places.county, "LOC"),
            "org": (places.organisation, "ORG"),
            "fac": (places.facility, "FACILITY"),
        }

    def _numbers(self) -> dict[str, Slot]:
        r = self.random
        return {
            "zip": (self.places.zip, ""),
            "unit": (self.places.unit, "ADDRESS"),
            "ini": (lambda: self.people.initial(), ""),
            "n": (lambda: str(r.randint(1, 99)), ""),
            "age": (lambda: str(r.randint(1, 98)), ""),
            "year": (lambda: str(r.randint(1900, 2026)), ""),
            "month": (lambda: r.choice(_MONTHS), ""),
            "mrn": (lambda: r.choice(["", "", "MR", "A", "H0", "#"]) + str(r.randint(10**4, 10**9)), ""),
            "money": (lambda: f"${r.randint(5, 9999):,}" + r.choice(["", f".{r.randint(0, 99):02d}"]), ""),
            "time": (
                lambda: f"{r.randint(1, 12)}:{r.choice(['00', '15', '30', '45'])} {r.choice(['AM', 'pm', 'a.m.'])}",
                "",
            ),
            "dose": (
                lambda: f"{r.choice([5, 10, 20, 25, 40, 50, 100, 250, 500])} {r.choice(['mg', 'mcg', 'units', 'mL'])}",
                "",
            ),
            "icd": (self._icd, ""),
            "date": (self._date, ""),
            "when": (self._when, ""),
            "phone": (self._phone, ""),
            "email": (self._email, ""),
            "url": (lambda: f"www.{ascii_only(self.people.last()).lower().replace(' ', '')}.example", ""),
            "file": (
                lambda: (
                    r.choice(["report", "setup", "index", "Main", "Users", "notes"]) + r.choice([".pdf", ".py", ".doc"])
                ),
                "",
            ),
        }

    def _words(self) -> dict[str, Slot]:
        r = self.random
        table: dict[str, Slot] = {
            name: (lambda values=values: r.choice(values), "")
            for name, values in {
                "sx": _SX, "dept": _DEPARTMENTS, "job": _JOBS, "cred": _CREDENTIALS, "mr": _TITLES, "thing": _THINGS, "heading": _HEADINGS,
                "product": _PRODUCTS, "code": _CODE, "epo": _EPONYMS, "pos": ["his", "her", "their"], "pro3": ["him", "her", "them"],
                "kin": _KIN, "mrl": ["mr", "mrs", "ms", "miss", "Mr", "Mrs", "Ms", "Miss", "mr.", "mrs."], "paper": _PAPERS, "Product2": _PRODUCTS,
                "pro": ["she", "he", "she", "he", "they"],
                "feels": [
                    "is doing well", "feels better", "is worse", "is in pain", "sleeps badly", "has not improved", "is anxious", "is stable",
                    "needs a refill", "wants a second opinion", "is pregnant", "quit smoking",
                ],
            }.items()
        }  # fmt: skip
        table["dx"] = (self._dx, "")
        table["drug"] = (self._drug, "")
        table["proc"] = (lambda: r.choice(_PROC), "")
        table["dxordrug"] = (lambda: self._dx() if r.random() < 0.5 else self._drug(), "")
        for name in ("thing", "heading", "dx", "drug", "epo", "proc", "sx", "pro", "paper"):
            make = table[name][0]
            table[name.capitalize()] = (lambda make=make, name=name: _titled(make(), whole=name in _TITLED), "")
            table[name.upper()] = (lambda make=make: make().upper(), "")
        return table

    def _dx(self) -> str:
        return self.random.choice(_DX if self.random.random() < 0.4 else self._terms)

    def _drug(self) -> str:
        if self.random.random() < 0.6:
            return self.random.choice(_DRUGS)
        term = self.random.choice(self._terms)
        return term.title() if " " not in term and self.random.random() < 0.4 else term

    def _icd(self) -> str:
        code = self.random.choice(self._codes)
        return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code

    def _date(self) -> str:
        r = self.random
        day = datetime.date(r.randint(1925, 2026), r.randint(1, 12), r.randint(1, 28))
        month = _MONTHS[day.month - 1]
        form = r.choice(
            ["{0:%m/%d/%Y}", "{0.month}/{0.day}/{0.year}", "{0:%m/%d/%y}", "{0.month}/{0.day}", "{0:%Y-%m-%d}", "{0:%m-%d-%Y}", "{1} {0.day}, {0.year}",
             "{1} {0.day}", "{2} {0.day}, {0.year}", "{0.day} {1} {0.year}", "{0.day}-{2}-{0.year}", "{3}, {1} {0.day}", "{1} {0.year}", "{0.day}.{0.month}.{0.year}"]
        )  # fmt: skip
        return form.format(day, month, month[:3], r.choice(_DAYS))

    def _when(self) -> str:
        r = self.random
        day, month = r.choice(_DAYS), r.choice(_MONTHS)
        return r.choice(
            [f"on {day}", "tomorrow", "yesterday", "today", "next week", f"last {day}", f"next {day}", f"{r.randint(2, 12)} weeks ago",
             "this morning", "last month", f"in {month}", f"in {r.randint(1990, 2026)}", "last night", f"since {month}", f"on {month} {r.randint(1, 28)}",
             f"by {day}", f"on {r.randint(1, 12)}/{r.randint(1, 28)}", "in two days", "over the weekend"]
        )  # fmt: skip

    def _phone(self) -> str:
        r = self.random
        a, c = r.randint(201, 989), r.randint(100, 199)
        return r.choice(
            [
                f"({a}) 555-0{c}",
                f"{a}-555-0{c}",
                f"{a}.555.0{c}",
                f"+1 {a} 555 0{c}",
                f"{a}-555-0{c} ext. {r.randint(10, 999)}",
            ]
        )

    def _email(self) -> str:
        given, family = (ascii_only(n).lower().replace(" ", "") for n in (self.people.first(), self.people.last()))
        host = self.random.choice(["mail.example", "clinic.example", "bank.example", "example.org", "school.example"])
        return self.random.choice(
            [f"{given}.{family}@{host}", f"{given[:1]}{family}@{host}", f"{family}{self.random.randint(1, 99)}@{host}"]
        )


_TITLED = frozenset({"thing", "heading"})


def _titled(text: str, *, whole: bool) -> str:
    return text.title() if whole else text[:1].upper() + text[1:]
