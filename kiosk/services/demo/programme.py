"""The events of the article (its wording kept in the titles), each moved to the days before today.

Days and hours are the event's own; `days_ago` counts from today, on which one of the six trainings is open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kiosk.services.demo.directory import DISTRICTS, ENGLISH

CAMPAIGN = "2024年黄石市“质量月”活动"
CAMPAIGN_EN = "Huangshi Quality Month 2024"
HOST = "黄石市市场监督管理局"
HOST_EN = "Huangshi Administration for Market Regulation"

VISIT_SERIES = "质量考察团学习交流"
OPEN_DAY_SERIES = "检验检测机构开放日"

HOURS_MINUTES = 30

Kinds = tuple[Mapping[str, Any], ...]
ENTERPRISE = {"kind": "enterprise", "label": "企业代表", "label_alt": "Enterprise representative"}


@dataclass(frozen=True)
class DemoEvent:
    """One event as the demo builds it; `starts` is HH:MM of its day, None for the one that is open now."""

    key: str
    title: str
    title_alt: str
    venue: str
    venue_alt: str
    days_ago: int
    starts: str | None
    minutes: int
    kinds: Kinds
    district: str | None = None
    series: str | None = None
    field_modes: Mapping[str, str] = field(default_factory=dict)
    own_fields: tuple[Mapping[str, Any], ...] = ()
    outcome: str | None = None
    outcome_alt: str | None = None
    counted: tuple[tuple[str, str, int], ...] = ()  # by hand: label, label in English, count
    credited_hours: float | None = None  # none for who is late or leaves early by more than HOURS_MINUTES


def _guest(label: str, label_alt: str) -> Mapping[str, Any]:
    return {"kind": "guest", "label": label, "label_alt": label_alt}


LETTER = {
    "key": "letter",
    "type": "yes_no",
    "label": "领取市民质量观察员聘书",
    "label_alt": "Receives the letter of appointment as an observer",
    "mode": "optional",
}
LUNCH = {
    "key": "lunch",
    "type": "yes_no",
    "label": "是否用午餐",
    "label_alt": "Stays for lunch",
    "mode": "optional",
}

# Guests who speak for an organisation write its name; citizens do not.
GUEST_OF_ORGANISATION = {"guest.organisation": "required", "guest.job_title": "optional", "guest.identity": "hidden"}

VISIT_KINDS = (ENTERPRISE, _guest("接待单位代表", "Host's representative"))
OPEN_DAY_KINDS = (_guest("市民质量观察员", "Citizen quality observer"),)
MEETING_KINDS = (_guest("单位代表、银行代表", "Agency or bank representative"), ENTERPRISE)
SCHOOL_KINDS = ({"kind": "student", "label": "学生", "label_alt": "Student"}, _guest("教师", "Teacher"))
TRAINING_KINDS = (ENTERPRISE, _guest("授课专家、工作人员", "Speaker or staff"))

OTHERS = (
    DemoEvent(
        "visit_bus",
        "质量考察团赴马应龙药业学习交流：集合出发",
        "Quality delegation to Mayinglong Pharmaceutical: departure",
        "黄石市市场监督管理局门前",
        "In front of the Huangshi Administration for Market Regulation",
        12,
        "07:40",
        30,
        VISIT_KINDS,
        series=VISIT_SERIES,
        field_modes=GUEST_OF_ORGANISATION,
    ),
    DemoEvent(
        "visit",
        "质量考察团赴马应龙药业学习交流",
        "Quality delegation to Mayinglong Pharmaceutical",
        "武汉市马应龙药业股份有限公司",
        "Mayinglong Pharmaceutical, Wuhan",
        12,
        "10:00",
        120,
        VISIT_KINDS,
        series=VISIT_SERIES,
        field_modes=GUEST_OF_ORGANISATION,
        outcome="参观智能制造车间，观摩药品包装流程，与企业代表一对一答疑",
        outcome_alt="A tour of the intelligent production line and of the packaging, and questions answered one to one",
    ),
    DemoEvent(
        "opening",
        "检验检测机构开放日活动启动仪式暨国家特殊钢产品质检中心揭牌仪式",
        "Open day of inspection and testing bodies and unveiling of the national special steel quality centre",
        "国家特殊钢产品质量检验检测中心",
        "National special steel quality inspection centre",
        11,
        "09:00",
        90,
        OPEN_DAY_KINDS,
        series=OPEN_DAY_SERIES,
        own_fields=(LETTER,),
        outcome="“民生热点我来检”活动队伍授旗，市民质量观察团成员获授聘书",
        outcome_alt="The testing teams received their flag and the citizen observers their letters of appointment",
        counted=(
            ("发放宣传资料（份）", "Leaflets handed out", 1236),
            ("接受咨询（人次）", "Consultations given", 72),
        ),
    ),
    DemoEvent(
        "road",
        "市民质量观察团走进武汉新城至黄石新港分水岭段",
        "Citizen quality observers at the Fenshuiling section of the Wuhan New City to Huangshi New Port road",
        "武汉新城至黄石新港分水岭段",
        "Fenshuiling section",
        11,
        "11:00",
        60,
        OPEN_DAY_KINDS,
        series=OPEN_DAY_SERIES,
    ),
    DemoEvent(
        "dongbei",
        "市民质量观察团走进“湖北精品”企业东贝制冷",
        "Citizen quality observers at Dongbei Refrigeration",
        "湖北东贝制冷有限公司",
        "Hubei Dongbei Refrigeration",
        11,
        "14:30",
        90,
        OPEN_DAY_KINDS,
        series=OPEN_DAY_SERIES,
    ),
    DemoEvent(
        "meeting",
        "“鄂质贷”政银企对接会",
        "Government, bank and enterprise meeting on quality loans",
        "黄石市市场监督管理局三楼会议室",
        "Meeting room, third floor, Huangshi Administration for Market Regulation",
        10,
        "15:00",
        90,
        MEETING_KINDS,
        field_modes=GUEST_OF_ORGANISATION,
        outcome="我市首笔“鄂质贷”贷款5000万元，以无抵押方式投放湖北航天电缆有限公司",
        outcome_alt="The city's first quality loan, 50 million yuan without security, went to Hubei Aerospace Cable",
    ),
    DemoEvent(
        "school",
        "黄石市中小学质量诚信教育社会实践活动",
        "Quality and integrity in practice: a school class visits",
        "乐蓓滋食品有限公司",
        "Lebeizi Food",
        3,
        "09:30",
        120,
        SCHOOL_KINDS,
        outcome="乐蓓滋食品成为我市第9家中小学质量教育社会实践基地",
        outcome_alt="Lebeizi Food became the city's ninth base for quality education of schools",
    ),
)

# Place, days before today, hour, enterprise representatives: 393 in all, "近400" counted from below.
OPEN_DISTRICT = "西塞山区"
REPRESENTATIVES = {"大冶市": 82, "阳新县": 71, "黄石港区": 58, "西塞山区": 66, "下陆区": 64, "铁山区": 52}
_TRAININGS = {
    "大冶市": ("大冶市市民之家报告厅", "Daye Citizens' Centre", 9, "09:00"),
    "阳新县": ("阳新县行政服务中心会议厅", "Yangxin Administrative Service Centre", 8, "14:30"),
    "黄石港区": ("黄石港区区政府二楼会议厅", "Huangshigang district government, second floor", 5, "09:00"),
    "下陆区": ("下陆区产业园多功能厅", "Xialu industrial park, hall", 4, "14:30"),
    "铁山区": ("铁山区文体中心", "Tieshan culture and sports centre", 2, "09:00"),
    "西塞山区": ("西塞山区工业园培训中心", "Xisaishan industrial park, training centre", 0, None),
}


def _training(district: str) -> DemoEvent:
    venue, venue_alt, days_ago, starts = _TRAININGS[district]
    return DemoEvent(
        f"training_{district}",
        f"2024年度企业首席质量官巡回培训（{district}）",
        f"Chief quality officer training 2024: {ENGLISH[district]}",
        venue,
        venue_alt,
        days_ago,
        starts,
        180,
        TRAINING_KINDS,
        district=district,
        own_fields=(LUNCH,),
        credited_hours=4.0,  # half a day
    )


TRAININGS = tuple(_training(district) for district in DISTRICTS)
SITTINGS = (*OTHERS, *TRAININGS)
