"""The poster: what is on it can be read, by people, by phones, and nothing of it is clipped."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageChops

from kiosk.jobs.paper import Paper
from kiosk.jobs.poster import Poster, poster_pdf
from kiosk.jobs.runner import run_job
from tests.aids.tools import need

ADDRESS = "http://192.168.1.23:8000/e/K7M4PQ"
POSTER = Poster(
    title="企业首席质量官质量提升行动（东湖区专场）",
    title_alt="Chief Quality Officers: quality improvement",
    campaign="2024 年“质量月”活动",
    campaign_alt="Quality Month 2024",
    host="东湖市市场监督管理局",
    when="2024 年 9 月 12 日（星期四）9:00–11:30",
    when_alt="Thursday 12 September 2024, 9:00–11:30",
    where="东贝制冷科技园 3 号楼二层报告厅",
    where_alt="Hall 2F, Building 3, Dongbei Refrigeration Park",
    code="K7M4PQ",
    address=ADDRESS,
    accent="#b3261e",
    wifi_name=None,
    wifi_password=None,
    two_steps=False,
    language="zh",
)
ENGLISH = replace(
    POSTER,
    title="Laboratory open day with citizen quality observers",
    title_alt="检验检测实验室开放日",
    host="Donghu Administration for Market Regulation",
    when="Thursday 12 September 2024, 9:00–11:30",
    when_alt=None,
    where="Hall 2F, Building 3, Dongbei Refrigeration Park",
    where_alt=None,
    language="en",
)
WIFI = {"two_steps": True, "wifi_name": "DongBei-Guest-5G", "wifi_password": "zl2024@0912"}
# 60 characters, no two alike: a clipped one would be missed.
LONG = "".join(chr(point) for point in range(0x7528, 0x7528 + 60))
VARIANTS = {
    "chinese": POSTER,
    "english": ENGLISH,
    "chinese with Wi-Fi": replace(POSTER, **WIFI),
    "english with Wi-Fi": replace(ENGLISH, **WIFI),
    "long title": replace(POSTER, title=LONG, **WIFI),
    "long English title": replace(ENGLISH, title="Improvement Tour through the Six Districts of the City Donghu"),
    "nothing but a title": replace(
        POSTER,
        title="签到",
        title_alt=None,
        campaign=None,
        campaign_alt=None,
        host=None,
        when=None,
        where=None,
        where_alt=None,
    ),
    "everything at its longest": replace(
        ENGLISH,
        title="W" * 120,
        title_alt="例" * 120,
        campaign="C" * 120,
        host="H" * 120,
        where="校" * 120,
        where_alt="w" * 200,
        two_steps=True,
        wifi_name="n" * 32,
        wifi_password="P" * 63,
        address="https://" + "sign." * 12 + "example.org/e/K7M4PQ",
    ),
}
DPI = 100
MARGIN = 10.0  # mm


@pytest.fixture
def paper() -> Iterator[Paper]:
    """A sheet to measure on; it holds files open until it is closed."""
    with closing(Paper(title="", language="zh")) as paper:
        yield paper


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All variants in one PDF, one page each."""
    path = tmp_path_factory.mktemp("poster") / "posters.pdf"
    path.write_bytes(poster_pdf(list(VARIANTS.values())))
    return path


@pytest.fixture(scope="module")
def pages(pdf: Path) -> list[Image.Image]:
    """The variants' pages as a printer of 100 dpi would show them."""
    subprocess.run([need("pdftoppm"), "-r", str(DPI), "-png", pdf, pdf.with_suffix("")], check=True)
    pictures = []
    for path in sorted(pdf.parent.glob("*.png")):
        with Image.open(path) as picture:
            pictures.append(picture.convert("RGB"))
    assert len(pictures) == len(VARIANTS)
    return pictures


def text_of(pdf: Path, page: int) -> str:
    """A page's text without the white space, which depends on where lines break."""
    command = [need("pdftotext"), "-f", str(page), "-l", str(page), "-raw", str(pdf), "-"]
    return re.sub(r"\s", "", subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("page", range(len(VARIANTS)), ids=list(VARIANTS))
def test_the_code_is_read_as_exactly_the_address(pages: list[Image.Image], page: int) -> None:
    poster = list(VARIANTS.values())[page]
    assert [code.text for code in zxingcpp.read_barcodes(pages[page])] == [poster.address]


@pytest.mark.parametrize("page", range(len(VARIANTS)), ids=list(VARIANTS))
def test_the_code_is_110_mm_wide_and_alone_in_its_quiet_zone(pages: list[Image.Image], page: int) -> None:
    picture = pages[page]
    (code,) = zxingcpp.read_barcodes(picture)
    corners = (code.position.top_left, code.position.top_right, code.position.bottom_left, code.position.bottom_right)
    left, right = min(corner.x for corner in corners), max(corner.x for corner in corners)
    top, bottom = min(corner.y for corner in corners), max(corner.y for corner in corners)
    assert (right - left) / DPI * 25.4 >= 109.5  # a pixel is 0.25 mm
    zone = (right - left) * 4 / 41 - 3  # 4 modules of the finest code among the variants, less a pixel or three
    around = picture.crop((round(left - zone), round(top - zone), round(right + zone), round(bottom + zone)))
    around.paste(
        (255, 255, 255),
        (round(zone - 3), round(zone - 3), round(around.width - zone + 3), round(around.height - zone + 3)),
    )
    assert around.convert("L").getextrema()[0] > 200


@pytest.mark.parametrize("page", range(len(VARIANTS)), ids=list(VARIANTS))
def test_nothing_bleeds_into_the_margins(pages: list[Image.Image], page: int) -> None:
    picture = pages[page]
    left, top, right, bottom = ImageChops.invert(picture).getbbox() or (0, 0, 0, 0)
    border = MARGIN / 25.4 * DPI
    assert left >= border and top >= border
    assert right <= picture.width - border and bottom <= picture.height - border


@pytest.mark.parametrize("page", range(len(VARIANTS)), ids=list(VARIANTS))
def test_every_word_of_the_poster_is_on_the_page(pdf: Path, page: int) -> None:
    poster, text = list(VARIANTS.values())[page], text_of(pdf, page + 1)
    for field in (poster.title, poster.title_alt, poster.campaign, poster.host, poster.when, poster.where_alt):
        assert squeezed(field or "") in text
    assert squeezed(poster.where or "") in text
    assert poster.address in text
    assert "K7M4PQ" in text.replace(poster.address, "")


@pytest.mark.parametrize("title", [LONG, "W" * 120, "质" * 200, "Improvement Tour " * 10, "（" * 70])
def test_a_title_never_needs_more_than_three_lines_or_the_margins(paper: Paper, title: str) -> None:
    text = paper.fit(title, 184, sizes=(44, 20), max_lines=3, bold=True)
    assert len(text.lines) <= 3
    assert squeezed("".join(text.lines)) == squeezed(title)
    assert max(paper.width_of(line, text.size, bold=True) for line in text.lines) <= 184


def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(paper: Paper) -> None:
    for width in range(20, 60):
        lines = paper.wrap("质量月（东湖区专场），质量提升、质量基础设施“一站式”服务。", width, 14)
        assert not [line for line in lines if line[0] in "），、”。" or line[-1] in "（“"], width


def test_a_title_parts_at_its_bracket(paper: Paper) -> None:
    text = paper.fit(POSTER.title, 184, sizes=(40, 20), max_lines=2, bold=True)
    assert text.lines == ("企业首席质量官质量提升行动", "（东湖区专场）")


def test_lines_do_not_overlap(pdf: Path) -> None:
    done = subprocess.run([need("pdftotext"), "-bbox-layout", pdf, "-"], capture_output=True, check=True, text=True)
    lines = re.findall(r'<page|<line xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)"', done.stdout)
    boxes: list[list[tuple[float, ...]]] = []
    for numbers in lines:
        if not numbers[0]:
            boxes.append([])
        else:
            left, top, right, bottom = map(float, numbers)
            # The boxes go from the font's ascent (1.16) to its descent (0.288); ink from 0.88 to -0.12.
            em = (bottom - top) / 1.448
            boxes[-1].append((left, top + 0.28 * em, right, bottom - 0.168 * em))
    for page in boxes:
        assert len(page) >= 6
        for index, (left, top, right, bottom) in enumerate(page):
            for other_left, other_top, other_right, other_bottom in page[index + 1 :]:
                assert left >= other_right or other_left >= right or top >= other_bottom or other_top >= bottom


def test_the_short_code_stands_in_two_groups(pdf: Path) -> None:
    done = subprocess.run([need("pdftotext"), "-l", "1", "-raw", pdf, "-"], capture_output=True, check=True, text=True)
    assert "K7M 4PQ" in done.stdout


def test_the_chinese_poster_says_what_phones_will_ask(pdf: Path) -> None:
    text = text_of(pdf, 1)
    for words in (
        "无需下载、无需关注",
        "若微信提示非官方网页，点继续访问",
        "微信或相机扫一扫签到",
        "主办单位：东湖市市场监督管理局",
    ):
        assert words in text
    assert "Wi-Fi" not in text


def test_the_english_poster_is_english(pdf: Path) -> None:
    text = text_of(pdf, 2)
    for words in (
        "No app to download, no account to follow",
        "Scan with WeChat or your camera to sign in",
        "Short code",
    ):
        assert squeezed(words) in text
    assert "无需下载" not in text


def test_with_two_steps_the_wifi_comes_first(pdf: Path) -> None:
    chinese, english = text_of(pdf, 3), text_of(pdf, 4)
    first, second = "第一步连接Wi-Fi：DongBei-Guest-5G密码：zl2024@0912", "第二步扫码签到"
    assert 0 <= chinese.index(first) < chinese.index(second)
    first, second = "Step1–JoinWi-Fi:DongBei-Guest-5GPassword:zl2024@0912", "Step2–Scantosignin"
    assert 0 <= english.index(first) < english.index(second)


@pytest.mark.parametrize(
    ("name", "password", "words"),
    [(None, None, "第一步连接会场Wi-Fi"), ("Guest", None, "第一步连接Wi-Fi：Guest（无密码）")],
)
def test_two_steps_without_all_details_still_say_wifi(
    tmp_path: Path, name: str | None, password: str | None, words: str
) -> None:
    path = tmp_path / "poster.pdf"
    path.write_bytes(poster_pdf([replace(POSTER, two_steps=True, wifi_name=name, wifi_password=password)]))
    assert words in text_of(path, 1)


def test_rare_names_are_read_back_out_of_the_pdf(tmp_path: Path) -> None:
    path = tmp_path / "poster.pdf"
    path.write_bytes(poster_pdf([replace(POSTER, title="䶮𠮷质量官", host="𠮷䶮公司")]))
    text = text_of(path, 1)
    assert "䶮𠮷质量官" in text
    assert "𠮷䶮公司" in text


def test_a_title_character_that_bold_lacks_is_set_in_regular(tmp_path: Path) -> None:
    path = tmp_path / "poster.pdf"
    path.write_bytes(poster_pdf([replace(POSTER, title="陳㐀質量")]))
    assert "陳㐀質量" in text_of(path, 1)


def test_an_uncovered_character_is_seen_as_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "poster.pdf"
    path.write_bytes(poster_pdf([replace(POSTER, title="质量月😀")]))
    assert "质量月〓" in text_of(path, 1)


def test_only_the_accent_line_is_coloured(pages: list[Image.Image]) -> None:
    picture = pages[0]
    middle = [picture.getpixel((picture.width // 2, y)) for y in range(picture.height)]
    coloured = [y for y, colour in enumerate(middle) if max(colour) - min(colour) > 40]
    assert coloured
    assert (coloured[-1] - coloured[0] + 1) / DPI * 25.4 < 3


def test_the_fonts_are_embedded_as_subsets_and_a_poster_is_small(tmp_path: Path) -> None:
    path = tmp_path / "poster.pdf"
    path.write_bytes(poster_pdf([POSTER]))
    assert path.stat().st_size < 60_000
    done = subprocess.run([need("pdffonts"), path], capture_output=True, check=True, text=True)
    fonts = done.stdout.splitlines()[2:]
    assert len(fonts) == 2
    for line in fonts:
        assert re.search(r"KioskSansSC.*CID TrueType\s+Identity-H\s+yes yes yes", line)


def test_the_code_is_drawn_as_vectors(pdf: Path) -> None:
    done = subprocess.run([need("pdfimages"), "-list", pdf], capture_output=True, check=True, text=True)
    assert len(done.stdout.splitlines()) == 2  # the table's head only


def test_a_campaigns_posters_come_out_of_one_job(tmp_path: Path) -> None:
    path = tmp_path / "posters.pdf"
    path.write_bytes(run_job("poster", {"posters": [asdict(POSTER), asdict(ENGLISH)]}))
    done = subprocess.run([need("pdfinfo"), path], capture_output=True, check=True, text=True)
    assert re.search(r"Pages:\s+2\n", done.stdout)
    assert re.search(r"Page size:\s+595\.28 x 841\.89 pts \(A4\)", done.stdout)
