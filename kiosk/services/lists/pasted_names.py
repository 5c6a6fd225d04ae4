"""A group's names, pasted into one box: a chat's numbered list, cells of a table, names in a row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kiosk.services.lists import chats, texts
from kiosk.services.lists.cell_names import names_of, person_of, reads_like_name
from kiosk.services.lists.chat_evidence import guessed, is_bare
from kiosk.services.lists.doubts import Doubt, NoPerson, PersonRead
from kiosk.services.lists.looks_like import is_surely_name
from kiosk.services.lists.reading import LeftOut, ListReading, counted, read_book, text_of
from kiosk.services.lists.remarks import LEAVE, without_spokesman
from kiosk.services.lists.talk import has_moment, is_talk
from kiosk.services.lists.telephones import find_mobile
from kiosk.services.names import clean, composed
from kiosk.services.refusals import Refused

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
_OF_NAMES = ("name", "note")  # what a list of names may say without saying more than a group keeps


@dataclass(frozen=True)
class PastedNames:
    """Who was pasted, in their order, each with what is doubtful, and the lines that name nobody."""

    people: tuple[PersonRead, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def says_more(self) -> bool:
        """Say whether something stood beside the names that a group's list does not keep."""
        return any(person.values.keys() - _OF_NAMES for person in self.people)


def people_pasted(pasted: str) -> tuple[PersonRead, ...]:
    """Return the people of a pasted text."""
    return names_pasted(pasted).people


def names_pasted(pasted: str) -> PastedNames:
    """Read a pasted text: cells under a header by the reader of every list, lines by the names in them.

    Numbers and headings are left out, what stands beside a name is a remark, and leave an absence.
    """
    text = composed(pasted[:MOST_CHARACTERS])
    table = _table_in(text)
    return _of_lines(text.splitlines()) if table is None else _of_table(table)


def _table_in(text: str) -> ListReading | None:
    """Return what cells under a header say, or cells between tabs; None for lines of names."""
    try:
        reading = read_book(texts.read_text(text))
    except Refused:
        return None
    lists = [table for table in reading.tables if table.is_list]
    is_table = any(table.header_rows or ("\t" in text and len(table.columns) > 1) for table in lists)
    return reading if is_table and any(row.person.values.get("name") for row in reading.rows) else None


def _of_table(reading: ListReading) -> PastedNames:
    """Return the people of a table; a row without a name is asked about as it stands."""
    people = tuple(
        row.person
        if row.person.values.get("name")
        else PersonRead({**row.person.values, "name": row.text}, (Doubt("odd_name", {"shown": row.text}),))
        for row in reading.rows
    )
    return PastedNames(people, _in_order(reading.left_out))


def _of_lines(lines: Sequence[str]) -> PastedNames:
    """Return the people of each line. Where a third of the lines are talk, a bare word is asked about."""
    read = {number: _of_line(line) for number, line in enumerate(lines, start=1) if line.strip()}
    heard = [line for number, line in read.items() if not _CHAT_HEADING.search(lines[number - 1])]
    talk = sum(isinstance(line, NoPerson) or all(is_talk(one.values["name"]) for one in line) for line in heard)
    are_talk = talk * 3 >= len(heard) or any(map(_is_of_a_message, lines))
    has_numbers = sum(map(chats.is_numbered, lines)) > 1
    people: list[PersonRead] = []
    left_out: list[LeftOut] = []
    for number, line in read.items():
        text = lines[number - 1]
        if has_numbers and not isinstance(line, NoPerson) and not chats.is_numbered(text) and all(map(_is_odd, line)):
            line = NoPerson("talk")  # beside a numbered list
        if isinstance(line, NoPerson):
            left_out.append(LeftOut("", number, line.code, text=text_of((text,))))
        elif (
            are_talk
            and len(line) == 1
            and not chats.is_numbered(text)
            and is_bare(line[0])
            and not _is_doubted(line[0])
        ):
            people.append(guessed(line[0]))
        else:
            people += line
    return PastedNames(tuple(people), _in_order(counted(left_out)))


def _in_order(left_out: Sequence[LeftOut]) -> tuple[LeftOut, ...]:
    return tuple(sorted(left_out, key=lambda one: one.row))


def _of_line(line: str) -> tuple[PersonRead, ...] | NoPerson:
    if _CHAT_HEADING.search(line):
        return NoPerson("talk")
    in_chat = chats.read_line(line)
    if isinstance(in_chat, NoPerson) and in_chat.code in ("example", "title"):
        return in_chat
    if _is_of_a_message(line) and not isinstance(in_chat, NoPerson):
        return tuple(map(guessed, in_chat))
    people = _better(_people_of(_OWN_NUMBER.sub("", line)), in_chat, line)
    return tuple(people) or (in_chat if isinstance(in_chat, NoPerson) else NoPerson("talk"))


def _is_of_a_message(line: str) -> bool:
    """Say whether this stands above a message of a chat that was copied: a name with a time."""
    return has_moment(line) and len(line.split()) > 1 and reads_like_name(line.split()[0])


def _better(names: list[PersonRead], in_chat: tuple[PersonRead, ...] | NoPerson, line: str) -> Sequence[PersonRead]:
    """Return the names of a line, or what it says as a chat's where it names more than people: 甘一 松林机电 138…."""
    has_more = find_mobile(line) is not None or any(map(_is_odd, names))
    has_more = has_more and not isinstance(in_chat, NoPerson) and any(one.values.keys() - _OF_NAMES for one in in_chat)
    if not has_more or isinstance(in_chat, NoPerson) or any(map(_is_asked, in_chat)):
        return names
    return [_without_question(one) for one in in_chat]


def _without_question(person: PersonRead) -> PersonRead:
    """Return one of several people of a line: two names in one line are two people of the group."""
    return replace(person, doubts=tuple(doubt for doubt in person.doubts if doubt.code != "several_names"))


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
    if len(parts) == 2 and is_surely_name(clean(parts[0])) and people and all(map(_is_odd, people)):
        return [guessed(one) for one in _named(parts[0])]  # 甘一：收到
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


def _is_doubted(person: PersonRead) -> bool:
    return any(doubt.code in ("odd_name", "guessed") for doubt in person.doubts)


def _is_odd(person: PersonRead) -> bool:
    return any(doubt.code == "odd_name" for doubt in person.doubts)


def _is_asked(person: PersonRead) -> bool:
    """Say whether anything else than that the line has several names is asked of a person."""
    return any(doubt.asks and doubt.code != "several_names" for doubt in person.doubts)
