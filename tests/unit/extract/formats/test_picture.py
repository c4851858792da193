"""Pictures."""

import io
import time

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFile, ImageFont

from gateway.core.limits import Limits
from gateway.extract.budget import Budget, Unreadable
from gateway.extract.codes import said_in_codes
from gateway.extract.ocr import READER
from tests.makers.found import Attached
from tests.makers.office import docx, paragraph
from tests.makers.pictures import coded, drawn, png, saved

SECRET = "SSN 219-09-9999"
eyes = pytest.mark.skipif(not READER.is_ready, reason="tesseract's language data are not installed")


@eyes
@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP"])
def test_words_in_a_picture_are_read(attached: Attached, form: str) -> None:
    """In every format that mail programs show."""
    found = attached(saved(drawn(SECRET), form))

    assert SECRET in found.visible
    assert found.reasons == []


@eyes
@pytest.mark.parametrize(
    "image",
    [
        drawn(SECRET, ink="white", paper="black"),
        drawn(SECRET, ink="#777", paper="#eee"),
        drawn(SECRET).resize((320, 60)),
        drawn(SECRET, (3200, 600)).convert("1"),
    ],
)
def test_words_are_read_in_other_colours_and_sizes(attached: Attached, image: Image.Image) -> None:
    """White on black, pale, small, large."""
    assert "219-09-9999" in attached(saved(image)).visible


@eyes
def test_every_page_of_a_picture_is_read(attached: Attached) -> None:
    """A fax is a TIFF of several."""
    target = io.BytesIO()
    drawn("first page").save(target, "TIFF", save_all=True, append_images=[drawn(SECRET)])
    found = attached(target.getvalue())

    assert ("first page" in found.visible, SECRET in found.visible) == (True, True)


@eyes
def test_picture_in_a_document_is_read(attached: Attached) -> None:
    """Its ledger line has a reader of its own."""
    found = attached(docx(paragraph("hi"), word__media__image1=png(SECRET)))

    assert SECRET in found.visible
    assert found.readers >= {"office", "picture"}


def test_words_beside_a_picture_are_read(attached: Attached) -> None:
    """In its comment, and behind its end."""
    assert SECRET in attached(png("x", comment=SECRET)).text
    assert SECRET in attached(png("x") + b"\n" + SECRET.encode() * 9).text


def test_picture_too_large_is_named(attached: Attached) -> None:
    """By the pixels that decoding would make, however few its octets are."""
    octets = saved(Image.new("1", (9_000, 9_000)))

    assert attached(octets).reasons == ["limit-pixels"]
    assert attached(png("x"), Limits(pixels=1_000)).reasons == ["limit-pixels"]


def test_speck_is_read_as_empty(attached: Attached) -> None:
    """Nothing legible fits into it."""
    found = attached(saved(Image.new("RGB", (10, 10), "red")), Limits(pixels=1))

    assert (found.visible, found.reasons) == ("", [])


def test_broken_picture_is_named(attached: Attached, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of it is missing; also where a library beside has told Pillow to make do with that."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)

    assert attached(saved(drawn("x" * 30))[:400]).reasons == ["damaged"]


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP"])
def test_words_behind_the_end_are_read_in_every_format(attached: Attached, form: str) -> None:
    """Few of them, and a false end mark behind them changes nothing."""
    octets = saved(Image.new("RGB", (40, 40), "red"), form)

    assert SECRET in attached(octets + SECRET.encode()).text
    if form in ("PNG", "JPEG"):
        false_end = b"IEND\xaeB`\x82" if form == "PNG" else b"\xff\xd9"
        assert SECRET in attached(octets + SECRET.encode() + false_end).text


@eyes
def test_a_small_picture_may_hold_a_number(attached: Attached) -> None:
    """160 by 24 pixels are enough for one line."""
    image = Image.new("RGB", (160, 24), "white")
    ImageDraw.Draw(image).text((4, 4), SECRET, fill="black", font=ImageFont.load_default(16))

    assert "219-09-9999" in attached(saved(image)).visible


@eyes
def test_a_moving_banner_is_read_and_not_held(attached: Attached) -> None:
    """Thirty frames, as in many signatures."""
    frames = [Image.new("P", (60, 20), number) for number in range(30)]
    target = io.BytesIO()
    frames[0].save(target, "GIF", save_all=True, append_images=frames[1:], duration=50)

    assert attached(target.getvalue()).reasons == []


@eyes
@pytest.mark.parametrize("kind", ["QRCode", "DataMatrix", "Aztec", "PDF417", "Code128", "Code39"])
def test_codes_are_read_with_the_words(attached: Attached, kind: str) -> None:
    """Whatever kind of code it is, beside words."""
    image = drawn("hello", (1000, 400)).convert("L")
    image.paste(coded("MRN 44711823", kind, 2), (30, 120))

    assert "MRN 44711823" in attached(saved(image)).visible


def test_a_code_smaller_than_letters_is_read(attached: Attached) -> None:
    """One pixel a module: no letter fits into it."""
    assert "4471" in attached(saved(coded("4471", "MicroQRCode", 1))).visible


def test_noise_is_no_code_and_ends_in_time() -> None:
    """A picture of more pixels than are looked at, in which everything could be bars."""
    noise = Image.effect_noise((3000, 3000), 80)
    begun = time.process_time()

    assert said_in_codes(noise, Budget(Limits())) == ""
    assert time.process_time() - begun < 10


def test_codes_cost_the_time_of_the_message() -> None:
    """Where none is left they are not looked for."""
    ticks = iter([0.0, 16.0])

    budget = Budget(Limits(), lambda: next(ticks))
    budget.check_time()
    with pytest.raises(Unreadable):
        said_in_codes(coded("x"), budget)


@eyes
def test_a_sheet_of_more_codes_than_are_read_is_not_read(attached: Attached, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last of them would say what nobody has looked at."""
    sheet = Image.new("L", (900, 200), 255)
    for place, words in enumerate(("one", "two", SECRET)):
        sheet.paste(coded(words), (300 * place, 0))
    monkeypatch.setattr("gateway.extract.codes._MOST", 2)

    assert "limit-entries" in attached(saved(sheet)).reasons

    monkeypatch.setattr("gateway.extract.codes._MOST", 3)

    assert SECRET in attached(saved(sheet)).visible


@eyes
@pytest.mark.parametrize("number", ["219-09-9999", "868-90-6891"])
def test_a_number_on_its_head_is_read_in_uneven_light(attached: Attached, number: str) -> None:
    """On their head digits are digits, too: that they were read is no reason to stop."""
    light = Image.linear_gradient("L").rotate(90).resize((1000, 600)).point(lambda shade: 120 + shade * 135 // 255)
    sheet = Image.new("L", (1000, 600), 255)
    ImageDraw.Draw(sheet).text((200, 250), number, fill=0, font=ImageFont.load_default(size=60))

    assert number in attached(saved(ImageChops.multiply(sheet, light).rotate(180))).visible
