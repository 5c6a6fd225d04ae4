"""A group's names, pasted into one box: a chat's numbered list, a column of cells, names in a row."""

from __future__ import annotations

import re
from dataclasses import replace

from kiosk.services.lists.cell_names import names_of, person_of, reads_like_name
from kiosk.services.lists.doubts import Doubt, PersonRead
from kiosk.services.lists.remarks import LEAVE, without_spokesman
from kiosk.services.names import clean, composed

MOST_CHARACTERS = 20_000  # of sixty people and much talk; what stands after it names more than a group may have
# A number stands before a name ("1. 张三"), behind it (a mobile, a student number) or between two ("1张三2李四").
# A single digit right behind a letter belongs to the name: a school tells two 李明 apart as 李明1 and 李明2. The 13 of
# 13岁, the 3 of 等3人 and the 1 of +1 are no such numbers.
_NUMBERS = re.compile(
    r"[(（【\[]\d+[)）】\]][.、．:：]?"
    r"|(?:(?<![^\W\d_])(?<![(（【\[+＋\d]))\d+(?!\d|\s*(?:周?岁|[人名位个班]))[)）]?[.、．:：]?"
    r"|\d{4,}|\d+[.、．]|[①-⑳]"
)
_OWN_NUMBER = re.compile(r"^\s*[(（]?\d{1,3}[)）.、．:：]+")
_CHAT_HEADING = re.compile(r"^\s*(?:[#＃]|接龙|\S*接龙\S*\s*$)")
_COLON = re.compile(r"(?<!\d)[:：]|[:：](?!\d)")
_LAST_WORD = re.compile(r"[^\s、，,;；/|]+\s*$")


def people_pasted(pasted: str) -> tuple[PersonRead, ...]:
    """Return the people of a pasted text, in their order, each with what is doubtful.

    Numbers and headings are left out, what stands beside a name is a remark, and leave an absence.
    """
    people: list[PersonRead] = []
    for line in composed(pasted[:MOST_CHARACTERS]).splitlines():
        if line.strip() and not _CHAT_HEADING.search(line):
            people += _people_of(_OWN_NUMBER.sub("", line))
    return tuple(people)


def _people_of(line: str) -> list[PersonRead]:
    """Return the people of a line: words before a colon are a heading, unless only a remark comes after it."""
    text, spokesman = without_spokesman(line)
    parts = _COLON.split(text)
    people: list[PersonRead] = []
    for place, part in enumerate(parts):
        label = parts[place - 1] if place else ""
        last = place == len(parts) - 1
        if not last and (place == 0 or not part.strip()):
            if place == 0 and LEAVE.fullmatch(clean(parts[1])) and reads_like_name(clean(part)):
                return _named(f"{part} {parts[1]}")
            continue
        names = _named(part if last else _LAST_WORD.sub("", part, count=1))
        people += [_absent(one, label) for one in names] if LEAVE.search(label) else names
    if spokesman and people:
        doubts = (*people[-1].doubts, Doubt("on_behalf", {"shown": spokesman}))
        people[-1] = replace(people[-1], doubts=doubts)
    return people


def _named(text: str) -> list[PersonRead]:
    return [person_of(named) for named in names_of(_NUMBERS.sub("、", text))]


def _absent(person: PersonRead, label: str) -> PersonRead:
    """Return a person of whom the heading says that they are on leave."""
    match = LEAVE.search(label)
    if person.absent or match is None:
        return person
    return replace(person, doubts=(*person.doubts, Doubt("absent", {"shown": match[0]})), absent=match[0])
