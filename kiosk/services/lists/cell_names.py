"""The people whom one cell names: one as a rule, two at times, with what stands beside their names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kiosk.services.lists.doubts import Doubt, PersonRead
from kiosk.services.lists.looks_like import (
    HAN,
    has_surname,
    is_class,
    is_name,
    is_organisation,
    is_title,
    is_unit,
)
from kiosk.services.lists.private_use import MEANT, PRIVATE, as_meant
from kiosk.services.lists.remarks import Beside, taken_off, without_spokesman
from kiosk.services.lists.talk import is_talk
from kiosk.services.names import LONG_SURNAMES, LONGEST_NAME, MIDDLE_DOTS, clean, composed, without_selectors

LONGEST_CELL = 400  # characters that are searched for names
_SHOWN = 40  # of what is no name
_NUMBER = re.compile(r"^\s*[0-9]{1,4}\s*[.、．)）:：]\s*(?=[^\s0-9])")
_LABEL = re.compile(r"(?:微信昵称|微信名|昵称|姓名|名字|\bname\b)\s*[:：]", re.IGNORECASE)
_OPENING, _CLOSING = "(（【[〔", ")）】]〕"
_APART = frozenset("、，,;；/／｜|\t\r\n\f\v\x85\u2028\u2029@&＆")
_AND = re.compile(f"(?<={HAN.pattern}{{2}})[和与及](?={HAN.pattern}{{2}})")
_LATIN_TURNED = re.compile(
    r"[^\W\d_]{2,30}(?:[ '-][^\W\d_]{1,30})?\s{0,3},\s{0,3}[^\W\d_]{1,30}(?:[ '.-][^\W\d_]{0,30})?"
)
_SEXES = {"男", "女"}
_ADDRESSED = re.compile(r"(\S{2,4}?)(同学|老师|先生|女士|小姐)")
_SURNAME_ALONE = re.compile(r"\S(?:同学|老师|先生|女士|小姐|主任|经理|书记|总|工|董|局|处|某|某某)|\S{2}总")
_PLACEHOLDER = re.compile(r"\S?[xX×＊*]{1,3}|[oO○〇]{2,3}")  # who is to be named later: 甘X, xx
_BEFORE_COLON = re.compile(r"(?P<label>[^:：]{1,30})[:：](?P<rest>.*[^\s:：].*)", re.DOTALL)
_TELLING = re.compile(r"[(（][^()（）]{1,2}[)）]$|[0-9]{1,2}$|(?<=[^A-Za-z])[A-Za-z]$")
_NO_LETTERS_OF_NAMES = re.compile(r"[0-9０-９。！？!?：:；;#@=<>%￥$~…]|https?|www")
# What stands where a name might, and is none.
_WORDS = frozenset(
    """空缺 待报 暂缺 未定 暂空 暂定 后补 待补 待补充 待通知 待确认 待安排 待落实 待派 未报 另报 略 缺 缺员 缺人
    如上 以上 测试 某某 某某某 签字 签名 签章 盖章 取消
    姓名 名字 名单 合计 总计 小计 共计 备注 单位 电话 手机 职务 签到 接龙 报名
    同上 空白 待定 暂无 领导 老师 家长 同学 学生 全体 人数 应到 实到 班级 学校 年级 序号 编号 群主 签名 地点 时间
    日期 组长 组员 班长 先生 女士 name total none n/a null tbd tbc tba unknown vacant test""".split()  # noqa: SIM905
)
# What is written small within foreign names.
_SMALL = frozenset(
    """van von der den de da di do dos das del della la le du el al bin binti bint ibn ben y e i und zu zur
    ter ten""".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class NamedPart:
    """One name of a text with what stood beside it."""

    name: str
    beside: Beside


def people_in(cell: str) -> tuple[PersonRead, ...]:
    """Return the people whom a name's cell names: each with what is doubtful; none for a cell without a word."""
    text = composed(cell).strip()
    if not _says_anything(text):
        return ()
    if len(text) > LONGEST_CELL:
        return (_odd(text, Doubt("cut")),)
    if text.startswith("=") or not any(map(_is_of_names, text)):  # a formula, a number: as it stands
        return (_odd(text),)
    if _LATIN_TURNED.fullmatch(text) or _is_other_thing(text) or text.endswith((":", "：")):
        return (_odd(text),)
    has_other_label = _LABEL.match(text) or without_spokesman(text)[1]
    labelled = None if has_other_label else _BEFORE_COLON.fullmatch(text)
    if labelled and (behind := _behind_label(clean(labelled["label"]), labelled["rest"])):
        return behind
    named = names_of(_NUMBER.sub("", text, count=1))
    if not named:
        return (_odd(text),)
    return _each_asked(named)


def _each_asked(named: list[NamedPart]) -> tuple[PersonRead, ...]:
    """Return the people of one cell; of several it is asked."""
    are_asked = any(doubt.code == "several_names" for one in named for doubt in one.beside.doubts)
    several = Doubt("several_names", {"names": "、".join(one.name for one in named)})
    doubts = (several,) if len(named) > 1 and not are_asked else ()
    return tuple(person_of(one, doubts) for one in named)


def _behind_label(label: str, rest: str) -> tuple[PersonRead, ...]:
    """Return whom words behind a colon name (松林机电：甘一), the label kept as a note; none where it is a name."""
    named = names_of(rest)
    if reads_like_name(label) or not named or not all(reads_like_name(one.name) for one in named):
        return ()
    for one in named:
        one.beside.keep(label)
    return _each_asked(named)


def names_of(text: str) -> list[NamedPart]:
    """Return each name of a text with what stood beside it; what stands there without a name is the one's before."""
    named: list[NamedPart] = []
    for line in text.splitlines():
        rest, spokesman = without_spokesman(_LABEL.sub(" ", line))
        for piece in pieces_of(rest):
            beside = taken_off(piece)
            parts = split_at_spaces(_without_titles(beside))
            halves = [half for part in parts for half in _halves(part)]
            if len(halves) > len(parts):
                beside.doubts.append(Doubt("several_names", {"names": "、".join(halves)}))
                parts = halves
            if parts:
                named += _each(parts, beside)
            elif named:
                named[-1].beside.add(beside)
        if spokesman and named:
            named[-1].beside.keep(spokesman, Doubt("on_behalf", {"shown": spokesman}))
    return named


def person_of(named: NamedPart, doubts: tuple[Doubt, ...] = ()) -> PersonRead:
    """Return a name as a person, with the doubts of the name itself."""
    beside, name = named.beside, named.name
    if match := _ADDRESSED.fullmatch(name):
        name = match[1]
        beside.keep(match[2])
    doubts_of_name = [*doubts, *beside.told()]
    if beside.has_others:
        doubts_of_name.insert(0, Doubt("and_others", {"name": name}))
    if not reads_like_name(name):
        doubts_of_name.insert(0, Doubt("odd_name", {"shown": name[:_SHOWN]}))
    if _is_joined(name):
        doubts_of_name.insert(0, Doubt("several_names", {"names": f"{name[:2]}、{name[2:]}"}))
    doubts_of_name += private_doubts(name)
    values = {"name": name, "mobile": beside.mobile, "note": " ".join(beside.notes)}
    return PersonRead({field: value for field, value in values.items() if value}, tuple(doubts_of_name), beside.absent)


def private_doubts(name: str) -> list[Doubt]:
    """Return what is doubtful about a name with characters of a private font."""
    private = sorted(set(PRIVATE.findall(name)))
    codes = "、".join(f"U+{ord(one):04X}" for one in private)
    if not private:
        return []
    if any(one in MEANT for one in private):
        return [Doubt("private_use", {"character": codes, "proposed": as_meant(name)})]
    return [Doubt("private_unknown", {"character": codes})]


def reads_like_name(name: str) -> bool:
    """Say whether this reads like a person's name, in whatever script."""
    plain = without_selectors(name)
    bare = "".join(_TELLING.sub("", plain).split())
    for dot in MIDDLE_DOTS:
        bare = bare.replace(dot, "·")
    if len(plain) > LONGEST_NAME or _NO_LETTERS_OF_NAMES.search(bare) or plain.casefold() in _WORDS:
        return False
    if (
        is_talk(plain)
        or is_unit(plain)
        or _PLACEHOLDER.fullmatch(plain)
        or _SURNAME_ALONE.fullmatch(plain)
        or is_organisation(plain)
        or is_title(plain)
        or is_class(plain)
    ):
        return False
    han = len(HAN.findall(bare))
    if not han:
        return len(bare) > 1 and any(map(str.isalpha, bare)) and _are_words_of_name(plain.split())
    if han != len(bare.replace("·", "")):
        return False
    if "·" in bare.strip("·"):
        return han <= 20
    longest = 4 if han < 4 or has_surname(bare) else 3
    return (1 if bare != plain else 2) <= han <= longest


def _are_words_of_name(words: list[str]) -> bool:
    """Say whether foreign words may be one name: of three and more, those that are written small are few."""
    if len(words) < 3:
        return True
    return len(words) <= 6 and all(not word[0].islower() or word.casefold().strip(".'’") in _SMALL for word in words)


def pieces_of(line: str) -> Iterator[str]:
    """Return the parts of a line between separators; those in brackets separate nothing."""
    depth, begin = 0, 0
    for place, character in enumerate(line):
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth = max(depth - 1, 0)
        elif character in _APART and not depth:
            yield from _AND.split(line[begin:place])
            begin = place + 1
    yield from _AND.split(line[begin:])


def split_at_spaces(piece: str) -> list[str]:
    """Return the names of a piece: spaces stand between full names ("张三 李四"), inside a padded one ("王　强") and
    inside foreign ones ("Alexandra Montgomery")."""
    names: list[str] = []
    run: list[str] = []  # single characters or foreign words that belong together
    for word in _bare(piece).split(" "):
        is_han = HAN.search(word) is not None
        is_part = bool(word) and (len(without_selectors(word)) == 1 or not is_han or word in LONG_SURNAMES)
        if is_part and (not run or bool(HAN.search(run[-1])) == is_han):
            run.append(word)
            continue
        if run and run[-1] in LONG_SURNAMES and is_han:
            names += [*_joined(run[:-1]), run[-1] + word]
            run = []
            continue
        names += _joined(run)
        run = [word] if is_part else []
        names += [] if is_part or not word else [word]
    return [name for name in names + _joined(run) if any(map(_is_letter, name))]


def _halves(word: str) -> list[str]:
    """Return two names of one surname that stand together with nothing between (甘四甘五), or the one that it is."""
    return [word[:2], word[2:]] if _is_joined(word) and word[0] == word[2] else [word]


def _is_joined(word: str) -> bool:
    """Say whether four characters are more likely two people than one: 张三李四."""
    is_of_four = len(word) == 4 and is_name(word) and word[:2] not in LONG_SURNAMES
    return (
        is_of_four and has_surname(word[0]) and has_surname(word[2]) and all(map(reads_like_name, (word[:2], word[2:])))
    )


def _joined(run: list[str]) -> list[str]:
    """Return what a run of parts means: one foreign name, or Chinese ones of two or three characters."""
    if not run:
        return []
    if not HAN.search(run[0]):
        return [" ".join(run)]
    if len(run) <= 3 or run[0] in LONG_SURNAMES or (len(run) == 4 and "".join(run[:2]) in LONG_SURNAMES):
        return ["".join(run)]
    pairs = ["".join(run[start : start + 2]) for start in range(0, len(run) - len(run) % 2, 2)]
    return [*pairs[:-1], pairs[-1] + run[-1]] if len(run) % 2 else pairs


def _bare(piece: str) -> str:
    """Return a piece without the marks at its ends; the point of "Jr." stays."""
    text = clean(piece).strip(f"-–—* 。:：~～_+#={MIDDLE_DOTS}")
    return text.strip(". ") if HAN.search(text) else text.lstrip(". ")


def _without_titles(beside: Beside) -> str:
    """Return the text without the words that name a title, a class or leave and stand apart from the name."""
    words = clean(beside.text).split(" ")
    if len(words) == 1:
        return beside.text
    words_of_name: list[str] = []
    for word in words:
        if words_of_name and (is_title(word) or is_class(word) or is_organisation(word)) or is_class(word):
            beside.keep(word)
        else:
            words_of_name.append(word)
    return " ".join(words_of_name)


def _each(parts: list[str], beside: Beside) -> list[NamedPart]:
    """Return the names of one piece: what stood beside them is the last one's, and of the others it is asked."""
    doubt = [Doubt("status", {"shown": beside.absent})] if beside.absent else []
    doubt += [one for one in beside.doubts if one.code == "several_names"]
    return [*(NamedPart(name, Beside(name, doubts=list(doubt))) for name in parts[:-1]), NamedPart(parts[-1], beside)]


def _odd(text: str, *doubts: Doubt) -> PersonRead:
    name = clean(text)
    doubts_of_name = (Doubt("odd_name", {"shown": name[:_SHOWN]}), *doubts)
    return PersonRead({"name": name[:LONGEST_NAME]}, doubts_of_name)


def _is_other_thing(text: str) -> bool:
    """Say whether this is one word that names a class, an enterprise or a page: 初二(3)班 holds no remark."""
    if len(text.split()) > 1 or text[-1] in _CLOSING or any(one in text for one in "、，,;；"):
        return False
    return "://" in text or is_class(text) or is_organisation(text)


def _says_anything(text: str) -> bool:
    return any(map(_is_letter, text))


def _is_of_names(character: str) -> bool:
    return character.isalpha() or HAN.match(character) is not None or PRIVATE.match(character) is not None


def _is_letter(character: str) -> bool:
    return character.isalnum() or PRIVATE.match(character) is not None
