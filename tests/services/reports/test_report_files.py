"""The report's files, each opened by a program that did not write it; nobody's name is in them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from kiosk.jobs.words import REPORT
from kiosk.models import HandCounter
from kiosk.services.demo.directory import LONG_NAME
from kiosk.services.event import campaigns
from kiosk.services.reports import counting, papers
from kiosk.services.reports.papers import ReportPaper
from kiosk.services.reports.sittings import Period
from kiosk.services.store.writer import run
from tests.aids.apps import build_app, close
from tests.aids.factories import enterprise, guest, make_event, sign_in, student
from tests.aids.fonts import FACES, SETS, FontSet
from tests.aids.office import OpenedCell, convert_all, open_cells
from tests.aids.tools import need

START = datetime(2026, 9, 1, 1, tzinfo=UTC)
DPI = 60
MARGIN = 14.0  # mm; nothing is drawn nearer to the edge


@dataclass(frozen=True)
class Made:
    """A report's PDF in one language, and what it was made from."""

    paper: ReportPaper
    pdf: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Made]]:
    """A campaign that tries the paper: rare characters, names of 60 characters, a formula, many events."""
    folder = tmp_path_factory.mktemp("report")
    app = build_app(folder / "instance")
    with app.app_context():
        draft = campaigns.CampaignDraft(title=f"䶮𠮷“质量月”{LONG_NAME}", title_alt="Quality Month", host=LONG_NAME)
        campaign = campaigns.create(draft)
        for number in range(42):
            event = make_event(
                title=f"第{number + 1}号主题活动：{LONG_NAME if number == 3 else '走进企业'}",
                title_alt=f"Theme day {number + 1}",
                district={5: "=1+1", 7: LONG_NAME}.get(number, ("大冶市", "阳新县", None)[number % 3]),
                starts_at=START + timedelta(days=number),
                campaign_id=campaign.id,
                outcome="成为第9家基地" if number == 2 else None,
            )
            sign_in(event, enterprise("王大强", organisation_name=LONG_NAME))
            sign_in(event, enterprise("李小娜", mobile="13911112222", organisation_name=f"={number % 5}+1公司"))
            sign_in(event, student("学生甲", student_no="2023") if number % 2 else guest("来宾乙"))
        counter = HandCounter(event_id=event.id, label="发放宣传资料（份）", label_alt="Leaflets (copies)", count=1236)
        run(lambda session: session.add(counter))
        figures = counting.figures(campaign.id)
        found = {}
        for language in ("zh", "en"):
            paper = papers.paper_of(figures, campaign, language)
            pdf = folder / f"{language}.pdf"
            pdf.write_bytes(papers.pdf_bytes(paper))
            found[language] = Made(paper, pdf)
        empty = papers.paper_of(
            counting.figures(campaign.id, Period(until=START.date() - timedelta(days=9))), campaign, "zh"
        )
        (folder / "empty.pdf").write_bytes(papers.pdf_bytes(empty))
        found["empty"] = Made(empty, folder / "empty.pdf")
        yield found
        close(app)


@pytest.fixture(scope="module")
def cells(made: dict[str, Made], tmp_path_factory: pytest.TempPathFactory) -> dict[str, OpenedCell]:
    """The Chinese workbook as LibreOffice has it."""
    xlsx = tmp_path_factory.mktemp("workbook") / "zh.xlsx"
    xlsx.write_bytes(papers.xlsx_bytes(made["zh"].paper))
    return open_cells(xlsx)


def text_of(pdf: Path, *options: str) -> str:
    command = [need("pdftotext"), *options, "-raw", str(pdf), "-"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def body_of(one: Made) -> str:
    """Return what stands on the pages, without their feet: a paragraph may go on on the next page."""
    pages = text_of(one.pdf).split("\f")[:-1]
    body = ""
    for number, page in enumerate(pages, start=1):
        foot = REPORT[one.paper.language]["page"].format(page=number, pages=len(pages))
        text = squeezed(page).replace(squeezed(foot), "")
        title = squeezed(one.paper.title)
        if number > 1:  # a long title is cut in the foot
            text = text[: text.rindex(title[:9])] if text.endswith("…") else text.removesuffix(title)
        body += text
    return body


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_poppler_reads_every_figure_event_and_paragraph(made: dict[str, Made], language: str) -> None:
    paper, text = made[language].paper, body_of(made[language])
    for said in (paper.title, *paper.lines, *(text for _, text in paper.paragraphs), *paper.notes):
        assert squeezed(said) in text
    assert [count for _, count in paper.figures] == [42, 126, 24, 6, 1]
    for table in (paper.districts, paper.events, paper.counted):
        for row in table.rows:
            for cell in row:
                assert squeezed(f"{cell:,}" if isinstance(cell, int) and cell else str(cell or "")) in text
    assert "〓" not in text  # the fonts have every character


def test_each_page_has_its_number_and_the_table_its_header_again(made: dict[str, Made]) -> None:
    pages = text_of(made["zh"].pdf).split("\f")[:-1]
    assert len(pages) >= 2
    for number, page in enumerate(pages, start=1):
        assert f"第{number}页共{len(pages)}页" in squeezed(page)
    with_events = [page for page in pages if re.search("2026-(09|10)-", page)]
    assert len(with_events) >= 2 and all("日期" in page and "人次" in page for page in with_events)


def test_long_names_wrap_and_are_never_too_small_to_read(made: dict[str, Made]) -> None:
    command = [need("pdftotext"), "-bbox", str(made["zh"].pdf), "-"]
    said = subprocess.run(command, capture_output=True, check=True, text=True, errors="replace").stdout
    heights = [
        float(low) - float(high) for high, low in re.findall(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)"', said)
    ]
    assert len(heights) > 200 and min(heights) > 5  # points


@pytest.mark.parametrize("name", ["zh", "en", "empty"])
def test_nothing_is_drawn_beyond_the_margins(made: dict[str, Made], name: str) -> None:
    pdf = made[name].pdf
    subprocess.run([need("pdftoppm"), "-r", str(DPI), "-png", pdf, pdf.with_suffix("")], check=True)
    pictures = sorted(pdf.parent.glob(f"{name}-*.png"))
    assert pictures
    for picture in pictures:
        image = Image.open(picture).convert("L")
        assert abs(image.width - 210 / 25.4 * DPI) < 2 and abs(image.height - 297 / 25.4 * DPI) < 2
        ink = ImageChops.invert(image).getbbox()
        edge = MARGIN / 25.4 * DPI
        assert ink is not None and ink[0] >= edge and ink[2] <= image.width - edge, picture
        assert ink[3] <= image.height - 8 / 25.4 * DPI, picture


def test_libreoffice_opens_numbers_as_numbers_and_text_as_text(
    made: dict[str, Made], cells: dict[str, OpenedCell]
) -> None:
    paper = made["zh"].paper
    assert all(cell.formula is None for cell in cells.values())
    for _label, count in paper.figures:
        assert cells[f"{count:,}"].type == "float"
    assert cells["1,236"].type == "float"
    assert cells["=1+1"].type == "string" and cells["=0+1公司"].type == "string"
    assert cells["2026-09-04"].type == "date"
    for said in (paper.title, LONG_NAME, "成为第9家基地", *(text for _, text in paper.paragraphs)):
        assert cells[said].type == "string"
    assert {row[0] for row in paper.organisations.rows} <= cells.keys()


@pytest.mark.parametrize("font", SETS)
def test_nothing_of_the_workbook_is_cut(made: dict[str, Made], font: FontSet, tmp_path: Path) -> None:
    file = tmp_path / "en.xlsx"
    paper = made["en"].paper
    file.write_bytes(papers.xlsx_bytes(paper))
    (pdf,) = convert_all([file], "pdf", drawn_with=font)
    text = FACES[font].drawn(squeezed(text_of(pdf)))
    for said in (paper.title, *paper.lines, *(text for _, text in paper.paragraphs), *paper.notes):
        assert FACES[font].drawn(squeezed(said)) in text
    for table in (paper.districts, paper.events, paper.organisations):
        assert "".join(squeezed(column.title) for column in table.columns) in text
        for cell in (cell for row in table.rows for cell in row if isinstance(cell, str)):
            assert FACES[font].drawn(squeezed(cell)) in text


def test_nothing_personal_is_in_the_files(made: dict[str, Made], cells: dict[str, OpenedCell]) -> None:
    said = "".join(cells) + text_of(made["zh"].pdf) + text_of(made["en"].pdf)
    for secret in ("王大强", "王*强", "13800138000", "138****8000", "李小娜", "学生甲", "来宾乙", "2222"):
        assert secret not in said


def test_a_report_of_nothing_is_a_page_that_says_so_by_its_notes(made: dict[str, Made]) -> None:
    text = squeezed(text_of(made["empty"].pdf))
    assert squeezed(made["empty"].paper.notes[0]) in text and "第1页共1页" in text
