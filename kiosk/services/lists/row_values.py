"""What one row of a table says: people with their fields, each doubt beside, or that it names nobody."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from kiosk.person_fields import LABELS, ROSTER
from kiosk.services.lists import statuses
from kiosk.services.lists.blocks import ListBlock
from kiosk.services.lists.books import Sheet
from kiosk.services.lists.cell_names import people_in
from kiosk.services.lists.doubts import Doubt, NoPerson, PersonRead
from kiosk.services.lists.headers import bare, names_both
from kiosk.services.lists.looks_like import (
    HAN,
    is_class,
    is_mobile,
    is_organisation,
    is_surely_name,
    is_title,
    may_begin_name,
)
from kiosk.services.lists.telephones import telephone_in
from kiosk.services.names import clean, key_of
from kiosk.services.pauses import pausing

MERGED = {field.column for field in ROSTER if field.is_merged} | {"grade", "event"}
# Where a day may stand; elsewhere a program made one of a class, a seat, a group: of 3-2.
MAY_BE_DAYS = {"note", "steward_note", "serial", "status", "contact_name", "contact_mobile", "event"}
MAY_BE_HOURS = MAY_BE_DAYS | {"group_name", "bus"}  # the ten o'clock group, the bus at eight
MOST_EXACT = 15  # digits of a number that programs keep
OF_ONE = ("mobile", "student_no", "seat")
# Columns in which 同上 says what stands above it: what several people may have in common.
NO_DITTO = {"name", "family_name", "given_name", "status", "serial", "seats", *OF_ONE}
_DITTO = re.compile(r"(?:[-－—]{0,2}(?:[同如]上|同前|[〃〞″“”\"々]|''|’’)[-－—]{0,2}|ditto|do\.)", re.IGNORECASE)  # noqa: RUF001
# What an organisation's name ends with, where a job title follows it in one cell.
_ENDS = """集团 大学 学院 中学 小学 学校 医院 研究院 研究所 协会 商会 委员会 政府 中心 银行 局 厅 厂""".split()  # noqa: SIM905
_BETWEEN = re.compile(r"[\s/、,，]+")
NOTHING = {"无", "没有", "暂无", "/", "-", "—", "——", "\\", "none", "n/a", "na"}
_EXAMPLE = re.compile(r"例[:：]|[(（]例[)）]|example[:：]", re.IGNORECASE)  # the template's
_FOOT = re.compile(
    r"合计|总计|共计|小计|总数|总人数|共\s*\d+|total\b|sum\b|填表人|填报人|制表|审核|经办|联系人[:：]|备注[:：]|说明[:：]|注[:：]"
    r"|签[字名章]\s*[:：(（]|盖章|以上人员|(?:日期|时间|地点|负责人|记录人|复核人?)\s*[:：]",
    re.IGNORECASE,
)
# An apostrophe that our own export puts before what a spreadsheet would calculate (services/tables/sheet_files).
_OURS = re.compile(r"'(?=[=+\-@\t\r\n＝＋－＠'])")  # noqa: RUF001
# What a masked copy shows of a mobile or a number: 138****8000, ******01.
_MASKED = re.compile(r".{0,3}\*{2,}.{0,4}|\*")


class TableRows:
    """Reads the rows of one table."""

    def __init__(
        self, sheet: Sheet, block: ListBlock, *, takes_hidden: bool = False, known: Collection[str] = ()
    ) -> None:
        self.sheet, self.block, self.known = sheet, block, known
        hidden = frozenset() if takes_hidden else sheet.hidden_columns
        self.columns = {name: index for name, index in block.by_meaning.items() if index not in hidden}
        self.own = [column.index for column in block.columns if column.index not in hidden]
        self.said = {one.index for one in block.columns if one.header or one.meaning} | set(hidden)
        self.header_words = {key_of(column.header) for column in block.columns if column.header}
        of_organisation = next((one.header for one in block.columns if one.meaning == "organisation_name"), "")
        # 单位及职务: one column for both
        has_one = "organisation_name" in self.columns and "job_title" not in self.columns
        self._has_titles_too = has_one and names_both(bare(of_organisation))
        skipped = frozenset() if takes_hidden else sheet.hidden_rows
        # Where 同上 stands, and the row in which stands what it means.
        self._above = {
            (number, index): above
            for name, index in self.columns.items()
            if name not in NO_DITTO
            for number, above in self._meant_above(index, skipped)
        }

    def people_in(self, number: int, cells: Sequence[str]) -> tuple[PersonRead, ...] | NoPerson:
        """Return whom a row names, or why nobody."""
        own = [cells[index].strip() for index in self.own if index < len(cells) and cells[index].strip()]
        values = {name: self.said_in(name, number, cells) for name in self.columns}
        nobody = self._nobody(number, cells, own, values)
        if nobody is not None:
            return nobody
        doubts = self._doubts(number, cells, values)
        self._keep_unsaid(cells, values)
        return _people(values, doubts, self.known)

    def said_in(self, name: str, number: int, cells: Sequence[str]) -> str:
        """Return what a row says in the column that holds a field, "" where there is none."""
        index = self.columns.get(name)
        if index is None:
            return ""
        above = self._above.get((number, index))
        if above is not None:
            number, cells = above, self.sheet.cells_of[above]
        merged = self.sheet.merged.get((number, index)) if name in MERGED else ""
        return merged or (cells[index].strip() if index < len(cells) else "")

    def _meant_above(self, index: int, skipped: Collection[int]) -> Iterator[tuple[int, int]]:
        """Yield the rows of a column that say 同上, each with the last row above it that says anything there."""
        above = None
        for number in pausing(self.block.rows):
            cells = self.sheet.cells_of[number]
            cell = cells[index].strip() if index < len(cells) and number not in skipped else ""
            if not cell or key_of(cell) in self.header_words:  # a header stands again on each printed page
                continue
            if not _DITTO.fullmatch(cell):
                above = number
            elif above is not None:
                yield number, above

    def _keep_unsaid(self, cells: Sequence[str], values: dict[str, str]) -> None:
        """Keep as a note what stands in columns without a header: nobody could see there that it is not taken.

        Where nothing has a header, a name there is one more person.
        """
        own = range(self.block.first, min(len(cells), self.block.end))
        beside = [
            _kept(cells[index]) for index in own if index not in self.said and not _is_running(index, cells[index])
        ]
        others = [cell for cell in beside if self.block.is_guessed and is_surely_name(cell)]
        if others and values.get("name"):
            values["name"] = "、".join((values["name"], *others))
        values["note"] = _noted(values.get("note", ""), *(cell for cell in beside if cell not in others))

    def _nobody(
        self, number: int, cells: Sequence[str], own: Sequence[str], values: Mapping[str, str]
    ) -> NoPerson | None:
        filled = [value for name, value in values.items() if name not in MERGED and name != "serial"]
        if not any(filled) and all(cell.rstrip(".").isdigit() for cell in own):
            return NoPerson("number_only")
        first, name = own[0] if own else "", values.get("name", "")
        if any(_EXAMPLE.match(beginning) for beginning in (first, name)):
            return NoPerson("example")
        if any(_FOOT.match(beginning) for beginning in (first, name)) and not is_mobile(values.get("mobile", "")):
            return NoPerson("foot")
        if len(own) > 1 and self.header_words.issuperset(map(key_of, own)):
            return NoPerson("header_again")
        left = next((index for index, cell in enumerate(cells) if cell.strip()), 0)
        is_heading = (
            len(own) == 1 and len(self.own) > 2 and ((number, left) in self.sheet.wide or not any(values.values()))
        )
        if is_heading:
            return NoPerson("title")
        return NoPerson("not_coming") if statuses.stays_away(values.get("status", "")) else None

    def _doubts(self, number: int, cells: Sequence[str], values: dict[str, str]) -> list[Doubt]:
        """Return what the file says of the row's cells; a value that is certainly wrong is emptied."""
        doubts = []
        struck = dict[str, str]()
        for name, index in self.columns.items():
            if (above := self._above.get((number, index))) is not None:
                doubts.append(Doubt("ditto", {"shown": cells[index].strip(), "was": values[name]}))
            mark = self.sheet.marks.get((number if above is None else above, index))
            if mark is None or name == "serial":
                continue
            label = str(LABELS.get(name, name))
            if mark.code == "uncalculated":
                doubts.append(Doubt("uncalculated_name") if name == "name" else Doubt("uncalculated", {"field": label}))
            elif (mark.code == "date" and name not in MAY_BE_DAYS) or (
                mark.code == "time" and name not in MAY_BE_HOURS
            ):
                doubts.append(Doubt(mark.code, {"shown": values[name], "was": mark.was}))
                values[name] = mark.was
            elif mark.code == "digits" and not _is_whole(values[name]) and name != "mobile":
                doubts.append(Doubt("lost_digits", {"field": label, "shown": values[name]}))
                values[name] = ""
            elif mark.code in ("cut", "damaged"):
                doubts.append(Doubt(mark.code))
            elif mark.code == "struck":
                struck[name] = mark.was
        if struck:  # of a whole row its name says enough
            doubts.append(Doubt("struck", {"shown": struck.get("name") or "、".join(struck.values())}))
        if number in self.sheet.rows_by_mark["cut"] and all(doubt.code != "cut" for doubt in doubts):
            doubts.append(Doubt("cut"))  # beside the columns that the list has
        if number in self.sheet.rows_by_mark["quote"]:
            doubts.append(Doubt("open_quote"))
        if number in self.sheet.rows_by_mark["uneven"]:
            doubts.append(Doubt("uneven"))
        if (
            not self.block.is_guessed
            and not self.sheet.name
            and any(cells[max(self.own, default=0) + 1 : self.block.end])
        ):
            doubts.append(Doubt("shifted"))
        is_alone = self.block.is_guessed and len(self.block.columns) == 1
        if self.block.is_bold or (is_alone and not may_begin_name(values.get("name", ""))):
            doubts.append(Doubt("guessed", {"shown": values.get("name", "")}))
        status = values.get("status", "")
        if status and not statuses.comes(status) and not statuses.is_leave(status):
            doubts.append(Doubt("status", {"shown": status}))
        elif statuses.is_remarked(note := values.get("note", "").strip()):
            doubts.append(Doubt("status", {"shown": note}))
        if self._has_titles_too and (parts := _apart(values["organisation_name"].strip())):
            values["organisation_name"], values["job_title"] = parts
            doubts.append(Doubt("job_title", {"shown": parts[1]}))
        return doubts


def _apart(cell: str) -> tuple[str, str] | None:
    """Return the organisation and the job title of one cell, 松林机电有限公司 总经理; None for one of both."""
    words = _BETWEEN.split(cell.strip())
    if len(words) > 1 and _may_be_title(words[-1]) and not is_organisation(words[-1]):
        return _BETWEEN.sub(" ", cell.strip().removesuffix(words[-1])).strip(), words[-1]
    if "公司" in cell:  # an enterprise's name may hold another's: 黄石供电公司 is one of 国家电网公司
        ends = [cell.rindex("公司") + 2]
    else:
        ends = [0, *(place + len(word) for word in _ENDS if (place := cell.find(word, 2)) > 0)]
    # The longest name that leaves a title: 黄石中心小学 and 校长.
    end = max((end for end in ends if _may_be_title(cell[end:].strip())), default=None)
    return None if end is None or (not end and is_organisation(cell)) else (cell[:end], cell[end:].strip())


def _may_be_title(words: str) -> bool:
    return is_title(words) or (2 <= len(words) <= 12 and words[-1] in "长员人席师工")


def _people(values: dict[str, str], doubts: list[Doubt], known: Collection[str]) -> tuple[PersonRead, ...]:
    """Return the row's people: each name with what the row says beside it; what is one person's is the first one's."""
    for name in ("mobile", "student_no"):
        if _MASKED.fullmatch(_OURS.sub("", values.get(name, ""), count=1)):
            doubts.append(Doubt("masked", {"field": str(LABELS[name]), "shown": values[name]}))
            values[name] = ""
    telephone = telephone_in(_one_line(values.get("mobile", "")))
    if telephone.is_lost:
        doubts.append(Doubt("lost_digits", {"field": str(LABELS["mobile"]), "shown": values["mobile"]}))
    status = values.get("status", "")
    absent = status if statuses.is_leave(status) else ""
    beside = {name: _kept(value) for name, value in values.items() if name in LABELS or name == "event"}
    beside |= {"class_name": _class_of(values), "mobile": telephone.mobile or ""}
    beside |= _school_and_class(beside.get("organisation_name", ""), beside["class_name"])
    beside["note"] = _noted(beside.get("note", ""), telephone.note)
    name = _whole_name(values)
    name = _OURS.sub("", name, count=1) if _OURS.match(name) else name
    people = _known(name, known) or people_in(name) or (PersonRead({"name": ""}),)
    read = []
    for index, one in enumerate(people):
        own = beside | (dict.fromkeys(OF_ONE, "") if index else {}) | ({"seats": ""} if name else {})
        own |= one.values
        own["note"] = _noted(one.values.get("note", ""), beside["note"])
        filled = {field: value for field, value in own.items() if value}
        read.append(PersonRead({"name": "", **filled}, (*one.doubts, *doubts), one.absent or absent))
    return tuple(read)


def _known(name: str, known: Collection[str]) -> tuple[PersonRead, ...]:
    """Return the person of a name that somebody has as it stands here, whatever it looks like."""
    name = clean(name)
    return (PersonRead({"name": name}),) if name in known else ()


def _is_running(index: int, cell: str) -> bool:
    """Say whether a cell at the left is a running number."""
    return index == 0 and len(cell) < 5 and cell.strip(" .、").isdigit()


def _is_whole(number: str) -> bool:
    """Say whether a number that is shown as 1.38E+10 stands in the file with all its digits."""
    return number.isdigit() and len(number) <= MOST_EXACT


def _whole_name(values: Mapping[str, str]) -> str:
    """Return the name, or its two halves together, in the order of its language: 欧阳明, Ada Example."""
    family_name, given_name = values.get("family_name", ""), values.get("given_name", "")
    if values.get("name") or not (family_name or given_name):
        return values.get("name", "")
    if HAN.search(family_name + given_name):
        return family_name + given_name
    return " ".join(filter(None, (given_name, family_name)))


def _class_of(values: Mapping[str, str]) -> str:
    """Return grade and class together, as long as the class does not say its grade: 初二 and 3 are 初二3班."""
    grade, of_class = _kept(values.get("grade", "")), _kept(values.get("class_name", ""))
    of_grade = key_of(grade.removesuffix("级").removesuffix("年"))
    if not grade or not of_class or (of_grade and not of_class.isdigit() and key_of(of_class).startswith(of_grade)):
        return of_class or grade
    if HAN.search(grade):
        return f"{grade}{of_class}{'班' if of_class.isdigit() else ''}"
    return f"{grade} {of_class}"


def _school_and_class(school: str, of_class: str) -> Mapping[str, str]:
    """Tell a school and a class apart that stand in one cell, as on our own sheets: 四棵中学 初二(3)班."""
    before, _space, last = (school or of_class).rpartition(" ")
    is_school = bool(school) or is_organisation(before) or before.endswith(("中", "小"))
    if before and is_school and is_class(last) and not is_class(before) and not (school and of_class):
        return {"organisation_name": before, "class_name": last}
    return {"organisation_name": school, "class_name": of_class}


def _noted(*notes: str) -> str:
    return " ".join(dict.fromkeys(note for note in notes if note))


def _kept(value: str) -> str:
    """Return a cell as it is kept: in one line, without our own apostrophe; "" for what says that there is nothing."""
    value = _one_line(_OURS.sub("", value, count=1) if _OURS.match(value) else value)
    return "" if value.casefold() in NOTHING else value


def _one_line(value: str) -> str:
    """Return a cell in one line: nothing stands between two Chinese characters, else a space."""
    line = ""
    for part in filter(None, (part.strip() for part in value.splitlines())):
        is_within = bool(line) and HAN.match(line[-1]) is not None and HAN.match(part) is not None
        line += part if is_within or not line else f" {part}"
    return clean(line)
