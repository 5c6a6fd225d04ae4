"""The Chinese paragraph, in the style of the bureau's own report on its Quality Month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from babel.lists import format_list

from kiosk.services.reports.counting import HandCount, ReportFigures
from kiosk.services.reports.labels import unit_of
from kiosk.services.reports.rounding import chinese
from kiosk.services.reports.sorting import CameAsKind, Sort

KINDS = {"student": "学生", "enterprise": "企业代表", "guest": "来宾"}


def tell(figures: ReportFigures, campaign: str, sorts: Sequence[Sort], untold: int) -> str:
    """Return the paragraph; `campaign` is its title, or empty."""
    sentences = [_overall(figures, campaign), *(_sentence(one) for one in sorts)]
    if untold:
        sentences.append(f"此外还举办{untold}场活动。")
    return "".join([*sentences, _by_hand(figures.counted)])


def days(first: date, last: date) -> str:
    """Return `9月19日`, `9月10日至30日`, `9月10日至10月8日`; the years where they differ."""
    if first == last:
        return f"{first.month}月{first.day}日"
    if first.year != last.year:
        return f"{first.year}年{first.month}月{first.day}日至{last.year}年{last.month}月{last.day}日"
    return f"{first.month}月{first.day}日至{'' if first.month == last.month else f'{last.month}月'}{last.day}日"


def _overall(figures: ReportFigures, campaign: str) -> str:
    when = days(figures.held[0].sitting.day, figures.held[-1].sitting.day)
    head = f"{campaign}（{when}）" if campaign else f"{when}，"
    noun = "" if campaign.endswith("活动") else "活动"
    districts = sum(one.district is not None for one in figures.districts)
    parts = [
        f"{head}共举办{figures.events}场{noun}",
        f"{chinese(figures.attendances, '人次')}参加" if figures.attendances else "",
        f"共{chinese(figures.people, '人')}" if figures.people != figures.attendances else "",
        f"其中{chinese(figures.students, '名', '学生')}" if 0 < figures.students < figures.people else "",
        f"涉及{chinese(figures.enterprises, '家', '企业')}" if figures.enterprises else "",
        f"覆盖{districts}个县市区" if districts > 1 else "",
    ]
    return "，".join(filter(None, parts)) + "。"


def _sentence(one: Sort) -> str:
    count = len(one.held)
    what = f"举办{one.name}" if count == 1 else f"开展{count}场{one.name}"
    if one.is_series:
        what = f"开展{one.name}系列活动{count}场"
    came = [_came(came, one.label_of(came.kind) or KINDS[came.kind]) for came in one.came]
    people = format_list(came, locale="zh")
    parts = [
        f"{days(*one.days)}，{what}",
        f"{people}参加" if people else "",
        f"涉及{chinese(one.enterprises, '家', '企业')}" if one.enterprises else "",
    ]
    outcome = "；".join(text.rstrip("。；;. ") for text in one.outcomes)
    return "，".join(filter(None, parts)) + "。" + (f"{outcome}。" if outcome else "")


def _came(came: CameAsKind, noun: str) -> str:
    return chinese(came.count, "名", noun) if came.are_people else f"{noun}{chinese(came.count, '人次')}"


def _by_hand(counted: Iterable[HandCount]) -> str:
    counts = []
    for one in counted:
        label, unit = unit_of(one.label)
        counts.append(f"{label}{chinese(one.count, unit)}")
    return f"活动期间，{'，'.join(counts)}。" if counts else ""
