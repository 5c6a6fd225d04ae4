"""What a word in a roster looks like: a name, a mobile, an enterprise, a class, a job title."""

from __future__ import annotations

import re

from kiosk.services.names import LONG_SURNAMES, MIDDLE_DOTS, normalise_mobile

HAN = re.compile(
    "[\u2e80-\u2eff\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\ue000-\uf8ff]"
)  # private ones, too
# With rare ones, but none that begins the names of enterprises more often than those of people.
SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳"
    "酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅"
    "庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫房裘缪干解应宗丁宣贲"
    "邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫"
    "宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵"
    "冉宰郦雍却璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东"
    "欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公岳帅缑亢况有琴肖付闫闻"
    "邸覃郇代仝苟楚敬冼覃粟原亓佟肇佘佴商牟晋撒苑矫揭楼岩仉佀门宛阳涂令操练丛战车植迟官税么卿奉来青"
) - frozenset("水家山东国广富通空农文新明乐和平青红来益公有利能相都须终充越")
# Of those, the ones that begin names of people often enough where nothing speaks for an enterprise.
_SURNAMES_TOO = frozenset("水山东国广农文明乐平")
_ORGANISATION = re.compile(
    r"公司|厂$|局$|银行|学校|中学|小学|大学|学院|中心|集团|协会|委员会|政府|医院|研究[院所]|商会|合作社|事务所|街道|"
    r"\b(?:Ltd|Inc|Co|GmbH|LLC|AG|University|School|Bank)\b", re.IGNORECASE
)  # fmt: skip
_TITLE = re.compile(
    r"经理|主任|部长|总监|科长|处长|厂长|校长|院长|行长|局长|董事|总工|工程师|主管|专员|教师|书记|质量官"
)
_CLASS = re.compile(r"\d\s*[)）]?\s*班|[一二三四五六七八九十][)）]?班")

_UNIT = re.compile(r"(?:[区县市镇乡村组队处室部局厂股]|单位|片区|代表团)$")
_NUMBERED_UNIT = re.compile(r"第?[一二三四五六七八九十0-9]{1,3}[组队车桌排]")


def is_unit(value: str) -> bool:
    """Say whether a word reads like a part of a town or of an office, as it stands above its people: 东城区, 第一组."""
    is_named = 2 < len(value) < 13 and HAN.match(value) is not None and _UNIT.search(value) is not None
    return is_named or _NUMBERED_UNIT.fullmatch(value) is not None


def is_organisation(value: str) -> bool:
    """Say whether this reads like an enterprise, a school or an agency."""
    return len(value) > 2 and _ORGANISATION.search(value) is not None


def is_class(value: str) -> bool:
    """Say whether this reads like a school class."""
    return len(value) <= 20 and _CLASS.search(value) is not None


def is_title(value: str) -> bool:
    """Say whether this reads like a job title."""
    return len(value) <= 20 and _TITLE.search(value) is not None


def is_name(value: str) -> bool:
    """Say whether this reads like a Chinese person's name: two to four Han characters, nothing else."""
    bare = "".join(value.split()).replace("·", "")
    return 2 <= len(bare) <= 4 and all(HAN.fullmatch(one) for one in bare) and not is_title(bare)


def is_surely_name(value: str) -> bool:
    """Say whether this is a Chinese name beyond doubt: of four characters enterprises have theirs too, 东风汽车."""
    return is_name(value) and has_surname(value) and (len(value) < 4 or value[:2] in LONG_SURNAMES)


def is_mobile(value: str) -> bool:
    """Say whether this reads like a mobile."""
    return normalise_mobile(value) is not None


def has_surname(value: str) -> bool:
    """Say whether this begins with one of the common surnames."""
    return value[:1] in SURNAMES or value[:2] in LONG_SURNAMES


def may_begin_name(value: str) -> bool:
    """Say whether this begins as names of people do, or is in letters of which nobody can say."""
    return has_surname(value) or value[:1] in _SURNAMES_TOO or HAN.match(value) is None or _has_dot(value)


def _has_dot(value: str) -> bool:
    return any(dot in value for dot in MIDDLE_DOTS)
