"""How pages say things: on one line, and in few words."""

KIBI = 1024


def size(octets: int) -> str:
    if octets < KIBI:
        return f"{octets} B"
    if octets < KIBI * KIBI:
        return f"{octets / KIBI:.0f} KB"
    return f"{octets / KIBI / KIBI:.1f} MB"


def printable(text: object) -> str:
    """On one line, without what could control anything or turn the direction of writing."""
    plain = str(text)
    if plain.isprintable():
        return plain
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in plain)
