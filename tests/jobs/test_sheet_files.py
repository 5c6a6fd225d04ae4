"""The sheet's files, each opened by a program that did not write it: nothing lost, nothing clipped, room for a pen."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from zipfile import ZipFile

import pytest
import zxingcpp
from openpyxl import load_workbook
from PIL import Image, ImageChops

from kiosk.jobs import sheet_pdf
from kiosk.jobs.ruled_table import MeasuredRow
from kiosk.services.demo.directory import LONG_NAME
from kiosk.services.tables import sheet_files, sheet_model
from kiosk.services.tables.sheet_model import SheetModel
from kiosk.services.tables.sheet_words import WORDS
from tests.aids import office
from tests.aids.fonts import FACES, SETS, FontSet
from tests.aids.paper_sheets import HARD, a_sheet, people
from tests.aids.tools import need

FORMATS = ("pdf", "docx", "xlsx")
POINTS = 72 / 25.4  # a mm
MANY = 400
SHEETS: dict[str, SheetModel] = {
    "many": a_sheet(people(MANY), is_stamped=True),
    "hard": a_sheet(people(12, HARD)),
    "breaks": a_sheet(people(19)),  # its close has no room on the first page
    "none": a_sheet([]),
    "students": a_sheet(people(20), variant="students", is_stamped=True),
    "certificates": a_sheet(people(9), variant="certificates", language="en"),
}
# With each set of fonts after the first, those that have every column and every kind of text.
OTHERWISE = ("hard", "students", "certificates")
OPENED = [(SETS[0], name, ending) for ending in FORMATS for name in SHEETS]
OPENED += [(font, name, ending) for font in SETS[1:] for ending in FORMATS[1:] for name in OTHERWISE]
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@dataclass(frozen=True)
class Opened:
    """A file as another program shows it: the file itself, a PDF of it, and the text of each page, unspaced."""

    file: Path
    pdf: Path
    pages: tuple[str, ...]

    @property
    def text(self) -> str:
        return "".join(self.pages)


Key = tuple[FontSet, str, str]
Files = dict[Key, Opened]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], bytes]:
    """Every sheet in every format."""
    return {(name, ending): sheet_files.render(model, ending) for name, model in SHEETS.items() for ending in FORMATS}


@pytest.fixture(scope="module")
def files(written: dict[tuple[str, str], bytes], tmp_path_factory: pytest.TempPathFactory) -> Files:
    """The sheets as they are opened; LibreOffice opens those of the offices in one go with each set of fonts."""
    need("pdftotext")
    opened = {}
    for font in SETS:
        folder = tmp_path_factory.mktemp(font)
        found = {key: folder / f"{key[1]}-{key[2]}.{key[2]}" for key in OPENED if key[0] == font}
        for (_font, name, ending), file in found.items():
            file.write_bytes(written[name, ending])
        office.convert_all([one for one in found.values() if one.suffix != ".pdf"], "pdf", drawn_with=font)
        for key, file in found.items():
            pdf = file.with_suffix(".pdf")
            opened[key] = Opened(file, pdf, pages(pdf))
    return opened


def run(program: str, *arguments: str | Path) -> bytes:
    return subprocess.run([need(program), *map(str, arguments)], capture_output=True, check=True).stdout


def pages(pdf: Path) -> tuple[str, ...]:
    """Return the text of each page without white space, which depends on where lines break."""
    said = run("pdftotext", "-raw", pdf, "-").decode()
    return tuple(re.sub(r"\s", "", page) for page in said.split("\f")[:-1])


def unspaced(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize(("font", "name", "ending"), OPENED)
def test_nothing_of_the_sheet_is_lost(files: Files, font: FontSet, name: str, ending: str) -> None:
    model, opened = SHEETS[name], files[font, name, ending]
    assert unspaced(model.title) in opened.text
    for pair in model.lines:
        assert unspaced(WORDS[model.language]["colon"].join(pair)) in opened.text
    drawn = FACES[font].drawn(opened.text)
    for row in model.rows:
        for cell in row:
            assert FACES[font].drawn(unspaced(cell)) in drawn, cell
    for label, value in model.foot:
        assert unspaced(f"{label}{value}") in opened.text


@pytest.mark.parametrize(("font", "name", "ending"), OPENED)
def test_every_page_has_the_header_row_and_its_number(files: Files, font: FontSet, name: str, ending: str) -> None:
    model, opened = SHEETS[name], files[font, name, ending]
    assert len(opened.pages) > 10 if name == "many" else len(opened.pages) <= 2
    header = "".join(unspaced(column.title) for column in model.columns)
    for number, page in enumerate(opened.pages, start=1):
        assert header in page
        assert unspaced(WORDS[model.language]["page"].format(page=number, pages=len(opened.pages))) in page


@pytest.mark.parametrize(("font", "name", "ending"), OPENED)
def test_it_ends_with_lines_to_sign_on_and_a_frozen_one_with_its_stamp(
    files: Files, font: FontSet, name: str, ending: str
) -> None:
    model, opened = SHEETS[name], files[font, name, ending]
    assert len(model.signing) == 2
    signed = [unspaced(label + WORDS[model.language]["colon"]) for label in model.signing]
    assert all(text in opened.pages[-1] for text in signed)
    if ending != "pdf":
        date = {"zh": "日期：", "en": "Date:"}[model.language]
        assert opened.pages[-1].count(f"{date}______") == 2, "a line for each date"
    if ending != "xlsx" and name != "none":  # a workbook cannot keep rows together
        assert "机械有限公司" in opened.pages[-1] or "四棵中学" in opened.pages[-1], (
            "nobody signs on a page without names"
        )
    lines = sheet_model.stamp_lines(model)
    assert len(lines) == (4 if name in ("many", "students") else 0)
    for pair in lines:
        assert unspaced(WORDS[model.language]["colon"].join(pair)) in opened.pages[-1]
    if lines:
        assert (
            "定稿时间：2024-09-2710:03:04" in opened.pages[-1] and sheet_model.content_hash(model) in opened.pages[-1]
        )
        assert all("核验码：K7M4PQ9RT2" in page for page in opened.pages), "on every page's foot"


@pytest.mark.parametrize(("font", "name", "ending"), [key for key in OPENED if key[1] in ("many", "students")])
def test_rows_are_high_enough_for_a_pen_and_stand_between_the_margins(
    files: Files, font: FontSet, name: str, ending: str
) -> None:
    tree = ElementTree.fromstring(run("pdftotext", "-bbox", "-l", "2", files[font, name, ending].pdf, "-"))
    for page in (one for one in tree.iter() if one.tag.endswith("page")):
        words = [one for one in page if one.tag.endswith("word")]
        middles = {
            int(one.text or ""): (float(one.attrib["yMin"]) + float(one.attrib["yMax"])) / 2
            for one in words
            if (one.text or "").isdigit() and float(one.attrib["xMax"]) < 24 * POINTS  # the first column
        }
        rows = [middles[number] for number in sorted(middles) if number - 1 in middles or number + 1 in middles]
        assert len(rows) >= 10 or name == "students"
        assert all(lower - upper >= 9 * POINTS for upper, lower in pairwise(rows))
        assert all(float(one.attrib["xMin"]) > 10 * POINTS for one in words)
        assert all(float(one.attrib["xMax"]) < 200 * POINTS for one in words)


@pytest.mark.parametrize("font", SETS)
@pytest.mark.parametrize("ending", FORMATS)
def test_the_picture_of_each_page_has_ink_and_none_at_its_edges(files: Files, ending: str, font: FontSet) -> None:
    for name in (key[1] for key in OPENED if key[0] == font and key[2] == ending):
        opened = files[font, name, ending]
        run("pdftoppm", "-r", "30", "-gray", "-l", "2", opened.pdf, opened.pdf.with_suffix(""))
        pictures = sorted(opened.pdf.parent.glob(f"{opened.pdf.stem}-*.pgm"))
        assert len(pictures) == min(len(opened.pages), 2)
        for picture in pictures:
            with Image.open(picture) as page:
                box = ImageChops.invert(page).getbbox()
                assert box is not None
                mm = page.width / 210
                assert min(box[0], box[1], page.width - box[2], page.height - box[3]) >= 6 * mm, name


def test_students_sheet_has_a_row_for_coming_and_going_and_no_mobiles(files: Files) -> None:
    for text in (opened.text for key, opened in files.items() if key[1] == "students"):
        assert "序号学校班级姓名学号到场离场备注" in text and "带队教师签字：" in text
        assert "138000" not in text and "08:5511:30" in text


def test_certificates_sheet_has_hours_and_blanks_for_grade_and_number(files: Files) -> None:
    for text in (opened.text for key, opened in files.items() if key[1] == "certificates"):
        assert "HoursGradeCertificateno.Remarks" in text and "Signedandsealedforthehost:" in text
        assert "质量总监4" in text


def test_the_pdf_has_every_character_that_its_fonts_have_and_says_what_they_lack(files: Files) -> None:
    assert "刘䶮" in files["noto", "hard", "pdf"].text and "吴𠮷祥" in files["noto", "hard", "pdf"].text
    assert all(sheet_files.uncovered_in(model) == () for model in SHEETS.values())
    rare = a_sheet(people(1, [{"name": "王\U0003134a\ufe00", "remarks": "e\u0301"}]))
    assert sheet_files.uncovered_in(rare) == ("\U0003134a",)


def test_the_code_on_the_pdf_leads_to_the_page_that_verifies_it(files: Files) -> None:
    opened, stamp = files["noto", "students", "pdf"], SHEETS["students"].stamp
    assert stamp is not None and stamp.address.encode() in opened.file.read_bytes()
    run("pdftoppm", "-r", "150", "-gray", "-f", str(len(opened.pages)), opened.pdf, opened.pdf.with_name("code"))
    (picture,) = opened.pdf.parent.glob("code-*.pgm")
    with Image.open(picture) as page:
        assert [code.text for code in zxingcpp.read_barcodes(page)] == [stamp.address]
    assert b"/URI" not in files["noto", "hard", "pdf"].file.read_bytes()


@pytest.mark.parametrize("rows", range(10, 60))
def test_nobody_signs_on_a_page_without_rows(rows: int) -> None:
    close, header, head = 80.0, 9.5, 40.0
    found = sheet_pdf.paged([MeasuredRow((), 9.5)] * rows, header, head, close)
    assert sum(map(len, found)) == rows
    space = sheet_pdf.BOTTOM - sheet_pdf.TOP - header
    for number, page in enumerate(found):
        taken = sum(row.height for row in page) + (0 if number else head) + (close if page is found[-1] else 0)
        assert page and taken <= space


def test_the_document_is_a_table_of_fixed_widths_whose_rows_are_never_divided(files: Files) -> None:
    with ZipFile(files["noto", "hard", "docx"].file) as archive:
        tree = ElementTree.fromstring(archive.read("word/document.xml"))
        fonts = archive.read("word/fontTable.xml").decode()
        footer = next(name for name in archive.namelist() if "footer" in name)
        fields = re.findall(r"w:instr=\"\s*(\w+)", archive.read(footer).decode())
    assert fields == ["PAGE", "NUMPAGES"]
    *rows, close = tree.iter(f"{WORD}tr")
    assert len(rows) == 13 and close.find(f"{WORD}trPr/{WORD}cantSplit") is not None
    for row in rows:
        properties = row.find(f"{WORD}trPr")
        assert properties is not None
        height = properties.find(f"{WORD}trHeight")
        assert height is not None and height.get(f"{WORD}hRule") == "atLeast"
        assert int(height.get(f"{WORD}val") or 0) >= 9 * 20 * POINTS
        assert properties.find(f"{WORD}cantSplit") is not None
        assert (properties.find(f"{WORD}tblHeader") is not None) == (row is rows[0])
    assert next(tree.iter(f"{WORD}tblLayout")).get(f"{WORD}type") == "fixed"
    # The last rows keep with what closes the sheet, the table's last row: nobody signs on a page without names.
    kept = [any(True for _ in row.iter(f"{WORD}keepNext")) for row in rows]
    assert kept == [True, *[False] * 10, True, True]
    assert "方正小标宋简体" in fonts and "仿宋_GB2312" in fonts and "SimSun" in fonts


def test_the_workbook_ends_with_lines_high_enough_to_sign_on() -> None:
    sheet = load_workbook(BytesIO(sheet_files.render(a_sheet(people(2), is_stamped=True), "xlsx"))).active
    assert sheet is not None
    (row,) = (row for row in range(1, sheet.max_row + 1) if "签字" in str(sheet.cell(row, 1).value))
    said, height = str(sheet.cell(row, 1).value), sheet.row_dimensions[row].height
    # One row, so that no page break comes between the totals and the lines; each line has two empty ones above it.
    assert re.fullmatch(
        r"应到.*\n\n\n授课教师（主讲人）签字：_+ +日期：_+\n\n\n主办单位（盖章）负责人签字：_+ +日期：_+", said
    )
    assert height is not None and height >= 2 * 14 * POINTS
    assert str(sheet.cell(row + 1, 1).value).startswith("\n核验码：K7M4PQ9RT2\n定稿时间：")
    assert sheet.page_setup.fitToWidth == 1 and sheet.sheet_properties.pageSetUpPr.fitToPage


@pytest.mark.parametrize("ending", FORMATS)
def test_a_frozen_sheet_drawn_again_is_the_same_file(written: dict[tuple[str, str], bytes], ending: str) -> None:
    assert sheet_files.render(SHEETS["students"], ending) == written["students", ending]


def test_the_rows_of_a_csv_stay_pure() -> None:
    plain, stamped = a_sheet(people(3, HARD)), a_sheet(people(3, HARD), is_stamped=True)
    assert sheet_files.render(plain, "csv") == sheet_files.render(stamped, "csv")


@pytest.mark.parametrize("ending", ["docx", "xlsx"])
def test_an_archive_knows_no_time_but_that_of_its_freezing(files: Files, ending: str) -> None:
    with ZipFile(files["noto", "students", ending].file) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2024, 9, 27, 2, 3, 4)}
        times = re.findall(r"<dcterms:\w+[^>]*>([^<]*)<", archive.read("docProps/core.xml").decode())
    assert times == ["2024-09-27T02:03:04Z"] * 2


@pytest.mark.parametrize("ending", FORMATS)
def test_what_no_file_can_hold_is_left_out(ending: str) -> None:
    assert sheet_files.render(a_sheet(people(1, [{"name": "王\x00\x0b强\ufffe"}]), title="表\x07"), ending)


def test_long_names_wrap_and_are_not_shrunk_to_nothing(files: Files) -> None:
    words = run("pdftotext", "-bbox", files["noto", "hard", "pdf"].pdf, "-").decode()
    heights = [
        float(bottom) - float(top)
        for top, bottom, text in re.findall(r'yMin="([\d.]+)".*?yMax="([\d.]+)">(.*?)<', words)
        if text and text in LONG_NAME and len(text) > 3
    ]
    assert heights and min(heights) > 8  # points


def test_no_library_of_paper_or_spreadsheets_is_in_a_web_worker(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from tests.aids.apps import build_app\n"
        "from tests.aids.factories import enterprise, log_in, make_event, make_staff, sheet_of, sign_in\n"
        "from kiosk.services.tables import sheet_files\n"
        f"app = build_app(Path({str(tmp_path / 'instance')!r}))\n"
        "with app.app_context():\n"
        "    event = make_event(); sign_in(event, enterprise()); make_staff()\n"
        "    client = app.test_client(); log_in(client, 'admin@example.org')\n"
        "    assert client.get(f'/events/{event.code}/sheets').status_code == 200\n"
        "    assert client.get(f'/events/{event.code}/sheet.xlsx').status_code in (200, 303, 405)\n"
        "    model = sheet_of(event, 'zh')\n"
        "    assert all(sheet_files.render(model, ending) for ending in sheet_files.FORMATS)\n"
        "    sheet_files.uncovered_in(model)\n"
        "heavy = {'fpdf', 'fontTools', 'openpyxl', 'docx', 'lxml', 'PIL'}\n"
        "print('loaded:', *sorted(heavy & {name.split('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "loaded:"
