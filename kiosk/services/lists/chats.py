"""A list as people write it in a chat, line by line: numbered in many ways, with talk, examples and remarks in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from kiosk.services.lists.cell_names import NamedPart, person_of, pieces_of, reads_like_name, split_at_spaces
from kiosk.services.lists.doubts import Doubt, NoPerson, PersonRead
from kiosk.services.lists.headers import header_of
from kiosk.services.lists.looks_like import (
    HAN,
    has_surname,
    is_class,
    is_name,
    is_organisation,
    is_surely_name,
    is_title,
)
from kiosk.services.lists.remarks import Beside, taken_off, without_spokesman
from kiosk.services.lists.talk import is_aside
from kiosk.services.lists.telephones import find_mobile, in_plain_digits
from kiosk.services.names import MIDDLE_DOTS, clean, composed

LONGEST_LINE = 1_000  # characters of a line that are read
_SHOWN = 60  # of a line that is asked about
_MOST_WORDS = 3  # of a name in Latin letters between spaces
_NUMBERED = re.compile(
    r"^\s*(?:"
    r"[(（【\[][0-9０-９]{1,4}[)）】\]][.、．:：]?"
    r"|(?:No\.?\s*|第)?[0-9０-９]{1,4}\ufe0f?\u20e3?(?:[.、．。，,:：)）】/_]|\s*[-–—]+(?:\s|(?=[\u3400-\u9fff]))|号|位|\s{1,8}(?=\S))"
    r"|[0-9]\ufe0f?\u20e3"
    r"|[0-9]{1,3}(?=[\u3400-\u9fff])(?![班年月日点号楼组人名位个岁])"
    r"|[①-⑳㉑-㉟㊱-㊿⑴-⑽🔟]|[一二三四五六七八九十]{1,3}[、.．]"
    r"|[-*•●·]\s"
    r")\s*(?![0-9]{1,2}(?![0-9]))",
    re.IGNORECASE,
)
_BEFORE_A_NUMBER = re.compile(r"^[(（【\[][0-9]{1,4}[)）】\]]\s*(?=[0-9]{1,3}[.、．]\s*[^\s0-9])")
_NUMBERED_AGAIN = re.compile(r"^[0-9]{1,3}[.、．]\s*(?=[^\s0-9])")
_NUMBER_ONLY = re.compile(r"[(（【\[]?(?:[0-9０-９]{1,4}|[①-⑳])[\s.、．，,:：)）】\]]*")
_HEADING = re.compile(r"^\s*[#＃](?!\s?[0-9]{1,3}\s)|接龙")
# What joins the parts of a line as a form asks for them: 姓名+单位+电话.
_JOINTS = re.compile(r"(?<=[\u3400-\u9fff])\s*[+＋\-－—–_]+\s*(?=[\u3400-\u9fff]{2,}|(?:86)?1[3-9][0-9]{9}(?![0-9]))")
_COLON_WITHIN = re.compile(r"(?<=[\u3400-\u9fff])\s*[:：]\s*(?=[\u3400-\u9fff])")
_EXAMPLE = re.compile(
    r"^\s*[(（【]?(?:例(?:如|子)?(?:[\s:：.、)）】]|$)|示例|样例|范例|格式|模板|example\b|e\.g\.)", re.IGNORECASE
)
_ONE_MORE = re.compile(r"家属|爱人|家人|孩子|小孩|司机|同事|[一二两三四五六七八九十][人位名个]?(?![\u3400-\u9fff])")
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
_NO_NUMBER = re.compile(
    r"(?:待定|暂无|无|没有|不详|未知|空|手机号?码?|(?:联系)?电话|联系方式|tel|mobile|phone)", re.IGNORECASE
)
_BESIDE_NUMBER = re.compile(r"微信同号|同微信|微信|同号|办公室?|家长|本人")
_LANDLINE = re.compile(r"[(（]?[0-9０-９]{3,}(?:[\s0-9０-９()（）+＋－—–‑-]|转|ext\.?)*", re.IGNORECASE)


def is_chat(lines: Sequence[str]) -> bool:
    """Say whether these lines are a list of a chat: a 接龙, or as many numbered lines as others."""
    filled = [line[:LONGEST_LINE] for line in lines if line.strip()]
    if not filled:
        return False
    if any(_HEADING.search(line) for line in filled[:5]):
        return True
    return sum(is_numbered(line) for line in filled) * 2 >= len(filled)


def is_numbered(line: str) -> bool:
    """Say whether a line begins with a number of its own."""
    return _NUMBERED.match(line) is not None


def read_line(line: str) -> tuple[PersonRead, ...] | NoPerson:
    """Return the people whom a line of a chat names, each with what is doubtful; or why it names nobody."""
    text = _BEFORE_A_NUMBER.sub("", composed(line[:LONGEST_LINE]).strip(), count=1)
    if not text or _HEADING.search(text):
        return NoPerson("talk")
    if len(words := text.split()) > 1 and all(header_of(word).is_exact for word in words):
        return NoPerson("title")
    if _EXAMPLE.match(text):
        return NoPerson("example")
    if _NUMBER_ONLY.fullmatch(text):
        return NoPerson("number_only")
    numbered = _NUMBERED.match(text)
    people = _people(_NUMBERED_AGAIN.sub("", text[numbered.end() :], count=1) if numbered else text)
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
    text = _JOINTS.sub(_joint, text)
    values: dict[str, str] = {}
    if mobile_at := find_mobile(text):
        values["mobile"], start, end = mobile_at
        text = f"{text[:start]} {text[end:]}"
    whole = taken_off(_without_labels(text, values))
    if whole.mobile and "mobile" in values:  # the first one is theirs
        whole.keep(whole.mobile)
        whole.mobile = ""
    if spokesman:
        whole.keep(spokesman, Doubt("on_behalf", {"shown": spokesman}))
    names, notes, doubts = _told_apart(whole, values)
    if "name" in values:
        labelled = taken_off(values.pop("name"))
        whole.add(labelled)
        names = [*split_at_spaces(labelled.text), *names]
    if not names:
        return _nameless(line, values, [*whole.notes, *notes])
    whole.notes += notes
    if len(names) > 1:
        doubts.insert(0, Doubt("several_names", {"names": "、".join(names)}))
    elif len(names[0].split()) > _MOST_WORDS:  # where the name ends and the enterprise begins, nothing says
        doubts.append(Doubt("odd_name", {"shown": names[0][:_SHOWN]}))
    people = [
        person_of(NamedPart(name, whole if place == 0 else Beside(name)), tuple(doubts))
        for place, name in enumerate(names)
    ]
    shared = {field: value for field, value in values.items() if field != "mobile"}
    return tuple(
        replace(person, values={**(shared if place else values), **person.values})
        for place, person in enumerate(people)
    )


def _joint(match: re.Match[str]) -> str:
    """Return a comma for what joins two parts; +家属 is one more person."""
    is_plus = "+" in match[0] or "＋" in match[0]
    return match[0] if is_plus and _ONE_MORE.match(match.string, match.end()) else "，"


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


def _told_apart(whole: Beside, values: dict[str, str]) -> tuple[list[str], list[str], list[Doubt]]:
    """Return the names of a line, what is left over, and what is doubtful; what else its words are goes to `values`."""
    rest: list[str] = []
    notes: list[str] = []
    for word in _words(whole.text):
        if _LANDLINE.fullmatch(word) or _BESIDE_NUMBER.fullmatch(word):
            notes.append(in_plain_digits(word))
        elif _NO_NUMBER.fullmatch(word):
            continue
        elif is_organisation(word) and "organisation_name" not in values:
            values["organisation_name"] = word
        elif is_class(word) and "class_name" not in values:
            values["class_name"] = word
        elif rest and is_title(word) and "job_title" not in values:
            values["job_title"] = word
        else:
            rest.append(word)
    if not rest:
        return [], notes, []
    first = "" if "name" in values else rest[_place_of_name(rest)]
    names = [word for word in rest if word == first or _is_surely_person(word)]
    rest = [word for word in rest if word not in names]
    for word in filter(is_aside, rest):
        whole.keep(word)
    rest = [word for word in rest if not is_aside(word)]
    doubts: list[Doubt] = []
    if rest and "organisation_name" not in values:
        values["organisation_name"] = rest.pop(0)
        if _reads_either_way(values["organisation_name"]):
            doubts.append(Doubt("either", {"shown": values["organisation_name"]}))
    if rest and "job_title" not in values:
        values["job_title"] = rest.pop(0)
        doubts.append(Doubt("job_title", {"shown": values["job_title"]}))
    return names, [*rest, *notes], doubts


def _is_surely_person(word: str) -> bool:
    has_dot = any(dot in word.strip(MIDDLE_DOTS) for dot in MIDDLE_DOTS)
    return reads_like_name(word) and (is_surely_name(word) or (has_dot and HAN.match(word) is not None))


def _reads_either_way(organisation: str) -> bool:
    """Say whether a short word that stands for the enterprise might be somebody: 水晓涛."""
    return is_name(organisation) and len(organisation) < 4 and not is_organisation(organisation)


def _place_of_name(words: Sequence[str]) -> int:
    """Return which word is the name: the first, unless it reads like none and another does (松林机电 甘一)."""
    if reads_like_name(words[0]) and not _may_be_enterprise(words[0]):
        return 0
    likely = (place for place, word in enumerate(words) if reads_like_name(word) and has_surname(word))
    return next((place for place in likely if place or not _may_be_enterprise(words[0])), 0)


def _may_be_enterprise(word: str) -> bool:
    """Say whether four characters are as likely an enterprise as somebody: 金山软件."""
    return len(word) > 3 and is_name(word) and not is_surely_name(word) and not any(dot in word for dot in MIDDLE_DOTS)


def _words(text: str) -> Iterator[str]:
    """Return the words of a line: between separators, or between spaces where there is no separator."""
    text = _COLON_WITHIN.sub("，", text)
    parts = [part for piece in pieces_of(text) if (part := clean(piece).strip(" :：-—"))]
    if len(parts) == 1:
        yield from split_at_spaces(parts[0])
        return
    for part in parts:
        words = split_at_spaces(part)
        yield from (words if all(map(reads_like_name, words)) or len(words) > 1 else [part])
