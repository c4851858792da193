"""Numbers that an HTML page puts together: decoys among the digits, pieces that styles move about."""

from tests.evasion.tricks.base import NUMBER, Trick, html

LABEL = "<p>SSN of the patient with diabetes: "
_DECOYS = {
    "del": "<del>77</del>",
    "s": "<s>77</s>",
    "strike": "<strike>77</strike>",
    "line-through": '<span style="text-decoration:line-through">77</span>',
    "svg-desc": "<svg><desc>77</desc></svg>",
    "svg-defs": "<svg><defs><text>77</text></defs></svg>",
    "annotation": "<math><annotation>77</annotation></math>",
    "text-fill": '<i style="-webkit-text-fill-color:transparent">77</i>',
    "hsla": '<i style="color:hsla(0,0%,0%,0)">77</i>',
    "hex-alpha": '<i style="color:#00000000">77</i>',
    "rgb-slash": '<i style="color:rgb(0 0 0 / 0)">77</i>',
    "pale-name": '<i style="color:snow">77</i>',
    "letter-spacing": '<i style="letter-spacing:-9em">77</i>',
    "zoom": '<i style="zoom:0">77</i>',
    "rotated": '<i style="display:inline-block;transform:rotateX(90deg)">77</i>',
    "translated": '<i style="display:inline-block;transform:translate(-9999px)">77</i>',
    "far-right": '<i style="position:absolute;left:9999px">77</i>',
    "inset": '<i style="position:absolute;inset:-999px">77</i>',
    "calc": '<i style="position:absolute;left:calc(-999px)">77</i>',
    "variable": '<i style="--z:none;display:var(--z)">77</i>',
    "inline-size": '<i style="display:inline-block;inline-size:0;overflow:hidden">77</i>',
    "overflow-clip": '<i style="display:inline-block;width:0;overflow:clip">77</i>',
    "mask": '<i style="mask:linear-gradient(transparent,transparent)">77</i>',
    "z-index": '<i style="position:absolute;z-index:-1">77</i>',
    "mso-element": '<i style="mso-element:comment">77</i>',
    "blank-font": '<i style="font-family:AdobeBlank">77</i>',
    "matrix": '<i style="display:inline-block;transform:matrix(0,0,0,0,0,0)">77</i>',
    "scale-property": '<i style="scale:0">77</i>',
    "color-mix": '<i style="color:color-mix(in srgb,red 0%,transparent)">77</i>',
    "system-color": '<i style="color:Canvas">77</i>',
    "font-percent": '<i style="font-size:1%">77</i>',
    "words": '<i style="color:Canvas">lorem ipsum dolor</i>',
}
_SHEETS = {
    "attribute": ("[q]", "<i q>"),
    "universal": ("p > *", "<i>"),
}
_MOVED = {
    "row-reverse": '<div style="display:flex;flex-direction:row-reverse"><b>9999</b><b>09-</b><b>219-</b></div>',
    "order": '<div style="display:flex"><b style="order:3">9999</b><b style="order:1">219-</b><b style="order:2">09-</b></div>',
    "float-right": "".join(f'<b style="float:right">{part}</b>' for part in ("9999", "09-", "219-")),
    "left": "".join(
        f'<b style="position:absolute;left:{left}px">{part}</b>'
        for left, part in ((90, "9999"), (0, "219-"), (50, "09-"))
    ),
    "grid": "".join(
        f'<b style="grid-column:{column}">{part}</b>' for column, part in ((3, "9999"), (1, "219-"), (2, "09-"))
    ),
    "rtl-cells": "<table dir=rtl><tr><td>9999<td>09-<td>219-</table>",
    "svg-x": "<svg><text x=80>9999</text><text x=0>219-</text><text x=40>09-</text></svg>",
}
_PARENTS = {
    "size": ("font-size:0", "font-size:12px"),
    "visibility": ("visibility:hidden", "visibility:visible"),
    "color": ("color:white", "color:black"),
}


def _shown_within(outer: str, inner: str) -> str:
    shown = "".join(f'7<span style="{inner}">{part}</span>' for part in ("219", "-09", "-9999"))
    return f'{LABEL}<span style="{outer}">{shown}</span>'


TRICKS = (
    *(
        Trick(
            f"decoy-{name}",
            f"digits that nobody sees between those of the number: {name}",
            html(f"{LABEL}219{decoy}-09-9999"),
        )
        for name, decoy in _DECOYS.items()
    ),
    *(
        Trick(
            f"sheet-{name}",
            f"decoys hidden by a selector: {name}",
            html(f"<style>{selector}{{font-size:0}}</style>{LABEL}<b>219</b>{tag}77</i><b>-09-9999</b>"),
        )
        for name, (selector, tag) in _SHEETS.items()
    ),
    Trick(
        "sheet-every-second",
        "every second element is hidden",
        html(
            "<style>b:nth-of-type(even){display:none}</style>"
            + LABEL
            + "<b>7</b>".join(f"<b>{sign}</b>" for sign in NUMBER)
        ),
    ),
    Trick(
        "sheet-by-address",
        "decoys hidden by a sheet in an address",
        html(f'<link rel=stylesheet href="data:text/css,i{{display:none}}">{LABEL}219<i>77</i>-09-9999'),
    ),
    *(
        Trick(f"shown-within-{name}", f"shown within what is hidden: {name}", html(_shown_within(outer, inner)))
        for name, (outer, inner) in _PARENTS.items()
    ),
    *(
        Trick(f"moved-{name}", f"pieces that are shown in another order: {name}", html(LABEL + pieces))
        for name, pieces in _MOVED.items()
    ),
    Trick(
        "data-mixed-case",
        "a picture of an address whose scheme is written in both cases",
        html(
            f'{LABEL}<img src="dAtA:image/svg+xml,%3Csvg%3E%3Ctext%3E219%3Ctspan%3E-09-%3C/tspan%3E9999%3C/text%3E%3C/svg%3E">'
        ),
    ),
)
