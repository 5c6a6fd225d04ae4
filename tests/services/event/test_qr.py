"""QR codes on screens and as pictures: an independent decoder reads exactly the address out of them."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from io import BytesIO
from xml.etree import ElementTree

import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

from kiosk.jobs.qr_modules import qr_modules
from kiosk.jobs.qr_png import qr_png
from kiosk.services.event.qr import qr_svg

ADDRESSES = [
    "http://192.168.1.23:8000/e/K7M4PQ",
    "https://sign.example.org/e/K7M4PQ",
    "https://qiandao.scjgj.donghu.example.gov.cn/c/X9R2TD?from=%E6%B5%B7%E6%8A%A5",
]
SVG = "{http://www.w3.org/2000/svg}"


def read(picture: Image.Image) -> list[str]:
    """What the decoder reads out of a picture."""
    return [code.text for code in zxingcpp.read_barcodes(picture.convert("L"))]


def rasterise(svg: str, module_pixels: int) -> Image.Image:
    """Draw our own SVG: a white ground, then strokes of width 1 along M, m and h."""
    root = ElementTree.fromstring(svg)
    ground, code = root.findall(f"{SVG}path")
    side = int(root.attrib["viewBox"].split()[2])
    assert ground.attrib == {"fill": "#fff", "d": f"M0 0h{side}v{side}H0z"}
    picture = Image.new("L", (side * module_pixels, side * module_pixels), 255)
    draw = ImageDraw.Draw(picture)
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([-0-9. ]+)", code.attrib["d"]):
        values = [float(number) for number in numbers.split()]
        if command == "M":
            x, y = values
        elif command == "m":
            x, y = x + values[0], y + values[1]
        else:
            box = (x, y - 0.5, x + values[0], y + 0.5)
            left, top, right, bottom = (round(edge * module_pixels) for edge in box)
            draw.rectangle((left, top, right - 1, bottom - 1), fill=0)
            x += values[0]
    return picture


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_svg_is_read_as_exactly_the_address(address: str) -> None:
    assert read(rasterise(qr_svg(address), 6)) == [address]


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_png_is_read_as_exactly_the_address(address: str) -> None:
    assert read(Image.open(BytesIO(qr_png(address)))) == [address]


def test_svg_and_png_draw_every_module_of_the_code() -> None:
    modules = qr_modules(ADDRESSES[0])
    picture = rasterise(qr_svg(ADDRESSES[0]), 1)
    png = Image.open(BytesIO(qr_png(ADDRESSES[0], module_pixels=1))).convert("L")
    side = len(modules) + 8
    assert picture.size == png.size == (side, side)
    for y in range(side):
        for x in range(side):
            inside = 4 <= x < side - 4 and 4 <= y < side - 4
            expected = 0 if inside and modules[y - 4][x - 4] else 255
            assert picture.getpixel((x, y)) == png.getpixel((x, y)) == expected


def test_a_code_on_the_door_display_is_read_small_blurred_and_askew() -> None:
    shown = 1080 * 55 // 100  # docs/look.md: at least 55 % of a 1080p screen's height
    code = Image.open(BytesIO(qr_png(ADDRESSES[0]))).convert("L").resize((shown, shown), Image.Resampling.LANCZOS)
    screen = Image.new("L", (1920, 1080), 255)
    screen.paste(code, (200, 240))
    far = screen.resize((1920 // 5, 1080 // 5), Image.Resampling.BILINEAR)
    # A phone held askew: turned by 7 degrees and sheared, as in a picture taken from the side.
    askew = far.rotate(7, fillcolor=255, resample=Image.Resampling.BILINEAR).transform(
        far.size, Image.Transform.AFFINE, (1.05, 0.18, -20, 0.04, 1.08, -8), Image.Resampling.BILINEAR, fillcolor=255
    )
    assert read(askew.filter(ImageFilter.GaussianBlur(0.7))) == [ADDRESSES[0]]


def test_the_svg_is_small_has_no_size_of_its_own_and_breaks_no_csp() -> None:
    svg = qr_svg(ADDRESSES[0], label="签到码 <A&B>")
    root = ElementTree.fromstring(svg)
    assert len(gzip.compress(svg.encode(), 5)) < 762  # bytes: what qrcode's own SVG, joined into one path, takes
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == "签到码 <A&B>"
    assert root.attrib["shape-rendering"] == "crispEdges"
    assert not {"width", "height", "style"} & set(root.attrib)


def test_the_quiet_zone_is_as_wide_as_asked_for() -> None:
    modules = len(qr_modules(ADDRESSES[0]))
    assert f'viewBox="0 0 {modules + 8} {modules + 8}"' in qr_svg(ADDRESSES[0])
    assert f'viewBox="0 0 {modules + 4} {modules + 4}"' in qr_svg(ADDRESSES[0], border=2)


def test_a_text_too_long_for_any_code_is_refused() -> None:
    with pytest.raises(ValueError, match="2,331"):
        qr_svg("x" * 2332)


def test_a_web_worker_that_draws_codes_and_starts_jobs_loads_no_heavy_library() -> None:
    script = (
        "import sys, kiosk, kiosk.jobs.runner, kiosk.jobs.fonts, kiosk.services.event.qr as qr\n"
        "qr.qr_svg('http://192.168.1.23:8000/e/K7M4PQ')\n"
        "heavy = {'PIL', 'fpdf', 'fontTools', 'openpyxl'} & {name.split('.')[0] for name in sys.modules}\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
