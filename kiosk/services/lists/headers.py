"""What a column's header means: a field of a person, whose telephone it is, a status, or nothing that a list takes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kiosk.jobs.words import SHEET
from kiosk.person_fields import ROSTER
from kiosk.services.names import unified

LONGEST_HEADER = 40
# What a column may hold beside the fields of person_fields.ROSTER, by whose names it is called otherwise.
Aside = Literal[
    "family_name", "given_name",  # the two halves of a name
    "grade",  # joined with the class
    "status",  # whether the person comes
    "contact_name", "contact_mobile",  # of whom the office may ask: no person of the list
    "serial",  # a running number
    "event",  # which of several events a person comes to
]  # fmt: skip
ASIDES: Mapping[Aside, str] = {
    "family_name": "姓 姓氏 lastname surname familyname last",
    "given_name": "名 firstname givenname forename first",
    "grade": "年级 grade",
    "status": "状态 报名状态 参会状态 审核状态 是否参加 是否参会 是否出席 是否到会 能否参加 能否参会 "
    "参加情况 参会情况 出席情况 参会意向 status attending attendance rsvp willyouattend",
    "contact_name": "联系人 联系人姓名 联络员 联络人 经办人 填报人 填表人 报名人 对接人 领队 领队姓名 带队 带队老师 "
    "带队人 负责人 负责人姓名 班主任 推荐人 介绍人 司机 contact contactperson contactname",
    "contact_mobile": "联系人电话 联系人手机 联系人手机号 联系人联系方式 联系人联系电话 联络员电话 经办人电话 "
    "填报人电话 contactphone contactmobile",
    "serial": "序号 编号 序 号 no number index id",
    "event": "场次 参会场次 培训场次 活动场次 报名场次 活动 活动名称 参加活动 会场 参会会场 分会场 "
    "地点 参会地点 培训地点 活动地点 会议地点 日期 活动日期 参会日期 培训日期 时段 参会时段 专场 站点 "
    "session sessionname event eventname venue place location date timeslot slot",
}
# A contact person's: what stands under such a header, or behind it in one header, is not the attendee's.
_CONTACT = re.compile(
    r"^(?:联系人|联络员|联络人|经办人|填报人|填表人|报名人|对接人|领队|带队|负责人|班主任|推荐人|介绍人|司机|contact)"
)
_MAY_COME = re.compile(r"^(?:联系人|联络员|联络人|经办人|填报人|报名人|contact)")  # where a list names nobody else
# Somebody beside the attendee of whom a list takes nothing; a telephone right behind is theirs.
_OTHER_PERSON = re.compile(r"家长|监护人|紧急联系人|guardian|parent|emergency")
_LAST_NUMBER = re.compile(r"[0-9]{1,2}$")
_OTHERS = re.compile(
    r"家长|监护人|紧急|证件|身份证|邮箱|拼音|提交|填写时间|用时|来源|昵称|ip$|guardian|parent|emergency|email|e-mail|nickname|pinyin|buyer|billing|purchaser|invoice"
)
_NUMBERING = re.compile(r"^[(（]?(?:\d{1,3}|[一二三四五六七八九十]{1,3})[.、．)）]+|^[①-⑳]|^q\d+[.:：]?")
_ASIDE = re.compile(r"[(（\[【][^()（）\[\]【】]*[)）\]】]")
_POLITE = re.compile(r"^your|^(?:请)?(?:填写|输入|选择|填)?(?:您|你|本人)?(?:的|所在的)?")
_NOISE = re.compile(r"[\s*＊:：?？_.\-/#]+")
# Headers in traditional characters, made simplified; the data itself is kept as it is.
_SIMPLIFIED = str.maketrans(
    "單電話聯繫絡學號級職務稱機碼備註說類組區縣車構參會員狀態業廠證標簽額數點場時間團體",
    "单电话联系络学号级职务称机码备注说类组区县车构参会员状态业厂证标签额数点场时间团体",
)

_EXACT: dict[str, str] = {word: field.column for field in ROSTER for word in field.headers.split()}
_EXACT |= {word: meaning for meaning, words in ASIDES.items() for word in words.split()}
# Found within a longer header, the longest first; whose mobile it is says more than that it is one: 班级联系电话.
_WITHIN = sorted(
    ((part, field.column) for field in ROSTER for part in field.within.split()),
    key=lambda pair: (-len(pair[0]), pair[1] not in ("name", "mobile")),
)
_WITHIN += [("场次", "event"), ("会场", "event"), ("年级", "grade"), ("座机", "mobile"), ("固话", "mobile")]
_WITHIN += [
    ("firstname", "given_name"),
    ("lastname", "family_name"),
    ("attendeename", "name"),
    ("participantname", "name"),
]
# A form's own wording of whether somebody comes, and what a service calls its approval.
_OF_STATUS = re.compile(
    r"状态$|status$|(?:是|能|可)否能?(?:参加|参会|出席|到会|前来)(?:本次|此次|今天的?|明天的?)?(?:会议|活动|培训|大会)?$|will(?:you|i)attend|rsvp"
)
# What a list says to whoever works the door, however it is called: 备注（给志愿者）.
_FOR_STEWARDS = re.compile(
    r"(?:备注|提醒|提示).*(?:志愿者|会务)|(?:志愿者|会务).*(?:备注|提醒|提示)|note.*(?:steward|volunteer)|(?:steward|volunteer).*note"
)
_OWN = re.compile(r"参会|参加人|代表|嘉宾|学生|队员|学员|选手|本人|attendee|participant")
_OF_A_MOBILE = re.compile(r"手机|移动|mobile|cell")


_BOTH = re.compile(r"(?:单位|企业|公司|学校|机构)(?:名称)?[及和与/、&+].{0,2}(?:职务|职位|职称|岗位)|单位职[务位称]")


@dataclass(frozen=True)
class Header:
    """One header as it stands and what it means: a field, one of Aside, or "". `is_exact`: the whole of it means it."""

    text: str
    meaning: str = ""
    is_exact: bool = False
    is_known: bool = False  # a header, though of nothing that a list takes: 邮箱


def header_of(text: str) -> Header:
    """Say what a cell means as a header."""
    shown = " ".join(text.split())
    if not shown or len(shown) > LONGEST_HEADER:
        return Header(shown[:LONGEST_HEADER])
    word = bare(shown)
    if _is_labelled_value(shown):
        return Header(shown)
    if _FOR_STEWARDS.search(unified(shown).casefold().translate(_SIMPLIFIED)):
        return Header(shown, "steward_note", is_exact=True, is_known=True)
    if word in _EXACT:
        return Header(shown, _EXACT[word], is_exact=True, is_known=True)
    if (unnumbered := _LAST_NUMBER.sub("", word)) in _EXACT:  # 参会人员2
        return Header(shown, _EXACT[unnumbered], is_known=True)
    if names_both(word):
        return Header(shown, "organisation_name", is_known=True)
    if _OTHERS.search(word):
        return Header(shown, is_known=True)
    if _OF_STATUS.search(word):
        return Header(shown, "status", is_known=True)
    within = next((meaning for part, meaning in _WITHIN if part in word), "")
    if _CONTACT.match(word) and within in ("name", "mobile"):
        within = f"contact_{within}"
    return Header(shown, within, is_known=bool(within))


def names_both(word: str) -> bool:
    """Say whether a bare header stands over organisations with job titles: 单位及职务."""
    return _BOTH.search(word) is not None


def _is_labelled_value(shown: str) -> bool:
    """Say whether this is a label with what it labels, "姓名：甘一": a line of a chat, no header."""
    label, colon, value = shown.replace("：", ":").partition(":")
    says = bare(value) or value.strip() in _NOTHING
    return bool(colon and says) and bare(label) in _EXACT


def bare(header: str) -> str:
    """Return a header without what form services put around it: `1、您的姓名（必填）：` is 姓名."""
    word = unified("".join(header.split())).casefold().translate(_SIMPLIFIED)
    word = _ASIDE.sub("", _NUMBERING.sub("", word.lstrip("*")))
    word = _NOISE.sub("", word)
    return _POLITE.sub("", word, count=1) or word


def meanings(headers: Sequence[Header]) -> list[str]:
    """Return what each column holds: a meaning is one column's only, and a telephone belongs to whom it stands beside.

    Without anybody else 联系人 is who comes.
    """
    meant = [header.meaning for header in headers]
    has_people = any(one.meaning == "contact_name" and _MAY_COME.match(bare(one.text)) for one in headers)
    if "name" not in meant and "given_name" not in meant and has_people:
        meant = [{"contact_name": "name", "contact_mobile": "mobile"}.get(meaning, meaning) for meaning in meant]
    meant = _one_each(_by_owner(meant, headers), headers)
    words = {bare(header.text) for header in headers}
    if any(marks <= words for marks in _OF_OUR_SHEETS):  # its remarks are of one day: late, in somebody's place
        meant = ["" if meaning == "note" else meaning for meaning in meant]
    return meant


def _by_owner(meant: Sequence[str], headers: Sequence[Header]) -> list[str]:
    """Give each telephone to the person before it, where somebody beside the attendee has a column too."""
    owner, owned = "name", []
    for meaning, header in zip(meant, headers, strict=True):
        is_telephone = meaning in ("mobile", "contact_mobile")
        if meaning in ("name", "contact_name", "family_name", "given_name"):
            owner = "contact_name" if meaning == "contact_name" else "name"
        elif not is_telephone and _OTHER_PERSON.search(bare(header.text)):
            owner = ""
        if meaning == "mobile" and owner != "name" and not _is_own(header):
            owned.append("contact_mobile" if owner else "")
        else:
            owned.append(meaning)
    return owned


def _is_own(header: Header) -> bool:
    """Say whether a telephone's header says itself that it is the attendee's: 参会人电话, 学生手机."""
    return _OWN.search(bare(header.text)) is not None


def _one_each(meant: Sequence[str], headers: Sequence[Header]) -> list[str]:
    """Leave each meaning to its best column: what the whole of a header says before what stands within it, a mobile
    before another telephone; the others mean nothing."""
    best: dict[str, int] = {}
    for index, meaning in enumerate(meant):
        if meaning and (meaning not in best or _rank(meaning, headers[index]) > _rank(meaning, headers[best[meaning]])):
            best[meaning] = index
    return [meaning if best.get(meaning) == index else "" for index, meaning in enumerate(meant)]


def _rank(meaning: str, header: Header) -> tuple[bool, bool]:
    of_a_mobile = meaning == "mobile" and _OF_A_MOBILE.search(bare(header.text)) is not None
    return of_a_mobile, header.is_exact


_NOTHING = {"/", "-", "—", "——"}  # 电话：/
# The columns by which a sign-in sheet of ours is known, in each variant and language.
_OF_OUR_SHEETS = tuple(
    {bare(words[key]) for key in keys}
    for words in SHEET.values()
    for keys in (("signed_in_at", "signature"), ("came_at", "left_at"), ("hours", "certificate_no"))
)
