"""Pages and lines that a program shows otherwise than they stand: by rules that ask for more, by direction, by form."""

from tests.evasion.tricks.base import NUMBER, Trick, html, text

LABEL = "SSN of the patient with diabetes: "
_I, _II = "<i class=a></i>", "<i class=a></i><i class=b></i>"
_SHEETS = {
    "nested": ("rules within a rule", ".a{&::before{content:'219-'}&::after{content:'09-9999'}}", _I),
    "is": ("selectors of several", ":is(.a)::before{content:'219-'}:where(.a)::after{content:'09-9999'}", _I),
    "sibling": (
        "what follows another",
        ".a::before{content:'219-'}.a+i::before{content:'09-'}.a+i+i::before{content:'9999'}",
        "<i class=a></i><i></i><i></i>",
    ),
    "registered": (
        "a variable with a value from the start",
        "@property --q{syntax:'*';inherits:false;initial-value:'219-'}.a::before{content:var(--q)}.a::after{content:'09-9999'}",
        _I,
    ),
    "important": (
        "an important declaration before another",
        ".a::before{content:'219-'!important;content:'55'}.a::after{content:'09-9999'}",
        _I,
    ),
    "twice-named": (
        "a class that is named twice",
        ".a::before{content:'219-'}.a.a::after{content:'09-9999'}.a::after{content:'77'}",
        _I,
    ),
    "identity": (
        "an identity against a class",
        "#q::after{content:'09-9999'}.a::before{content:'219-'}.a::after{content:'77'}",
        "<i class=a id=q></i>",
    ),
    "attribute-ends": (
        "how the values of attributes begin and end",
        "[data-k$=x]::before{content:'219-'}[data-k^=y]::before{content:'09-9999'}",
        "<i data-k=ax></i><i data-k=yb></i>",
    ),
    "added-symbols": (
        "signs of counters that are added",
        ("@counter-style q{system:additive;additive-symbols:2 '09-',1 '219-'}"
        "i.a::before{counter-reset:c 1;content:counter(c,q)}i.b::before{counter-reset:c 2;content:counter(c,q)}"),
        f"{_II}9999",
    ),
    "counters": (
        "counters that go up and down",
        "i{counter-increment:c 219}i+i{counter-increment:c -210}i::before{content:counter(c)}",
        "<i></i>-0<i></i>-9999",
    ),
}  # fmt: skip
_DIGITS = "".join(f'<text id="d{digit}">{digit}</text>' for digit in "0129")
_USES = "".join(f'<use href="#{"m" if sign == "-" else f"d{sign}"}" x="{12 * at}"/>' for at, sign in enumerate(NUMBER))
_BOXES = "".join(f"<input maxlength=1 value={digit}>" for digit in "219099999")
_LINES = {
    "outlook-leaves-out": (
        "digits that Outlook leaves out",
        f"{LABEL}219-<!--[if !mso]><!-->55<!--<![endif]-->09-9999",
    ),
    "outlook-leaves-out-short": ("the same in the other form", f"{LABEL}219-<![if !mso]>55<![endif]>09-9999"),
    "uses": (
        "a drawing that shows each digit by its name",
        f'{LABEL}<svg><defs>{_DIGITS}<text id="m">-</text></defs>{_USES}</svg>',
    ),
    "boxes": ("a field of a form for each digit", f"SSN: {_BOXES} Dx: diabetes"),
    "from-the-right-slashes": ("groups from the last to the first", f"<p>{LABEL}</p><p dir=rtl>9999 / 09 / 219</p>"),
    "from-the-right-spaces": ("the same with spaces", f"<p>{LABEL}</p><p dir=rtl>9999 09 219</p>"),
    "from-the-right-style": ("the same by style", f"<p>{LABEL}</p><p style='direction:rtl'>9999 – 09 – 219</p>"),
    "from-the-right-marks": (
        "the same with marks of direction",
        f"<p>{LABEL}</p><p dir=rtl><b>9999</b>&rlm;-&rlm;<b>09</b>&rlm;-&rlm;<b>219</b></p>",
    ),
}
_TEXTS = {
    "hebrew-line": ("a line that begins in Hebrew", f"{LABEL}\n\u05d0 9999 / 09 / 219"),
    "marked-line": ("a line that begins with a mark of direction", f"{LABEL}\n\u200f9999 / 09 / 219"),
    "arabic-line": ("digits behind a letter of Arabic", f"{LABEL}\n\u0627 9999-09-219"),
}
TRICKS = (
    *(
        Trick(f"sheet-{name}", what, html(f"<style>{sheet}</style><p>{LABEL}{body}</p>"))
        for name, (what, sheet, body) in _SHEETS.items()
    ),
    *(Trick(name, what, html(body)) for name, (what, body) in _LINES.items()),
    *(Trick(name, what, text(body)) for name, (what, body) in _TEXTS.items()),
)
