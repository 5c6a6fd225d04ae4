"""A person's fields: the one table from which columns, SQL, forms, rosters, sheets, labels, masks and the privacy
declaration come.

A new field takes a row of PERSON, its typed name in Snapshot and in models/person, a migration, a row of
services/fields.FIELDS for every kind that is asked for it, and a column of services/sheet/sheets where it is printed.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal

from flask_babel import lazy_gettext as _

from kiosk.closed import Kind

Personal = Literal["no", "name", "contact", "identity", "answer", "technical"]
Mask = Literal["name", "mobile", "number"]


@dataclass(frozen=True)
class PersonField:
    """One field; `column` is its name wherever it is kept or handed on."""

    column: str
    label: Any
    length: int = 0  # most characters, wherever it is kept, typed or read; 0: it is no text
    personal: Personal = "no"
    mask: Mask | None = None  # how a masked copy hides it (services/names)
    # On forms.
    typed_length: int = 0  # most characters as it is typed, where it is kept otherwise
    autocomplete: str = "off"
    inputmode: str = "text"
    # In rosters. `headers` name its column, without spaces and punctuation; `within` are found in longer ones.
    headers: str = ""
    within: str = ""
    is_merged: bool = False  # cells that offices merge downwards; a name or a mobile is one person's
    of_kind: str | None = None  # the only kind that has it
    width: int = 0  # mm in the export; 0: it has no column there
    example: Any = ""
    # On paper, which is in one language whatever the screen's is: Chinese and English.
    paper: tuple[str, str] | None = None

    @property
    def most_typed(self) -> int:
        """Return how many characters a form takes."""
        return self.typed_length or self.length


# What a sign-in keeps of a person.
PERSON = (
    PersonField(
        "name", _("Name"), 60, "name", mask="name", autocomplete="name",
        headers="姓名 名字 人员姓名 参会代表 与会人员 与会代表 出席人员 参训人员 学员姓名 队员姓名 选手姓名 "
        "学生姓名 参会人 参会人员 参会人姓名 参加人员 代表姓名 嘉宾姓名 联系人 name "
        "fullname participant attendee", within="姓名 fullname",
        width=24, example=_("Example: Wang Qiang"), paper=("姓名", "Name"),
    ),
    PersonField(
        "organisation_name", _("Organisation"), 120, "identity", autocomplete="organization",
        headers="单位 单位名称 工作单位 所在单位 企业 企业名称 所在企业 公司 公司名称 所在公司 学校 学校名称 所在学校 "
        "机构 机构名称 单位全称 企业全称 organisation organization company enterprise school employer "
        "companyname organisationname organizationname schoolname",
        # Words that stand in data too (公司, 企业, 中心) are not here.
        within="单位名称 企业名称 公司名称 学校名称 工作单位 所在单位 所在企业 所在公司 所在学校 company",
        is_merged=True, width=52, example=_("Huangshi Example Co., Ltd."),
    ),
    PersonField(
        "class_name", _("Class"), 40, "identity",
        headers="班级 所在班级 年级班级 class", within="班级",
        is_merged=True, of_kind="student", width=22, example=_("Class 3, Grade 8"),
    ),
    PersonField(
        "student_no", _("Student number"), 30, "identity", mask="number",
        headers="学号 学籍号 studentnumber studentno studentid", within="学号",
        of_kind="student", width=26, example="20230301", paper=("学号", "Student number"),
    ),
    PersonField(
        "job_title", _("Job title"), 60, "identity", autocomplete="organization-title",
        headers="职务 职位 职称 岗位 职务职称 jobtitle title position", within="职务 职位",
        width=26, example=_("Quality manager"), paper=("职务", "Job title"),
    ),
    PersonField(
        "identity", _("Identity"), 60, "identity",
        headers="身份 人员身份 参会身份 identity role", within="身份",
        is_merged=True, of_kind="guest", width=26, example=_("Citizen observer"),
    ),
    PersonField(
        "mobile", _("Mobile"), 16, "contact", mask="mobile",
        typed_length=24, autocomplete="tel", inputmode="tel",
        headers="手机 手机号 手机号码 电话 电话号码 联系电话 联系手机 联系方式 移动电话 mobile mobilenumber phone "
        "phonenumber telephone tel cell", within="手机 电话 联系方式 mobile phone",
        width=30, example="13800138000", paper=("联系电话", "Mobile"),
    ),
)  # fmt: skip
# What a roster knows beside that.
PLACE = (
    PersonField("kind", _("Kind"), headers="类别 类型 人员类别 人员类型 kind type category", is_merged=True, width=20),
    PersonField(
        "group_name", _("Group"), 60, "identity",
        headers="组 组别 分组 小组 组号 group", within="组别 分组", is_merged=True, width=18, example="1",
    ),
    PersonField(
        "seat", _("Seat"), 30, headers="座位 座位号 座号 席位 坐席 seat seatnumber", within="座位", width=16,
        example="A1",
    ),
    PersonField(
        "bus", _("Bus"), 30, headers="车 车号 车次 乘车 车辆 大巴 乘坐车辆 bus", within="车次", is_merged=True,
        width=16, example="1",
    ),
    PersonField(
        "district", _("District"), 60,
        headers="县区 区县 区 所属区县 所属县区 所在区县 所在县区 城区 辖区 district", within="县区 区县",
        is_merged=True,
    ),
    PersonField("is_starred", _("Starred"), headers="星标 标星 重点 重点关注 重要 starred star vip", width=14),
    PersonField(
        "note", _("Note"), 200, "identity",
        headers="备注 说明 分工 职责 任务 note notes remark remarks", within="备注", width=30,
    ),
    PersonField(
        "steward_note", _("Note for the steward"), 100, "identity",
        headers="签到提醒 备注给志愿者 给志愿者的备注 志愿者备注 志愿者提醒 备注给会务人员 给会务人员的备注 会务备注 "
        "会务提醒 现场提醒 noteforthesteward noteforsteward stewardnote notetothesteward notetosteward",
        within="签到提醒 给志愿者 给会务", width=30,
    ),
    PersonField(
        "seats", _("Seats"),
        headers="名额 名额数 参会名额 人数 参会人数 places quota seats numberofseats", within="名额", width=14,
    ),
)  # fmt: skip
ROSTER = (*PERSON, *PLACE)
BY_COLUMN = {field.column: field for field in ROSTER}
LABELS = {field.column: field.label for field in ROSTER}

COLUMNS = tuple(field.column for field in PERSON)
# Of the participant in a campaign, whose organisation is a row of its own.
OF_PARTICIPANT = tuple(column for column in COLUMNS if column != "organisation_name")
# What is said beside a name, where from first; marks (a mobile, a number) stand apart.
FACTS = tuple(field.column for field in PERSON if field.mask is None)
_values = attrgetter(*COLUMNS)


def values_of(person: Any) -> dict[str, Any]:
    """Return what is written of a person, by column: of a snapshot, a sign-in or an entry of a roster."""
    return dict(zip(COLUMNS, _values(person), strict=True))


class Described:
    """Somebody with these fields, and how two of one name are told apart."""

    @property
    def facts(self) -> tuple[str, ...]:
        """Return what is said beside the name, where from first, as far as it is known."""
        return tuple(value for column in FACTS if (value := getattr(self, column)))

    @property
    def detail(self) -> str | None:
        """Return what tells two of one name from one organisation apart: class, job title or identity."""
        return next((value for column in FACTS[1:] if (value := getattr(self, column))), None)


@dataclass(frozen=True)
class Snapshot(Described):
    """What is written of a person; tests/house/test_person_fields.py holds it to the table."""

    kind: Kind
    name: str
    organisation_name: str | None = None
    class_name: str | None = None
    student_no: str | None = None
    job_title: str | None = None
    identity: str | None = None
    mobile: str | None = None
