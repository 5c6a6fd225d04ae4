"""What a word in a roster looks like: a name, a mobile, an enterprise, a class, a job title."""

from __future__ import annotations

import re

from kiosk.services.names import normalise_mobile

HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_ORGANISATION = re.compile(
    r"公司|厂$|局$|银行|学校|中学|小学|大学|学院|中心|集团|协会|委员会|政府|医院|研究[院所]|商会|合作社|事务所|街道|"
    r"\b(?:Ltd|Inc|Co|GmbH|LLC|AG|University|School|Bank)\b", re.IGNORECASE
)  # fmt: skip
_TITLE = re.compile(
    r"经理|主任|部长|总监|科长|处长|厂长|校长|院长|行长|局长|董事|总工|工程师|主管|专员|教师|书记|质量官"
)
_CLASS = re.compile(r"\d\s*[)）]?\s*班|[一二三四五六七八九十][)）]?班")


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


def is_mobile(value: str) -> bool:
    """Say whether this reads like a mobile."""
    return normalise_mobile(value) is not None
