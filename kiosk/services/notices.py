"""The personal-information notice (个人信息处理告知): versions of it, and the one a fresh installation begins with.

PRODUCT.md 4.4; what it has to say is the Personal Information Protection Law (个人信息保护法), articles 13, 17, 31, 35
and 44 to 47.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Notice
from kiosk.services.writer import WriterSession, run

SUMMARY = "签到信息由主办单位依职责收集，只用于确认到场、制作签到表和统计，并限期清除。"
SUMMARY_EN = (
    "The host collects this in the course of its duties: to confirm who came, to make the sign-in sheet and for statistics."
)
BODY = """谁在处理：本场活动的主办单位，名称见签到页和签到码海报。签到数据保存在主办单位自己的设备上，不发送给任何第三方网站。
做什么用：确认您到场，制作签到表，统计人次、人数和家数；有需要时按您留的电话与您联系本场活动的事。不作其他用途。
收集哪些：您在签到页上填写的内容（如姓名、单位、职务、手机号）、签到时间和签到方式。页面上没有问到的不收集，不定位、不人脸识别。标注“选填”的可以不填，不影响签到。
依据是什么：主办单位为履行法定职责或者法定义务所必需（《个人信息保护法》第十三条第一款第三项）。如果本场活动改为以您的同意为依据，签到页会另设勾选项，不同意也可以请会务人员改用纸质签到。
给谁看：主办单位负责本场活动的人员。签到表作为培训、会议的凭证按规定归档。现场大屏只显示人数。向其他单位提供名单前，会另行告知您并取得您的同意。
保存多久：活动结束后按本场活动设定的保存期限清除；没有设定的，完成统计和归档后清除。归档的签到表按档案和财务规定保存。
未成年人：学生由老师带领签到，只收集姓名、学校、班级和学号，须先由学校取得监护人同意；不在大屏上显示，并比成年人更早清除。
您的权利：您可以向主办单位查阅、复制、更正或者删除您的信息，也可以询问处理规则。请联系现场会务人员，或者拨打活动通知上的联系电话。"""
BODY_EN = """Who: the host of this event, named on the sign-in page and on the poster. Sign-ins are kept on the host's own machine and go to no third-party site.
What for: to confirm that you came, to make the sign-in sheet, and to count attendances, people and enterprises; where needed, to call you about this event. Nothing else.
Which data: what you write on the sign-in page (such as name, organisation, job title, mobile), the time and the way of signing in. What the page does not ask for is not collected; there is no location and no face recognition. Fields marked optional may stay empty.
On what basis: it is necessary for the host's statutory duties (Personal Information Protection Law of the People's Republic of China, article 13, paragraph 1, item 3). Where an event rests on your consent instead, the page has a box to tick, and whoever does not agree may sign on paper.
Who sees it: those of the host's staff who run this event. The sign-in sheet is filed as the record of a training or meeting. Screens at the venue show numbers only. Before a list is given to another organisation you are told and asked.
How long: until the retention period set for this event is over; where none is set, until the figures are made and the sheet is filed. Filed sheets are kept as the rules for archives and accounts say.
Minors: pupils sign in with their teacher; only name, school, class and student number are collected, after the school has obtained a guardian's consent. They are never shown on screens and are cleared earlier than adults' data.
Your rights: you may ask the host for access, a copy, a correction or the deletion of your data, and how it is handled. Ask the staff at the door, or call the number on your invitation."""


class UnknownNotice(Exception):
    """No notice has this id."""


@dataclass(frozen=True)
class NoticeView:
    """One version of the notice; paragraphs of a body are its lines."""

    id: int
    version: int
    summary: str
    summary_alt: str | None
    body: str
    body_alt: str | None


def get(notice_id: int | None) -> NoticeView:
    """Return one version; raise UnknownNotice, also for None."""
    notice = None if notice_id is None else db.session.get(Notice, notice_id)
    if notice is None:
        raise UnknownNotice(notice_id)
    return NoticeView(**{name: getattr(notice, name) for name in NoticeView.__dataclass_fields__})


def ensure_default_notice() -> int:
    """Return the newest notice's id, writing the default one where there is none; safe to repeat.

    New events point to the newest version (services/events.create).
    """
    newest = select(Notice.id).order_by(Notice.version.desc()).limit(1)
    known = db.session.scalar(newest)
    db.session.rollback()
    if known is not None:
        return known

    def work(session: WriterSession) -> int:
        found = session.scalar(newest)
        if found is not None:
            return found
        notice = Notice(
            version=1, summary=SUMMARY, summary_alt=SUMMARY_EN, body=BODY, body_alt=BODY_EN, created_at=utcnow()
        )
        session.add(notice)
        session.flush()
        return notice.id

    return run(work)
