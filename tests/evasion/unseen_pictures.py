"""Pictures of docs/limits.md: a person reads the number in each, Gatepost does not."""

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps

from tests.evasion.tricks.base import NUMBER
from tests.makers.pictures import coded, drawn, saved

WORDS = f"SSN {NUMBER}"
PROSE = "The order for the second ward went out on Monday, forty boxes, and the rest will follow soon."


def letters_apart() -> bytes:
    """A picture with a gap between the letters."""
    image = Image.new("RGB", (640, 160), "white")
    pen = ImageDraw.Draw(image)
    for place, sign in enumerate(WORDS):
        pen.text((20 + 36 * place, 40), sign, fill="black", font=ImageFont.load_default(28))
    return saved(image)


def below_one_another() -> bytes:
    """A picture of letters below one another."""
    image = Image.new("RGB", (80, 480), "white")
    pen = ImageDraw.Draw(image)
    for place, sign in enumerate(WORDS.replace(" ", "")):
        pen.text((20, 10 + 32 * place), sign, fill="black", font=ImageFont.load_default(28))
    return saved(image)


def aslant() -> bytes:
    """Letters that lean by thirty degrees."""
    shear = (1, -0.6, 0, 0, 1, 0)
    return saved(drawn(WORDS).transform((760, 120), Image.Transform.AFFINE, shear, fillcolor="white"))


def outlined() -> bytes:
    """Letters of which the edge is drawn alone."""
    image = Image.new("RGB", (640, 160), "white")
    pen = ImageDraw.Draw(image)
    pen.text((20, 40), WORDS, fill="white", font=ImageFont.load_default(36), stroke_width=1, stroke_fill="black")
    return saved(image)


def zigzag() -> bytes:
    """Every second letter lower."""
    image = Image.new("RGB", (640, 160), "white")
    pen = ImageDraw.Draw(image)
    for place, sign in enumerate(WORDS):
        pen.text((20 + 20 * place, 40 + 30 * (place % 2)), sign, fill="black", font=ImageFont.load_default(28))
    return saved(image)


def blurred() -> bytes:
    """Letters of which hardly more than the places are left."""
    return saved(drawn(WORDS).filter(ImageFilter.GaussianBlur(6)))


def coarse() -> bytes:
    """Letters of squares four pixels wide."""
    small = drawn(WORDS).resize((160, 30), Image.Resampling.BOX)
    return saved(small.resize((640, 120), Image.Resampling.NEAREST))


def embossed() -> bytes:
    """Letters as if pressed into grey paper."""
    return saved(drawn(WORDS).filter(ImageFilter.EMBOSS))


def chequered() -> bytes:
    """A chessboard over the words, light and dark exchanged in every second field."""
    image = drawn(WORDS)
    places = ((x, y) for x in range(0, 640, 10) for y in range(0, 120, 10) if (x + y) // 10 % 2)
    for x, y in places:
        image.paste(ImageOps.invert(image.crop((x, y, x + 10, y + 10))), (x, y))
    return saved(image)


def on_a_gradient() -> bytes:
    """Black letters on paper that goes from black to white."""
    words = drawn(WORDS).resize((1280, 240), Image.Resampling.BICUBIC).convert("L")
    paper = Image.linear_gradient("L").rotate(90, expand=True).resize(words.size)
    return saved(ImageChops.multiply(paper, words))


def squeezed_flat() -> bytes:
    """Letters an eighth as tall as they are wide."""
    return saved(drawn(WORDS).resize((1280, 24)))


def at_an_angle() -> bytes:
    return saved(drawn(WORDS).rotate(70, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC))


def small_beside_large() -> bytes:
    """A sheet of 30 million pixels with large words and one line of small ones."""
    image = Image.new("L", (6000, 5000), 255)
    pen = ImageDraw.Draw(image)
    for number in range(6):
        pen.text((200, 200 + 300 * number), PROSE[:40], fill=0, font=ImageFont.load_default(180))
    pen.text((2000, 4000), WORDS, fill=0, font=ImageFont.load_default(16))
    return saved(image)


def small_in_photograph() -> bytes:
    """A JPEG of 24 million pixels, which is read at a smaller size."""
    image = Image.new("L", (6000, 4000), 255)
    ImageDraw.Draw(image).text((2000, 3000), WORDS, fill=0, font=ImageFont.load_default(18))
    return saved(image, "JPEG", quality=90)


def bars_without_check_digit() -> bytes:
    """The label in letters, the number in bars below it."""
    image = drawn("SSN of the patient with diabetes", (900, 400)).convert("L")
    image.paste(coded("A219-09-9999B", "Codabar", 3), (20, 120))
    return saved(image)


def mirrored() -> bytes:
    return saved(drawn(WORDS).transpose(Image.Transpose.FLIP_LEFT_RIGHT))


def crossed_by_lines() -> bytes:
    image = drawn(WORDS)
    pen = ImageDraw.Draw(image)
    for height in range(0, image.height, 9):
        pen.line((0, height, image.width, height), fill="black")
    return saved(image)
