"""Proofs on paper: read by poppler, their code by a scanner, and nothing of them clipped."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from flask import Flask
from PIL import Image

from kiosk.clock import freeze
from kiosk.jobs.paper import Paper
from kiosk.jobs.proof_pdf import run
from kiosk.jobs.runner import run_job
from kiosk.services.demo.directory import LONG_NAME
from kiosk.services.event import campaigns, events, series
from kiosk.services.event.campaigns import CampaignDraft
from kiosk.services.proofs import issuing, proof_papers, subjects
from tests.aids.factories import enterprise, make_event, sign_in
from tests.aids.tools import need

START = datetime(2026, 9, 10, 1, 0, tzinfo=UTC)
LONG_TITLE = (
    "关于举办2024年黄石市质量月暨检验检测机构开放日启动仪式、"
    "国家特殊钢产品质量检验检测中心揭牌仪式及市民质量观察员聘任仪式的通知"
)
RARE = "买买提·吐尔逊江·𠮷䶮"


def training(**changes: Any) -> events.EventView:
    campaign = campaigns.create(
        CampaignDraft("2024年“质量月”", "Quality Month 2024", "黄石市市场监督管理局", "Huangshi Administration")
    )
    given = {
        "title": "首席质量官巡回培训（大冶市）",
        "title_alt": "Chief quality officer training: Daye",
        "venue": "大冶市市民之家报告厅",
        "venue_alt": "Daye Citizens' Centre",
        "campaign_id": campaign.id,
        "starts_at": START,
        "ends_at": START + timedelta(hours=3),
        "credited_hours": 4.0,
    }
    return make_event(**{**given, **changes})


def pages(event: events.EventView, language: str = "zh") -> list[dict[str, Any]]:
    subject = subjects.of_event(event)
    with freeze(START + timedelta(days=1)):
        issuing.issue(subject, staff_id=None)
    return proof_papers.pages_of(subject, language)


def arrive(event: events.EventView, name: str = "王强", organisation: str = "湖北东贝制冷有限公司") -> None:
    assert event.starts_at is not None
    with freeze(event.starts_at):
        sign_in(event, enterprise(name, organisation_name=organisation))


def text_of(content: bytes, folder: Path) -> str:
    """Return what poppler reads, without the breaks of the lines."""
    file = folder / "proof.pdf"
    file.write_bytes(content)
    said = subprocess.run([need("pdftotext"), "-raw", str(file), "-"], capture_output=True, check=True, text=True)
    return said.stdout.replace("\n", "").replace("： ", "：")


def picture_of(content: bytes, folder: Path) -> Image.Image:
    file = folder / "proof.pdf"
    file.write_bytes(content)
    subprocess.run([need("pdftoppm"), "-r", "100", "-png", "-singlefile", str(file), str(folder / "proof")], check=True)
    return Image.open(folder / "proof.png").convert("L")


def test_proof_says_who_what_when_where_and_by_whom(app: Flask, tmp_path: Path) -> None:
    event = training()
    arrive(event)
    (page,) = pages(event)
    said = text_of(run_job("proof_pdf", {"proofs": [page]}), tmp_path)
    for part in (
        "参训证明",
        f"编号：{event.campaign_code}-2026-0001",
        "兹证明王强（湖北东贝制冷有限公司）参加了黄石市市场监督管理局主办的“首席质量官巡回培训（大冶市）”，"
        "经核定计 4 学时。特此证明。",
        "系列活动：2024年“质量月”",
        "时间：2026年9月10日 09:00–12:00",
        "地点：大冶市市民之家报告厅",
        "（盖章）",
        "2026年9月11日",
        f"核验码：{page['code']}",
        "/verify",
    ):
        assert part in said, part


def test_proof_in_english(app: Flask, tmp_path: Path) -> None:
    event = training(credited_hours=1.5)
    arrive(event)
    (page,) = pages(event, "en")
    said = text_of(run_job("proof_pdf", {"proofs": [page]}), tmp_path)
    assert "Proof of Training" in said and "10 September 2026 09:00–12:00" in said
    sentence = f"{page['before']}{page['name']}{page['after']}"
    assert sentence.endswith("organised by Huangshi Administration and is credited with 1.5 hours.")
    assert sentence.startswith('This is to certify that 王强 (湖北东贝制冷有限公司) attended "Chief quality officer')
    short = training(credited_hours=1.0)
    arrive(short)
    assert pages(short, "en")[0]["after"].endswith("credited with 1 hour.")


def test_proof_of_a_series_lists_the_days_and_places_one_was_at(app: Flask) -> None:
    campaign = campaigns.create(CampaignDraft("质量月"))
    tied = series.ensure(campaign.id, "首席质量官任职培训")
    days = [
        training(
            campaign_id=campaign.id,
            series_id=tied,
            starts_at=START + timedelta(days=day),
            ends_at=START + timedelta(days=day, hours=3),
            venue=f"第{day}会场",
        )
        for day in range(5)
    ]
    for event in (days[0], days[1], days[3], days[4]):
        arrive(event)
    (page,) = pages(days[0])
    assert dict(page["facts"])["时间"] == "2026年9月10日、2026年9月11日、2026年9月13日、2026年9月14日"
    assert dict(page["facts"])["地点"] == "第0会场、第1会场、第3会场等 4 处"
    assert "“首席质量官任职培训”（共 4 场），经核定计 16 学时" in page["after"]


def test_a_scanner_finds_the_verification_page(app: Flask, tmp_path: Path) -> None:
    event = training(title=LONG_TITLE, venue=LONG_NAME)
    arrive(event, RARE, LONG_NAME)
    (page,) = pages(event)
    (code,) = zxingcpp.read_barcodes(picture_of(run_job("proof_pdf", {"proofs": [page]}), tmp_path))
    assert code.text == page["link"] and re.search(r"/verify\?code=[A-Z0-9]{10}$", code.text)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_long_names_and_rare_characters_are_whole(app: Flask, tmp_path: Path, language: str) -> None:
    event = training(title=LONG_TITLE, title_alt=None, venue=LONG_NAME, venue_alt=None)
    arrive(event, RARE, LONG_NAME)
    (page,) = pages(event, language)
    said = text_of(run_job("proof_pdf", {"proofs": [page]}), tmp_path).replace(" ", "")
    for part in (RARE, LONG_NAME, LONG_TITLE):
        assert part in said, part
    assert proof_papers.uncovered_in([page]) == ""
    assert proof_papers.uncovered_in([{**page, "name": "王\U00031350"}]) == "\U00031350"


def test_nothing_leaves_its_place(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the longest that the form takes, every line stays within the margins and above what comes next."""
    drawn: list[tuple[float, float, float, float]] = []
    draw = Paper.draw

    def noted(self: Paper, text: Any, *, x: float, y: float, width: float, **options: Any) -> float:
        widest = max(self.width_of(line, text.size, bold=text.bold) for line in text.lines)
        left = x + (width - widest) / 2 if options.get("align", "C") == "C" else x
        drawn.append((left, y, left + widest, y + text.height))
        return draw(self, text, x=x, y=y, width=width, **options)

    monkeypatch.setattr(Paper, "draw", noted)
    event = training(title="题" * 200, venue="地" * 200)
    arrive(event, "名" * 60, "单" * 120)
    (page,) = pages(event)
    for changes in ({}, {"name": "W" * 60, "host": "主" * 200, "issued": "2026年9月11日"}):
        drawn.clear()
        run({"proofs": [{**page, **changes}]})
        assert min(left for left, *_rest in drawn) >= 24.9 and max(right for _l, _t, right, _b in drawn) <= 185.1
        for first, second in zip(drawn, drawn[1:], strict=False):
            is_beside = first[2] <= second[0] or second[2] <= first[0] + 0.1
            assert is_beside or first[3] <= second[1] + 0.2, (first, second)
        assert max(bottom for *_rest, bottom in drawn) <= 282


def test_each_proof_has_a_page_of_its_own(app: Flask, tmp_path: Path) -> None:
    event = training()
    for name in ("王强", "李娜", "赵敏"):
        with freeze(START):
            sign_in(event, enterprise(name, mobile=f"139{ord(name[0]):08}"))
    file = tmp_path / "all.pdf"
    file.write_bytes(run_job("proof_pdf", {"proofs": pages(event)}))
    info = subprocess.run([need("pdfinfo"), str(file)], capture_output=True, check=True, text=True).stdout
    assert re.search(r"Pages:\s+3\n", info) and "595.28 x 841.89" in info


def test_void_and_cleared_proofs_are_not_printed(app: Flask) -> None:
    event = training()
    arrive(event)
    assert len(pages(event)) == 1
    subject = subjects.of_event(event)
    issuing.void(subject, 1, "开错了", staff_id=None)
    assert proof_papers.pages_of(subject, "zh") == []
