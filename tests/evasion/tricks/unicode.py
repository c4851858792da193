"""Digits, separators and letters that look like others, and characters that do not show."""

from tests.evasion.tricks.base import NUMBER, Trick, text

_DIGITS = {
    "full-width": 0xFF10,
    "math-bold": 0x1D7CE,
    "math-double-struck": 0x1D7D8,
    "math-sans": 0x1D7E2,
    "math-sans-bold": 0x1D7EC,
    "math-monospace": 0x1D7F6,
    "arabic-indic": 0x0660,
    "persian": 0x06F0,
    "devanagari": 0x0966,
    "bengali": 0x09E6,
    "thai": 0x0E50,
    "khmer": 0x17E0,
    "segmented": 0x1FBF0,
    "outlined": 0x1CCF0,
}


def _line(written: str, label: str = "SSN", illness: str = "diabetes") -> bytes:
    return text(f"Intake form: {label} {written}, diagnosis type 2 {illness}.")


def _number(name: str, what: str, written: str, expect: str = "found") -> Trick:
    return Trick(name, what, _line(written), expect)


def _shift(zero: int) -> str:
    return "".join(chr(zero + int(c)) if c.isdigit() else c for c in NUMBER)


def _map(zero: str, others: str, separator: str = "-") -> str:
    """Digits out of a row that starts with 1, whose zero stands elsewhere."""
    return "".join((zero + others)[int(c)] if c.isdigit() else separator for c in NUMBER)


def _between(mark: str) -> str:
    return mark.join(NUMBER)


FORMS = [
    *(_number(f"digits-{name}", f"digits: {name.replace('-', ' ')}", _shift(zero)) for name, zero in _DIGITS.items()),
    _number("digits-mixed", "digits of nine scripts", "２𝟏৯-٠९-๙９𝟡9"),
    _number("digits-circled", "digits in circles", _map("⓪", "①②③④⑤⑥⑦⑧⑨")),
    _number("digits-circled-black", "digits in black circles", _map("⓿", "❶❷❸❹❺❻❼❽❾")),
    _number("digits-circled-dingbat", "digits in circles of another set", _map("🄋", "➀➁➂➃➄➅➆➇➈")),
    _number("digits-circled-double", "digits in double circles", _map("0", "⓵⓶⓷⓸⓹⓺⓻⓼⓽")),
    _number("digits-parentheses", "digits in parentheses", _map("0", "⑴⑵⑶⑷⑸⑹⑺⑻⑼")),
    _number("digits-full-stop", "digits with a full stop", _map("🄀", "⒈⒉⒊⒋⒌⒍⒎⒏⒐")),
    _number("digits-comma", "digits with a comma", _map("🄁", "🄂🄃🄄🄅🄆🄇🄈🄉🄊")),
    _number("digits-superscript", "raised digits", _map("⁰", "¹²³⁴⁵⁶⁷⁸⁹")),
    _number("digits-subscript", "lowered digits", _map("₀", "₁₂₃₄₅₆₇₈₉")),
    _number("digits-keycaps", "digits on keys", "".join(c + "\ufe0f\u20e3" if c.isdigit() else c for c in NUMBER)),
    _number("digits-struck", "digits that are struck through", "".join(c + "\u0336" for c in NUMBER)),
    _number("digits-underlined", "digits that are underlined", "".join(c + "\u0332" for c in NUMBER)),
    _number("digits-boxed", "digits in boxes", "".join(c + "\u20de" if c.isdigit() else c for c in NUMBER)),
    _number("digits-zalgo", "digits under many accents", "".join(c + "\u0301\u0323\u0334" for c in NUMBER)),
    _number("digits-han", "digits of Chinese", _map("〇", "一二三四五六七八九")),
    _number("digits-suzhou", "digits of Chinese merchants", _map("〇", "〡〢〣〤〥〦〧〨〩")),
    _number("digits-letters-cyrillic", "letters that look like digits: О for 0", NUMBER.replace("0", "О")),
    _number("digits-letters-greek", "letters that look like digits: Ο for 0", NUMBER.replace("0", "Ο")),
    _number("digits-letters-latin", "letters that look like digits: O and l", "2l9-O9-9999", "held"),
    _number("digits-letters-bar", "signs that look like digits: a bar for 1", "2|9-09-9999", "held"),
    _number("digits-letters-coptic", "a letter that looks like a nine", NUMBER.replace("9", "Ⳋ")),
]

SEPARATORS = [
    _number(
        f"separator-{name}",
        f"the separator is {what}",
        f"219{sign}09{sign}9999",
        "held" if name == "dash-word" else "found",
    )
    for name, what, sign in [
        ("hyphen", "a hyphen that is no minus", "\u2010"),
        ("hyphen-no-break", "a hyphen that does not break", "\u2011"),
        ("figure-dash", "a figure dash", "\u2012"),
        ("en-dash", "an en dash", "\u2013"),
        ("em-dash", "an em dash", "\u2014"),
        ("bar", "a horizontal bar", "\u2015"),
        ("minus", "a minus", "\u2212"),
        ("hyphen-bullet", "a hyphen of lists", "\u2043"),
        ("hyphen-small", "a small hyphen", "\ufe63"),
        ("hyphen-full-width", "a hyphen of full width", "\uff0d"),
        ("hyphen-armenian", "an Armenian hyphen", "\u058a"),
        ("macron", "a macron", "\u02c9"),
        ("katakana", "a long vowel of Japanese", "\u30fc"),
        ("box", "a line of a box", "\u2500"),
        ("dot-middle", "a middle dot", "\u00b7"),
        ("bullet", "a bullet", "\u2022"),
        ("underscore", "a low line", "_"),
        ("slash", "a slash", "/"),
        ("backslash", "a backslash", "\\"),
        ("comma", "a comma", ","),
        ("colon", "a colon", ":"),
        ("star", "a star", "*"),
        ("hash", "a number sign", "#"),
        ("tilde", "a tilde", "~"),
        ("equals", "an equals sign", "="),
        ("plus", "a plus", "+"),
        ("bar-upright", "an upright bar", "|"),
        ("double-hyphen", "two hyphens", "--"),
        ("hyphen-spaced", "a hyphen between spaces", " - "),
        ("dash-spaced", "a dash between spaces", " \u2013 "),
        ("dot-spaced", "a full stop between spaces", " . "),
        ("tab", "a tab", "\t"),
        ("spaces", "three spaces", "   "),
        ("no-break", "a space that does not break", "\u00a0"),
        ("thin", "a thin space", "\u2009"),
        ("ideographic", "an ideographic space", "\u3000"),
        ("braille", "an empty Braille cell", "\u2800"),
        ("line-end", "the end of a line", "\n"),
        ("hyphen-line-end", "a hyphen at the end of a line", "-\n"),
        ("emoji", "an emoji", "\U0001f538"),
        ("parentheses", "parentheses", ")("),
        ("dash-word", "the word dash", " dash "),
    ]
]

INVISIBLE = [
    _number(f"invisible-{name}", f"between all characters: {what}", _between(mark))
    for name, what, mark in [
        ("zwsp", "a space without width", "\u200b"),
        ("zwnj", "a non-joiner", "\u200c"),
        ("zwj", "a joiner", "\u200d"),
        ("word-joiner", "a word joiner", "\u2060"),
        ("bom", "a byte order mark", "\ufeff"),
        ("soft-hyphen", "a soft hyphen", "\u00ad"),
        ("grapheme-joiner", "a grapheme joiner", "\u034f"),
        ("variation", "a variation selector", "\ufe0e"),
        ("variation-late", "a late variation selector", "\U000e0101"),
        ("tags", "a tag character", "\U000e0041"),
        ("hangul-filler", "a Hangul filler", "\u3164"),
        ("hangul-half", "a Hangul filler of half width", "\uffa0"),
        ("invisible-times", "an invisible operator", "\u2062"),
        ("mongolian", "a Mongolian vowel separator", "\u180e"),
        ("ltr-mark", "a mark of direction", "\u200e"),
        ("isolate", "an isolate", "\u2066"),
        ("annotation", "an anchor of an annotation", "\ufff9"),
        ("music", "an invisible sign of music", "\U0001d173"),
        ("shorthand", "a control of shorthand", "\U0001bca0"),
        ("control", "a control", "\x01"),
        ("delete", "a delete", "\x7f"),
        ("c1", "a control of the upper half", "\u0086"),
        ("private", "a character for private use", "\ue000"),
        ("not-a-character", "a code point that is no character", "\ufdd0"),
        ("replacement", "a replacement character", "\ufffd"),
        ("space", "a space", " "),
        ("hair-space", "a hair space", "\u200a"),
        ("hyphen-each", "a hyphen", "-"),
        ("dot-each", "a full stop", "."),
        ("low-line-each", "a low line", "_"),
    ]
]

DIRECTION = [
    _number("rlo", "an override of direction", "\u202e9999-90-912\u202c"),
    _number("rlo-open", "an override of direction that is never taken back", "\u202e9999-90-912"),
    _number("rlo-part", "an override of a part of the number", "219-\u202e9999-90\u202c"),
    _number("rli", "an isolate around the number", "\u2067219-09-9999\u2069"),
    Trick(
        "tags-only",
        "the whole line in tag characters",
        text("Hello" + "".join(chr(0xE0000 + ord(c)) for c in "SSN 219-09-9999, diabetes") + " there"),
    ),
    Trick(
        "variation-bytes",
        "the whole line as octets in variation selectors",
        text(
            "Hello\U0001f600"
            + "".join(chr(0xFE00 + o) if o < 16 else chr(0xE0100 + o - 16) for o in b"SSN 219-09-9999, diabetes")
        ),
    ),
]

WORDS = [
    Trick("label-cyrillic", "the label in Cyrillic letters", _line("219099999", "ЅЅN")),
    Trick("label-full-width", "the label in letters of full width", _line("219099999", "ＳＳＮ")),
    Trick("label-math", "the label in letters of mathematics", _line("219099999", "𝐒𝐒𝐍")),
    Trick("label-circled", "the label in circled letters", _line("219099999", "ⓈⓈⓃ")),
    Trick("label-dotted", "the label with full stops", _line("219099999", "S.S.N.")),
    Trick("label-spaced", "the label with spaces", _line("219099999", "S S N")),
    Trick("label-invisible", "the label with invisible characters", _line("219099999", "S\u200bS\u00adN")),
    Trick("label-small-capitals", "the label in small capitals", _line("219099999", "ꜱꜱɴ")),
    Trick("illness-cyrillic", "the illness with Cyrillic letters", _line(NUMBER, illness="dіаbеtеs")),
    Trick("illness-greek", "the illness with Greek letters", _line(NUMBER, illness="diαβetes".replace("β", "b"))),
    Trick("illness-math", "the illness in letters of mathematics", _line(NUMBER, illness="𝑑𝑖𝑎𝑏𝑒𝑡𝑒𝑠")),
    Trick("illness-accents", "the illness with accents", _line(NUMBER, illness="díàbêtès")),
    Trick("illness-invisible", "the illness with invisible characters", _line(NUMBER, illness="dia\u200dbe\u2060tes")),
    Trick(
        "illness-hyphens",
        "the illness with soft hyphens at the end of a line",
        _line(NUMBER, illness="dia\u00ad\nbetes"),
    ),
]

TRICKS = [*FORMS, *SEPARATORS, *INVISIBLE, *DIRECTION, *WORDS]
