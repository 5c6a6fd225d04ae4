"""The drafted paragraph: round numbers, events told together, and the demo's whole text in both languages."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask

from kiosk import clock
from kiosk.models import HandCounter, Series
from kiosk.services.demo.build import build
from kiosk.services.event import campaigns, events
from kiosk.services.event.notices import ensure_default_notice
from kiosk.services.reports import chinese_words, counting, english_words
from kiosk.services.reports.paragraph import Paragraph, draft
from kiosk.services.reports.rounding import chinese, english, rounded
from kiosk.services.reports.sorting import common_start, sort, stem_of
from kiosk.services.store.writer import run
from tests.aids.factories import enterprise, guest, make_event, sign_in, student
from tests.aids.paths import FIXTURES

SNAPSHOT = FIXTURES / "report_paragraph.json"
MORNING = datetime(2026, 9, 22, 2, 47, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("count", "zh", "en"),
    [
        (393, "近400名代表（393名）", "nearly 400 people (393)"),
        (400, "400名代表", "400 people"),
        (407, "400余名代表（407名）", "more than 400 people (407)"),
        (38, "近40名代表（38名）", "nearly 40 people (38)"),
        (31, "30余名代表（31名）", "more than 30 people (31)"),
        (20, "20名代表", "20 people"),
        (5, "5名代表", "5 people"),
        (1, "1名代表", "1 person"),
        (37, "37名代表", "37 people"),
        (36, "36名代表", "36 people"),
        (1236, "1200余名代表（1236名）", "more than 1,200 people (1,236)"),
        (999, "近1000名代表（999名）", "nearly 1,000 people (999)"),
        (21, "20余名代表（21名）", "more than 20 people (21)"),
        (22, "22名代表", "22 people"),
        (19_950, "近2万名代表（19950名）", "nearly 20,000 people (19,950)"),
        (12_345, "1.2万余名代表（12345名）", "more than 12,000 people (12,345)"),
    ],
)
def test_roundings_read_right(count: int, zh: str, en: str) -> None:
    assert chinese(count, "名", "代表") == zh
    assert english(count, "person", "people") == en


def test_nearly_is_said_only_from_below_and_more_than_only_from_above_and_within_five_percent() -> None:
    for count in range(20_000):
        one = rounded(count)
        assert abs(one.said - count) * 20 <= one.said or one.side == "exact", count
        assert {"below": count < one.said, "above": count > one.said, "exact": count == one.said}[one.side], count


def test_sittings_of_one_kind_share_their_stem() -> None:
    for title, district in (
        ("首席质量官巡回培训（大冶市）", "大冶市"), ("首席质量官巡回培训 · 阳新县", "阳新县"),
        ("首席质量官巡回培训（第三期）", None), ("首席质量官巡回培训第2场", None), ("首席质量官巡回培训上午场", None),
    ):  # fmt: skip
        assert stem_of(title, district) == "首席质量官巡回培训", title
    assert stem_of("大冶市", "大冶市") == "大冶市"  # nothing would be left
    assert common_start(["Officer training: Daye", "Officer training: Dongbei"]) == "Officer training"
    assert common_start(["Open day", "Visit"]) is None
    for one, other in (
        ("Quality lecture, part 1", "Quality lecture, part 2"),
        ("Quality lecture in Daye", "Quality lecture in Yangxin"),
        ("Quality lecture (day 1)", "Quality lecture (day 2)"),
    ):
        assert common_start([one, other]) == "Quality lecture", one


def test_days_are_said_as_short_as_they_can_be() -> None:
    first, same, next_month, next_year = (
        datetime(*day).date() for day in ((2026, 9, 10), (2026, 9, 30), (2026, 10, 8), (2027, 1, 2))
    )
    assert chinese_words.days(first, first) == "9月10日"
    assert english_words.days(first, first) == "on 10 September"
    assert (chinese_words.days(first, same), english_words.days(first, same)) == (
        "9月10日至30日", "from 10 to 30 September",
    )  # fmt: skip
    assert (chinese_words.days(first, next_month), english_words.days(first, next_month)) == (
        "9月10日至10月8日", "from 10 September to 8 October",
    )  # fmt: skip
    assert chinese_words.days(first, next_year) == "2026年9月10日至2027年1月2日"


def test_six_trainings_are_one_sentence_and_a_series_is_another(app: Flask) -> None:
    campaign = campaigns.create(campaigns.CampaignDraft(title="质量月", title_alt="Quality month")).id

    def make(session: object) -> int:
        series = Series(campaign_id=campaign, title="质量考察")
        session.add(series)  # type: ignore[attr-defined]
        session.flush()  # type: ignore[attr-defined]
        return series.id

    series = run(make)
    start = datetime(2026, 9, 10, 1, tzinfo=UTC)
    held = [
        make_event(
            title=f"质量培训（{place}）",
            title_alt=f"Quality training: {place}",
            district=place,
            starts_at=start,
            campaign_id=campaign,
        )
        for place in ("甲区", "乙区")
    ]
    held += [
        make_event(title=title, starts_at=start, campaign_id=campaign, series_id=series)
        for title in ("集合出发", "参观工厂")
    ]
    for event in held:
        sign_in(event, enterprise())
        sign_in(event, guest())
    paragraph = draft(counting.figures(campaign))
    assert "9月10日，开展2场质量培训，来宾2人次和1名企业代表参加，涉及1家企业。" in paragraph.zh
    assert "9月10日，开展质量考察系列活动2场，来宾2人次和1名企业代表参加，涉及1家企业。" in paragraph.zh
    assert '2 sittings of "Quality training" had 2 guest attendances and 1 enterprise representative' in paragraph.en
    assert 'the 2 events of "质量考察" had' in paragraph.en


def test_nothing_that_is_zero_is_said(app: Flask) -> None:
    event = make_event(title="咨询台", starts_at=datetime(2026, 9, 15, 1, tzinfo=UTC))
    assert draft(counting.figures(event.campaign_id)) == Paragraph("", "")
    run(lambda session: session.add(HandCounter(event_id=event.id, label="接受咨询（人次）", count=72)))
    run(lambda session: session.add(HandCounter(event_id=event.id, label="投诉", count=0)))
    paragraph = draft(counting.figures(event.campaign_id))
    assert paragraph.zh == "9月15日，共举办1场活动。9月15日，举办咨询台。活动期间，接受咨询70余人次（72人次）。"
    assert paragraph.en == (
        'On 15 September, 1 event was held. On 15 September, "咨询台" was held. '
        "Counted by hand: 接受咨询, more than 70 (72)."
    )


def test_a_class_is_told_as_students_with_its_outcome(app: Flask) -> None:
    event = make_event(title="社会实践", starts_at=datetime(2026, 9, 19, 1, tzinfo=UTC), outcome="成为第9家基地。")
    for number in range(20):
        sign_in(event, student(f"学生{number}", student_no=f"2023{number:02}"))
    text = draft(counting.figures(event.campaign_id))
    assert "9月19日，举办社会实践，20名学生参加。成为第9家基地。" in text.zh
    assert '20 students attended "社会实践". Outcome: 成为第9家基地.' in text.en
    events.update(event.code, replace(events.draft_of(event), outcome_alt="The ninth base."))
    text = draft(counting.figures(event.campaign_id))
    assert "成为第9家基地。" in text.zh and "Outcome: The ninth base." in text.en


def test_events_are_never_rounded(app: Flask) -> None:
    for number in range(19):
        sign_in(make_event(title=f"{number}号讲座，内容各不相同"), guest())
    text = draft(counting.figures(make_event().campaign_id))
    assert "共举办19场活动" in text.zh and "19 events were held" in text.en


def test_of_very_many_events_the_largest_are_told_and_the_others_counted(app: Flask) -> None:
    numbers = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥天地玄黄宇宙"
    for number, name in enumerate(numbers):
        event = make_event(title=f"{name}主题活动日")
        sign_in(event, guest(), is_another=True)
        if number >= len(numbers) - 24:
            sign_in(event, guest("第二位"))
    figures = counting.figures(event.campaign_id)
    told, untold = sort(figures.held)
    assert (len(told), untold) == (24, len(numbers) - 24)
    assert f"此外还举办{untold}场活动。" in draft(figures).zh
    assert all(len(one.held) == 1 and one.came[0].count == 2 for one in told)


def test_the_demo_s_paragraph_is_as_it_was(app: Flask) -> None:
    """Both languages, word for word. After a change that is meant: write what the failure shows into the fixture."""
    with clock.freeze(MORNING):
        ensure_default_notice()
        paragraph = draft(counting.figures(build().campaign_id))
    assert vars(paragraph) == json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    for said in ("6场", "近400名企业代表（381名）", "20名学生", "30余名企业代表（31名）", "1200余份（1236份）"):
        assert said in paragraph.zh
    for said in ("6 sittings", "nearly 400 enterprise representatives (381)", "20 students", "(1,236)"):
        assert said in paragraph.en
    for round_one, exact in re.findall(r"近(\d+)[^（，。]*（(\d+)", paragraph.zh):
        assert int(exact) < int(round_one)
    for round_one, exact in re.findall(r"(\d+)余[^（，。]*（(\d+)", paragraph.zh):
        assert int(exact) > int(round_one)
