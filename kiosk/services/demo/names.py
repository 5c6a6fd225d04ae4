"""People of the demo: every name is put together by a random generator with a fixed seed, and nobody is meant.

Mobiles begin with 160: a prefix that no carrier hands out, so that a tap on a number in the demo rings nowhere.
"""

from __future__ import annotations

import random

SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾"
    "丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
COMPOUND_SURNAMES = ("欧阳", "上官", "司徒")
FIRST = "明志建晓文海春国永德家思雨子俊立玉佳宏新立振庆良少云松梦书若亦景维承绍"
SECOND = "华强军平丽芳敏静伟涛斌辉燕琴霞刚波峰勇杰娟兰红宁洋鹏磊玲萍航轩然安晨阳琪"
MOBILE_PREFIX = "160"

QUALITY_TITLES = (
    "首席质量官", "质量部部长", "质量总监", "品管部经理", "质检主管", "体系工程师", "质量副总经理", "总经理助理",
    "生产副总", "技术中心主任", "质量管理员", "化验室主任",
)  # fmt: skip


class InventedPeople:
    """A source of names and mobiles; the same seed gives the same people in the same order."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311  made-up people, no secret
        self._names: set[str] = set()
        self._mobiles: set[str] = set()

    def name(self) -> str:
        """Return a name that was not given before."""
        while True:
            given_name = self.random.choice(SECOND)
            if self.random.random() < 0.82:
                given_name = self.random.choice(FIRST) + given_name
            surname = self.random.choice(COMPOUND_SURNAMES if self.random.random() < 0.02 else SURNAMES)
            name = surname + given_name
            if name not in self._names:
                self._names.add(name)
                return name

    def mobile(self) -> str:
        """Return a mobile that was not given before."""
        while True:
            mobile = f"{MOBILE_PREFIX}{self.random.randrange(10**8):08d}"
            if mobile not in self._mobiles:
                self._mobiles.add(mobile)
                return mobile

    def title(self) -> str:
        """Return the job title of somebody whom an enterprise sends."""
        return self.random.choice(QUALITY_TITLES)
