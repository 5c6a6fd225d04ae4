"""What stands beside a name and is no part of it: brackets, leave, sex, age, numbers, +1, 代报, emoji."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial

from kiosk.services.lists.doubts import Doubt
from kiosk.services.lists.looks_like import is_organisation
from kiosk.services.lists.telephones import find_mobile, in_plain_digits
from kiosk.services.names import without_pictures

DEEPEST_REMARK = 3
LONGEST_WORD = 40  # characters before a bracket that are looked at
_WORDS = re.compile(r"[\s,，、/|;；:：]+")
LEAVE = re.compile(
    r"(?:因[^\s，,、]{1,8})?(?:请[病事产婚丧公]?假|[病事产婚丧公年]假|年休|休学|缺席|缺勤|未到|不参加|不能参加|无法参加|不来|不能来|"
    r"来不了|去不了|不去|出差)[^\s，,、;；]{0,12}"
    r"|\b(?:sick leave|on leave|absent|excused|not coming|cannot come)\b",
    re.IGNORECASE,
)
_NO_LEAVE = re.compile(r"[不未没无]请|销假|[不未没无]缺|\bnot absent\b", re.IGNORECASE)
_UNSURE = re.compile(r"待定|可能|也许|或许|不确定|未定|[?？]|\b(?:maybe|perhaps|tbc|tbd)\b", re.IGNORECASE)
_BRACKETS = re.compile(r"[(（【\[〔][^()（）【】\[\]〔〕\n]*(?:[)）】\]〕]|(?=\n)|$)")
_TELLS_APART = re.compile(r"[大小甲乙丙丁]|[A-Za-z]")
_ON_BEHALF = re.compile(r"(?:由[^\s:：]{1,8})?(?:代[报填签]名?|帮报|代)\s{0,3}[:：][^\n]*")
_PLUS = re.compile(
    r"[+＋]\s*(?:(?:[0-9０-９]{1,2}|[一二两三四五六七八九])(?![0-9０-９])\s*[人位名个]?|家属|爱人|家人|孩子|小孩|司机|同事)"
)
# Somebody who was on the list and is so no longer: asked about, as nobody can say who takes their place.
_CANCELLED = re.compile(r"取消|退出|退报|撤销|作废|替换|改期|不报|\bcancell?ed\b", re.IGNORECASE)
_CANCELLED_BEHIND = re.compile(
    r"(?<=\S)\s*(?:已?(?:取消|退出|退报|撤销|作废)了?|不报名?了|\(?cancell?ed\)?)(?=[\s,，、;；]|$)", re.IGNORECASE
)
_CROSSED = re.compile("[❌✖✗✘☒🚫⛔]")
_BRACKET_ENDS = "()（）【】[]〔〕 \t\n"
_ENDS = " ,，、;；/|\t\n"
_OTHERS = re.compile(
    r"(?:等|及其?他?|和其他|一行|共)\s*(?:[0-9０-９]{1,3}|[一二两三四五六七八九十]{1,3})\s*[人位名个](?:同学|同志|代表)?"
    r"|等人|等$|(?<=[^\s0-9])\s+[0-9]{1,3}\s*[人位名](?=\s|$)|\bet al\.?|\band [0-9]{1,3} others\b"
)
_BESIDE = re.compile(
    r"(?:(?<=[\s,，、/|;；])|^)(?:男生?|女生?|汉族|[0-9０-９]{1,3}\s*周?岁|[0-9]{4,}[0-9A-Za-z-]*)(?=[\s,，、/|;；]|$)"
)


# A landline whose area code stands in brackets, which are no remark's.
_LANDLINE = re.compile(
    r"(?:(?<![0-9０-９])[(（]\s?[0０][0-9０-９]{2,3}\s?[)）][\s\-－—–]?|(?<=[\u3400-\u9fff])[0０][0-9０-９]{2,3}[\-－—–]?)[0-9０-９]{7,8}"
    r"(?:\s?(?:转|分机|ext\.?|[\-－—–])\s?[0-9０-９]{1,6})?",
    re.IGNORECASE,
)


@dataclass
class Beside:
    """A line or cell with what was taken off it; `text` is what is left."""

    text: str
    notes: list[str] = field(default_factory=list)  # every word that was taken off
    remarks: list[str] = field(default_factory=list)  # those of them that no other doubt names
    doubts: list[Doubt] = field(default_factory=list)
    absent: str = ""
    mobile: str = ""
    has_others: bool = False

    def told(self) -> list[Doubt]:
        """Return the doubts, that of remarks among them."""
        of_leave = [Doubt("absent", {"shown": self.absent})] if self.absent else []
        of_remarks = [Doubt("remark", {"shown": " ".join(self.remarks)})] if self.remarks else []
        return [*of_leave, *self.doubts, *of_remarks]

    def keep(self, shown: str, doubt: Doubt | None = None) -> None:
        """Keep words as a note, told by this doubt or as a remark."""
        shown = in_plain_digits(shown)
        self.notes.append(shown)
        if doubt is None:
            self.remarks.append(shown)
        else:
            self.doubts.append(doubt)

    def add(self, more: Beside) -> None:
        """Add what was taken off another text of the same person."""
        self.notes += more.notes
        self.remarks += more.remarks
        self.doubts += more.doubts
        self.absent = self.absent or more.absent
        self.mobile = self.mobile or more.mobile
        self.has_others = self.has_others or more.has_others

    def cut(self, match: re.Match[str]) -> None:
        """Take a match off the text."""
        self.text = f"{self.text[: match.start()]} {self.text[match.end() :]}"


def without_spokesman(line: str) -> tuple[str, str]:
    """Return a line without the "代报：甘三" at its end, and that."""
    match = _ON_BEHALF.search(line)
    return (line, "") if match is None else (line[: match.start()], match[0].strip(_ENDS))


def taken_off(text: str) -> Beside:
    """Take off what stands beside the name of one person, each part told as what it is."""
    beside = Beside(without_pictures(text))
    if crossed := _CROSSED.search(text):
        beside.doubts.append(Doubt("status", {"shown": crossed[0]}))
    if landline := _LANDLINE.search(beside.text):
        beside.keep(landline[0])
        beside.cut(landline)
    _take_brackets(beside)
    if mobile_at := find_mobile(beside.text):
        beside.mobile, start, end = mobile_at
        beside.text = f"{beside.text[:start]} {beside.text[end:]}"
    if match := _PLUS.search(beside.text):
        beside.keep(match[0], Doubt("plus", {"shown": match[0]}))
        beside.cut(match)
    if match := _CANCELLED_BEHIND.search(beside.text):
        beside.keep(match[0].strip(), Doubt("status", {"shown": match[0].strip()}))
        beside.cut(match)
    _take_leave(beside)
    if (match := _OTHERS.search(beside.text)) and len(beside.text[: match.start()].strip()) > 1:
        beside.has_others = True
        beside.notes.append(match[0].strip())
        beside.cut(match)
    beside.text = _BESIDE.sub(lambda match: _remark(beside, match[0].strip()), beside.text)
    return beside


def _take_brackets(beside: Beside) -> None:
    """Take off what stands in brackets, the innermost first, unless a name would not be whole without it."""
    for _depth in range(DEEPEST_REMARK):
        before = beside.text
        if _BRACKETS.search(before) is None:
            return
        outside = "".join(_BRACKETS.sub("", before).split())
        if not any(map(str.isalnum, outside)):  # all of it stands in brackets
            beside.text = before.strip(_BRACKET_ENDS + _ENDS)
            return
        beside.text = _BRACKETS.sub(partial(_bracket, beside, outside), before)
        if beside.text == before:
            return


def _bracket(beside: Beside, name: str, match: re.Match[str]) -> str:
    """Return what stays of a bracket: all of it where it tells two people apart, else nothing."""
    content = match[0].strip(_BRACKET_ENDS)
    if not any(map(str.isalnum, content)):
        return " "
    if _TELLS_APART.fullmatch(content) or (len(name) == 1 and len(content) <= 2 and not _is_mark(content)):
        return match[0]
    if not _is_mark(content) and is_organisation(_word_before(match)):
        return match[0]  # of an enterprise's name
    if not beside.mobile and (mobile := find_mobile(content)):
        return f" {mobile[0]} "
    if content.startswith("代"):
        beside.keep(content, Doubt("on_behalf", {"shown": content}))
    elif _UNSURE.search(content) or _CANCELLED.search(content):
        beside.keep(content, Doubt("status", {"shown": content}))
    elif _PLUS.fullmatch(content):
        beside.keep(content, Doubt("plus", {"shown": content}))
    elif LEAVE.search(content) and not _NO_LEAVE.search(content) and not beside.absent:
        beside.absent = content
    else:
        beside.keep(content)
    return " "


def _word_before(match: re.Match[str]) -> str:
    """Return the word that a bracket follows without a space."""
    before = match.string[max(0, match.start() - LONGEST_WORD) : match.start()]
    return "" if before[-1:].isspace() else (_WORDS.split(before) or [""])[-1]


def _is_mark(content: str) -> bool:
    return any(pattern.search(content) for pattern in (_BESIDE, LEAVE, _UNSURE, _PLUS)) or content.isdigit()


def _remark(beside: Beside, shown: str) -> str:
    beside.keep(shown)
    return " "


def _take_leave(beside: Beside) -> None:
    """Take off leave that stands behind a name without brackets: 甘一 请假, 甘一因病请假."""
    match = LEAVE.search(beside.text)
    if match is None or _NO_LEAVE.search(beside.text):
        return
    unsure = _UNSURE.search(beside.text)
    if unsure and unsure.start() <= match.end():
        begin = min(unsure.start(), match.start())
        shown = beside.text[begin:].strip()
        beside.keep(shown, Doubt("status", {"shown": shown}))
        beside.text = beside.text[:begin]
        return
    beside.absent = beside.absent or match[0].strip()
    beside.cut(match)
