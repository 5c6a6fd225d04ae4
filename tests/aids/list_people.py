"""Invented people of made lists, and their cells as people write them: what must come out is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
RARE_SURNAMES = "亓仉佘逄覃郄瞿么水平国和益乐空能"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华建国玉梅红志新海燕晓雨晨欣怡子轩浩然梓涵"
LONG = ("欧阳", "司马", "上官", "诸葛", "慕容", "尉迟")
MINORITY = ("阿卜杜拉·买买提", "古丽•热依木", "扎西·多吉", "迪丽热巴·迪力木拉提", "木合塔尔·吾斯曼")
RARE = ("甘䶮", "王𬱖", "李㛃", "张喆", "陈堃", "赵珺", "葛󠄀城", "刘犇犇")
TRADITIONAL = ("陳大文", "黃小明", "劉詠詩", "張國榮", "鄭麗雯", "葉問天", "吳孟達")
LATIN_FIRST = ("Ada", "Bo", "Chloé", "Dirk", "Eva-Maria", "Søren", "José", "Günter", "Anne", "Liam")
LATIN_LAST = ("Example", "Sample", "Müller", "O'Neil", "García", "Brøndby", "van Dyke", "Strauß", "Smith", "Jones")
ORGANISATIONS = (
    "湖北松林机电有限公司", "青石银行", "松林机电", "市市场监督管理局", "黄石港区人民政府", "磁湖高新技术产业园",
    "四棵中学", "黄石二中", "东方集团（黄石）", "铁山区卫健局", "大冶有色", "新冶钢", "凯创化工", "第一建筑工程公司",
)  # fmt: skip
LATIN_ORGANISATIONS = ("Pine Motors", "Stone Bank", "Acme GmbH", "Northern Foundry Ltd", "Lake School", "Müller AG")
TITLES = ("经理", "总经理", "质量部部长", "科长", "主任", "工程师", "办事员", "教师")
LATIN_TITLES = ("Manager", "Quality lead", "Director", "Engineer")
CLASSES = ("初二(3)班", "三年级2班", "高一（1）班", "七（5）班", "八年级12班")
NOTES = ("素食", "自驾", "需接站", "带讲稿")
LATIN_NOTES = ("vegetarian", "by car", "needs parking")
WIDE = {48 + digit: 0xFF10 + digit for digit in range(10)}
TEXTS = ("organisation_name", "class_name", "student_no", "job_title", "seat")


@dataclass
class Person:
    """Somebody of a made list: the values that must come out, and `cells` as they are written, by field.

    `comes`: whether they may be taken without a word (no: hidden, or not coming by their status).
    """

    values: dict[str, str]
    cells: dict[str, str] = field(default_factory=dict)
    comes: bool = True
    is_absent: bool = False

    @property
    def name(self) -> str:
        """Return the name that must come out."""
        return self.values["name"]


class People:
    """Makes people, no two of one name."""

    def __init__(self, chance: Random, *, script: str = "zh") -> None:
        self.chance, self.script = chance, script
        self.names: set[str] = set()
        self.number = chance.randrange(1000, 8000)

    def one(self, fields: tuple[str, ...], *, is_plain: bool = False) -> Person:
        """Make somebody with these fields; `is_plain`: no cell is written in an odd way."""
        values = {"name": self._name()}
        for name in fields:
            if name not in ("name", "mobile") and self.chance.random() > 0.1:
                values[name] = self._text(name)
        person = Person(values, dict(values))
        if "mobile" in fields:
            self._mobile(person, is_plain=is_plain)
        if not is_plain:
            self._odd_name(person)
        return person

    def _name(self) -> str:
        while (name := self._any_name()) in self.names:
            pass
        self.names.add(name)
        return name

    def _any_name(self) -> str:
        pick, at = self.chance.choice, self.chance.random()
        if self.script == "latin":
            return f"{pick(LATIN_FIRST)} {pick(LATIN_LAST)}"
        if self.script == "big5":
            return (
                pick(TRADITIONAL)
                if at < 0.2
                else pick("陳黃劉張鄭葉吳林李王") + pick("大小國志美麗") + pick("文明華英芳雯")
            )
        if at < 0.08 and self.script == "zh":
            return pick(RARE) if at < 0.04 else pick(MINORITY)
        if at < 0.14:
            return pick(LONG) + pick(GIVEN) + (pick(GIVEN) if at < 0.11 else "")
        surname = pick(RARE_SURNAMES) if at < 0.2 else pick(SURNAMES)
        return surname + pick(GIVEN) + (pick(GIVEN) if at < 0.75 else "")

    def _text(self, name: str) -> str:
        pick = self.chance.choice
        is_latin = self.script == "latin"
        if name == "student_no":
            return f"{self.chance.randrange(20, 25)}{self.chance.randrange(10_000, 99_999)}"
        if name == "seat":
            return f"{pick('ABCD')}{self.chance.randrange(1, 30)}"
        if self.script == "big5":
            return {"organisation_name": pick(("松林機電", "青石銀行")), "job_title": pick(("經理", "主任"))}.get(
                name, "素食"
            )
        made = {
            "organisation_name": LATIN_ORGANISATIONS if is_latin else ORGANISATIONS,
            "job_title": LATIN_TITLES if is_latin else TITLES,
            "class_name": ("8B", "Class 3") if is_latin else CLASSES,
            "note": LATIN_NOTES if is_latin else NOTES,
        }  # fmt: skip
        return pick(made[name])

    def mobile(self) -> str:
        """Return a new mobile."""
        self.number += 1
        return f"138{self.chance.randrange(1000, 9999)}{self.number:04d}"

    def _mobile(self, person: Person, *, is_plain: bool) -> None:
        mobile = self.mobile()
        plain = (mobile, mobile)
        spaced = f"{mobile[:3]} {mobile[3:7]} {mobile[7:]}"
        odd = (
            (mobile, spaced), (mobile, spaced.replace(" ", "-")), (mobile, f"+86 {spaced}"), (mobile, f"86{mobile}"),
            (mobile, f"{mobile}/0714-6222222"), (mobile, f"手机{mobile}"), (mobile, f"{mobile}（微信同号）"),
            (mobile, f"{mobile}、13911112222"), (mobile, mobile.translate(WIDE) if self.script == "zh" else spaced),
            ("", "0714-6222222转802"), ("", "400-820-8820"), ("", "待定"), ("", ""), ("", "/"),
            ("+85291234567", "+852 9123 4567"),
        )  # fmt: skip
        value, cell = plain if is_plain or self.chance.random() < 0.7 else self.chance.choice(odd)
        person.cells["mobile"] = cell
        if value:
            person.values["mobile"] = value

    def _odd_name(self, person: Person) -> None:
        if self.chance.random() > 0.12 or self.script == "latin":
            return
        name = person.name
        is_short = len(name) == 2
        odd = (
            (f"{name}（请假）", True), (f"{name}(病假)", True), (f"{name} 男 45岁", False), (f" {name}  ", False),
            (f"{name}（主讲）", False), (f"{name}+1", False), (f"1.{name}", False), (f"🌸{name}🌸", False),
            (f"{name[0]}　{name[1]}" if is_short else name, False), (f"{name}（家属）", False),
            (f"姓名：{name}", False),
        )  # fmt: skip
        person.cells["name"], person.is_absent = self.chance.choice(odd)
        if self.script == "gb2312":
            person.cells["name"] = person.cells["name"].replace("🌸", "★")
