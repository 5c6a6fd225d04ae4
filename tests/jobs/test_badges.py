"""Badges: every code is read back by another program, nothing is cut, whatever people are called; 400 in time."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from kiosk.jobs.badges import FORMATS, run
from kiosk.jobs.runner import run_job

LONG = "Maximiliane Freifrau von der Leyen-Hohenstaufen-Wittelsbach"
WHERE = "湖北东贝制冷设备集团股份有限公司质量管理部技术中心暨博士后科研工作站黄石分站"
PEOPLE = (
    ("王䶮", "劲牌", ["第三组"]),
    ("买买提·吐尔逊", WHERE, ["第三组", "A12", "2号车"]),
    (LONG, WHERE, ["质量管理与技术创新专题研讨小组", "A12", "2号车"]),
    ("欧阳建国", "", []),
)


def badge(number: int) -> dict[str, Any]:
    name, organisation, place = PEOPLE[number % len(PEOPLE)]
    url = f"http://192.168.100.100:8000/p/{number:032d}"
    return {"name": name, "organisation": organisation, "place": place, "url": url}


def payload(count: int, per_sheet: int) -> dict[str, Any]:
    title = "大冶市2024年首席质量官培训班（第二期）暨质量管理小组骨干人员能力提升专题研修班"
    return {"title": title, "language": "zh", "per_sheet": per_sheet, "badges": [badge(n) for n in range(count)]}


def pages(pdf: bytes, folder: Path) -> list[Path]:
    """Render every page at 150 dots an inch."""
    (folder / "badges.pdf").write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", "150", "-png", "badges.pdf", "page"], cwd=folder, check=True, timeout=120)
    return sorted(folder.glob("page*.png"))


@pytest.mark.parametrize("per_sheet", FORMATS)
def test_every_code_of_every_page_opens_its_own_pass(tmp_path: Path, per_sheet: int) -> None:
    count = 2 * per_sheet + 3
    read: list[str] = []
    for page in pages(run(payload(count, per_sheet)), tmp_path):
        read += [code.text for code in zxingcpp.read_barcodes(Image.open(page))]
    assert sorted(read) == [badge(n)["url"] for n in range(count)]


@pytest.mark.parametrize("per_sheet", FORMATS)
def test_no_word_leaves_its_badge(tmp_path: Path, per_sheet: int) -> None:
    columns, rows, width, height, _side = FORMATS[per_sheet]
    (tmp_path / "badges.pdf").write_bytes(run(payload(per_sheet, per_sheet)))
    command = ["pdftotext", "-bbox", "badges.pdf", "-"]
    lines = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True, timeout=60).stdout
    left, top = (210 - columns * width) / 2, (297 - rows * height) / 2
    boxes = [
        [float(part.split('"')[1]) * 25.4 / 72 for part in line.split()[1:5]]
        for line in lines.splitlines()
        if "<word" in line
    ]
    assert len(boxes) > per_sheet
    for x, y, to_x, to_y in boxes:
        column, row = int((x - left) // width), int(((y + to_y) / 2 - top) // height)
        assert left + column * width + 3 <= x and to_x <= left + (column + 1) * width - 3
        assert top + row * height + 2 <= y and to_y <= top + (row + 1) * height - 1


def test_nobody_is_an_empty_sheet(tmp_path: Path) -> None:
    assert len(pages(run(payload(0, 8)), tmp_path)) == 1


def test_four_hundred_are_drawn_at_a_rate_that_ten_seconds_hold(real_jobs: None) -> None:
    """As against one: a start of the job takes most of that. `make bench` has the seconds."""
    seconds = []
    for count in (1, 400):
        began = time.process_time()
        assert run(payload(count, 8)).startswith(b"%PDF-")
        seconds.append(time.process_time() - began)
    assert seconds[1] < 25 * seconds[0], seconds
    assert run_job("badges", payload(8, 8)).startswith(b"%PDF-")
