"""A list as people write it in a chat, line by line: numbered in many ways, with talk, examples and remarks in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from kiosk.services.lists.cell_names import NamedPart, person_of, pieces_of, reads_like_name, split_at_spaces
from kiosk.services.lists.doubts import Doubt, NoPerson, PersonRead
from kiosk.services.lists.looks_like import has_surname, is_class, is_organisation, is_title
from kiosk.services.lists.remarks import Beside, taken_off, without_spokesman
from kiosk.services.lists.telephones import find_mobile
from kiosk.services.names import clean, composed

LONGEST_LINE = 1_000  # characters of a line that are read
_SHOWN = 60  # of a line that is asked about
_NUMBERED = re.compile(
    r"^\s*(?:"
    r"[(（【\[][0-9０-９]{1,4}[)）】\]][.、．:：]?"
    r"|(?:No\.?\s*|第)?[0-9０-９]{1,4}\ufe0f?\u20e3?(?:[.、．，,:：)）】]|\s*[-–—]+\s|号|位|\s(?=\S))"
    r"|[0-9]\ufe0f?\u20e3"
    r"|[0-9]{1,3}(?=[\u3400-\u9fff])(?![班年月日点号楼组人名位个岁])"
    r"|[①-⑳㉑-㉟㊱-㊿⑴-⑽🔟]|[一二三四五六七八九十]{1,3}[、.．]"
    r"|[-*•●·]\s"
    r")\s*(?![0-9]{1,2}(?![0-9]))",
    re.IGNORECASE,
)
_NUMBER_ONLY = re.compile(r"[(（【\[]?(?:[0-9０-９]{1,4}|[①-⑳])[\s.、．，,:：)）】\]]*")
_HEADING = re.compile(r"^\s*[#＃]|接龙")
_EXAMPLE = re.compile(
    r"^\s*[(（【]?(?:例(?:如|子)?(?:[\s:：.、)）】]|$)|示例|样例|范例|格式|模板|example\b|e\.g\.)", re.IGNORECASE
)
_LABELS = {
    "name": "微信昵称 微信名 昵称 参会人员 参会人 姓名 名字 name",
    "organisation_name": "工作单位 所在单位 单位名称 单位 公司 企业 学校 company organisation organization",
    "class_name": "班级 class",
    "job_title": "职务 职位 岗位 title position",
    "mobile": "联系电话 联系方式 手机号码 手机号 手机 电话 mobile phone tel",
}
_FIELD_OF_LABEL = {word: field for field, words in _LABELS.items() for word in words.split()}
_LONGEST_FIRST = "|".join(sorted(map(re.escape, _FIELD_OF_LABEL), key=len, reverse=True))
_LABEL = re.compile(rf"(?:{_LONGEST_FIRST})\s*[:：]", re.IGNORECASE)
_TWO_NAMES = re.compile(r"[、&＆\n]|(?<=\S)[和与](?=\S)")


def is_chat(lines: Sequence[str]) -> bool:
    """Say whether these lines are a list of a chat: a 接龙, or as many numbered lines as others."""
    filled = [line[:LONGEST_LINE] for line in lines if line.strip()]
    if not filled:
        return False
    if any(_HEADING.search(line) for line in filled[:5]):
        return True
    return sum(is_numbered(line) for line in filled) * 2 >= len(filled)


def lines_before(lines: Sequence[str]) -> int:
    """Return how many lines stand above the first number: talk, where at least half of the lines are numbered."""
    numbered = [is_numbered(line[:LONGEST_LINE]) for line in lines]
    filled = sum(bool(line.strip()) for line in lines)
    return numbered.index(True) if filled and sum(numbered) * 2 >= filled else 0


def is_numbered(line: str) -> bool:
    """Say whether a line begins with a number of its own."""
    return _NUMBERED.match(line) is not None


def read_line(line: str) -> tuple[PersonRead, ...] | NoPerson:
    """Return the people whom a line of a chat names, each with what is doubtful; or why it names nobody."""
    text = composed(line[:LONGEST_LINE]).strip()
    if not text or _HEADING.search(text):
        return NoPerson("talk")
    if _EXAMPLE.match(text):
        return NoPerson("example")
    if _NUMBER_ONLY.fullmatch(text):
        return NoPerson("number_only")
    numbered = _NUMBERED.match(text)
    people = _people(text[numbered.end() :] if numbered else text)
    is_sure = any(not _is_odd(person) for person in people)
    has_more = any(
        "mobile" in person.values or is_organisation(person.values.get("organisation_name", "")) for person in people
    )
    if not people or not (numbered or is_sure or has_more):
        return NoPerson("talk")
    if len(line) > LONGEST_LINE:
        people = tuple(replace(person, doubts=(*person.doubts, Doubt("cut"))) for person in people)
    return people


def _is_odd(person: PersonRead) -> bool:
    return any(doubt.code == "odd_name" for doubt in person.doubts)


def _people(line: str) -> tuple[PersonRead, ...]:
    """Return the people of a line without its number."""
    text, spokesman = without_spokesman(line)
    values: dict[str, str] = {}
    if mobile_at := find_mobile(text):
        values["mobile"], start, end = mobile_at
        text = f"{text[:start]} {text[end:]}"
    whole = taken_off(_without_labels(text, values))
    if spokesman:
        whole.keep(spokesman, Doubt("on_behalf", {"shown": spokesman}))
    names, notes = _told_apart(whole.text, values)
    if "name" in values:
        notes = [*names, *notes]
        names = split_at_spaces(values.pop("name"))
    if not names:
        return _nameless(line, values, [*whole.notes, *notes])
    whole.notes += notes
    doubts = list[Doubt]()
    if len(names) > 1:
        doubts.append(Doubt("several_names", {"names": "、".join(names)}))
    people = [
        person_of(NamedPart(name, whole if place == 0 else Beside(name)), tuple(doubts))
        for place, name in enumerate(names)
    ]
    shared = {field: value for field, value in values.items() if field != "mobile"}
    return tuple(
        replace(person, values={**(shared if place else values), **person.values})
        for place, person in enumerate(people)
    )


def _nameless(line: str, values: dict[str, str], notes: list[str]) -> tuple[PersonRead, ...]:
    """Return what a line says of somebody whom it does not name: asked about, with all that stood there."""
    if not values and not notes:
        return ()
    with_note = {**values, "note": " ".join(notes)}
    return (
        PersonRead(
            {field: value for field, value in with_note.items() if value},
            (Doubt("odd_name", {"shown": clean(line)[:_SHOWN]}),),
        ),
    )


def _without_labels(line: str, values: dict[str, str]) -> str:
    """Take off what stands behind labels ("单位：松林机电"), as far as the next separator, and keep it by its field."""
    if _LABEL.search(line) is None:
        return line
    rest: list[str] = []
    for part in pieces_of(line):
        label = _LABEL.search(part)
        if label is None:
            rest.append(part)
            continue
        field = _FIELD_OF_LABEL[label[0].rstrip(" \t:：").casefold()]
        rest.append(part[: label.start()])
        following = _LABEL.search(part, label.end())
        value = clean(part[label.end() : following.start() if following else len(part)])
        if following:
            rest += [_without_labels(part[following.start() :], values)]
        if value and field != "mobile" and field not in values:
            values[field] = value
        elif value:
            rest.append(value)
    return "，".join(rest)


def _told_apart(text: str, values: dict[str, str]) -> tuple[list[str], list[str]]:
    """Return the names of a line and what is left over; what else its words are goes to `values`."""
    rest: list[str] = []
    for word in _words(text):
        if is_organisation(word) and "organisation_name" not in values:
            values["organisation_name"] = word
        elif is_class(word) and "class_name" not in values:
            values["class_name"] = word
        elif rest and is_title(word) and "job_title" not in values:
            values["job_title"] = word
        else:
            rest.append(word)
    if not rest:
        return [], []
    names = [word for word in rest if reads_like_name(word) and has_surname(word) and len(word) <= 4]
    if len(names) == len(rest) > 1 and (_TWO_NAMES.search(text) or not values or "organisation_name" in values):
        return names, []
    first = _place_of_name(rest)
    name = rest.pop(first)
    if rest and "organisation_name" not in values:
        values["organisation_name"] = rest.pop(0)
    if rest and "job_title" not in values:
        values["job_title"] = rest.pop(0)
    return [name], rest


def _place_of_name(words: Sequence[str]) -> int:
    """Return which word is the name: the first, unless it reads like none and another does (松林机电 甘一)."""
    if reads_like_name(words[0]):
        return 0
    return next((place for place, word in enumerate(words) if reads_like_name(word) and has_surname(word)), 0)


def _words(text: str) -> Iterator[str]:
    """Return the words of a line: between separators, or between spaces where there is no separator."""
    parts = [part for piece in pieces_of(text) if (part := clean(piece).strip(" :：-—"))]
    if len(parts) == 1:
        yield from split_at_spaces(parts[0])
        return
    for part in parts:
        words = split_at_spaces(part)
        yield from (words if all(map(reads_like_name, words)) or len(words) > 1 else [part])
