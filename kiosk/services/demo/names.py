"""People of the demo: every name is put together by a random generator with a fixed seed, and nobody is meant.

Mobiles begin with 160: a prefix that no carrier hands out, so that a tap on a number in the demo rings nowhere.
"""

from __future__ import annotations

import random

SURNAMES = tuple(
    "王 李 张 刘 陈 杨 黄 赵 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 萧 程 曹 袁 邓 许 傅 沈 曾 彭 吕"
    " 苏 卢 蒋 蔡 贾 丁 魏 薛 叶 阎 余 潘 杜 戴 夏 钟 汪 田 任 姜 范 方 石 姚 谭 廖 邹 熊 金 陆 郝 孔 白 崔 康 毛 邱 秦 江 史"
    " 顾 侯 邵 孟 龙 万 段 雷 钱 汤 尹 黎 易 常 武 乔 贺 赖 龚 文 欧阳 上官 司徒".split()
)
FIRST = tuple("明 志 建 晓 文 海 春 国 永 德 家 思 雨 子 俊 立 玉 佳 宏 新 立 振 庆 良 少 云 松 梦 书 若 亦 景 维 承 绍".split())
SECOND = tuple("华 强 军 平 丽 芳 敏 静 伟 涛 斌 辉 燕 琴 霞 刚 波 峰 勇 杰 娟 兰 红 宁 洋 鹏 磊 玲 萍 航 轩 然 安 晨 阳 琪".split())
MOBILE_PREFIX = "160"

QUALITY_TITLES = (
    "首席质量官", "质量部部长", "质量总监", "品管部经理", "质检主管", "体系工程师", "质量副总经理", "总经理助理",
    "生产副总", "技术中心主任", "质量管理员", "化验室主任",
)  # fmt: skip


class People:
    """A source of names and mobiles; the same seed gives the same people in the same order."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311  made-up people, no secret
        self._names: set[str] = set()
        self._mobiles: set[str] = set()

    def name(self) -> str:
        """Return a name that was not given before."""
        while True:
            given = self.random.choice(SECOND)
            if self.random.random() < 0.82:
                given = self.random.choice(FIRST) + given
            name = self.random.choice(SURNAMES) + given
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
