"""What is left of an organisation's name without its place and its legal form: 东贝制冷 of 黄石东贝制冷有限公司.

Two names with one core are probably one organisation; so are two of which one core contains the other, or which
differ as typing errors do. It is a rule for proposing, never for deciding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kiosk.services.names import key_of
from kiosk.services.people.pinyin import readings_of

# GB/T 2260: provinces, autonomous regions and municipalities, as names begin with them. Not 中国: without it
# the Bank of China is any bank.
PROVINCES = (
    "北京", "天津", "河北", "山西", "内蒙古", "辽宁", "吉林", "黑龙江", "上海", "江苏", "浙江", "安徽", "福建", "江西",
    "山东", "河南", "湖北", "湖南", "广东", "广西", "海南", "重庆", "四川", "贵州", "云南", "西藏", "陕西", "甘肃",
    "青海", "宁夏", "新疆", "香港", "澳门", "台湾",
)  # fmt: skip
PLACE_ENDINGS = ("自治区", "自治州", "自治县", "地区", "省", "市", "县", "区", "州")
# The longest first. 集团 and 公司 come off after these, so that 集团股份有限公司 goes as a whole.
LEGAL_FORMS = (
    "有限责任公司", "股份有限公司", "股份合作公司", "有限公司", "集团公司", "总公司", "公司", "集团", "股份",
    "有限合伙", "合伙企业", "个体工商户", "coltd", "limited", "ltd", "inc", "corp",
)  # fmt: skip
# A branch is another establishment than its house, and two branches are two.
BRANCH = re.compile(r"分公司|分行|支行|分局|分校|分院|分厂|分店|分部|办事处|营业部|[东西南北新]校区")
NUMERALS = frozenset("0123456789一二三四五六七八九十百东西南北上下前后")
SHORTEST = 2
CONTAINED_FROM = 3  # characters; two, where the other name begins with them
_KNOWN_PLACE = re.compile(r"^([一-鿿]{2,4}?)(?:自治州|市|县|区)(?=[一-鿿]{3})")


def places_in(districts: Iterable[str], agencies: Iterable[str]) -> frozenset[str]:
    """Return the places that names of this directory begin with: provinces, the districts in use, and the places
    after which its agencies are called (黄石 of 黄石市市场监督管理局), each with its ending and without."""
    places = set(PROVINCES)
    for name in districts:
        places |= {key_of(name), _without_ending(key_of(name))}
    for name in agencies:
        if (place := _KNOWN_PLACE.match(key_of(name))) is not None:
            places.add(place[1])
    return frozenset(place for place in places if len(place) >= SHORTEST)


def core_of(name: str, places: frozenset[str]) -> str:
    """Return the core of a name; of a name that is nothing but place and form, the name."""
    key = key_of(name)
    rest = _without_forms(key)
    while (shorter := _without_place(rest, places)) != rest:
        rest = shorter
    return rest if len(rest) >= SHORTEST else key


def branches_of(name: str) -> frozenset[str]:
    """Return the words that make a name a branch's."""
    return frozenset(BRANCH.findall(name))


def is_short_for(typed: str, name: str) -> bool:
    """Say whether what was typed may be short for this organisation, as 东贝制冷 or 湖北东贝 for 湖北东贝制冷有限公司.

    Only where something else names the person as well: many organisations share a short name. A branch is no house.
    """
    whole = frozenset(PROVINCES)
    short, long = core_of(typed, whole), core_of(name, whole)
    if len(short) < SHORTEST or branches_of(typed) != branches_of(name):
        return False
    return long.startswith(short) or (len(short) >= CONTAINED_FROM and short in long)


def is_slip(one: str, other: str) -> bool:
    """Say whether two cores differ as a slip of the hand makes them: two neighbours swapped, one character missing
    or too many, one written as another that is typed alike. A numeral is no slip: 十三中 is not 三中."""
    if abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < CONTAINED_FROM:
        return False
    start = _common(one, other)
    if len(one) != len(other):
        short, long = sorted((one, other), key=len)
        is_inside = 0 < start < len(short)  # at an end it is a name that the other contains
        return is_inside and short[start:] == long[start + 1 :] and long[start] not in NUMERALS
    end = _common(one[::-1], other[::-1])
    ours, theirs = one[start : len(one) - end], other[start : len(other) - end]
    if len(ours) == 2:
        return ours == theirs[::-1] and not NUMERALS & set(ours)
    return len(ours) == 1 and bool(readings_of(ours) & readings_of(theirs))


def _common(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _without_forms(key: str) -> str:
    for form in LEGAL_FORMS:
        if key.endswith(form) and len(key) - len(form) >= SHORTEST:
            return _without_forms(key.removesuffix(form))
    return key


def _without_place(key: str, places: frozenset[str]) -> str:
    for length in range(min(len(key) - SHORTEST, 12), SHORTEST - 1, -1):
        if key[:length] in places:
            rest = key[length:]
            ending = next((word for word in PLACE_ENDINGS if rest.startswith(word)), "")
            return rest[len(ending) :] if len(rest) - len(ending) >= SHORTEST else rest
    return key


def _without_ending(place: str) -> str:
    return next((place.removesuffix(word) for word in PLACE_ENDINGS if place.endswith(word)), place)
