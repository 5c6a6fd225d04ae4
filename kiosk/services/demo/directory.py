"""Organisations of the demo: those that the article names, and enterprises made up for each district."""

from __future__ import annotations

import random

DONGBEI = "湖北东贝制冷有限公司"
MAYINGLONG = "马应龙药业股份有限公司"
CABLE = "湖北航天电缆有限公司"
LEBEIZI = "乐蓓滋食品有限公司"
SCHOOL = "湖北师范大学附属初级中学(四棵中学)"
BUREAU = "黄石市市场监督管理局"
BANK = "汉口银行黄石分行"
STEEL_CENTRE = "国家特殊钢产品质量检验检测中心"

DISTRICTS = ("大冶市", "阳新县", "黄石港区", "西塞山区", "下陆区", "铁山区")
ENGLISH = {
    "大冶市": "Daye City",
    "阳新县": "Yangxin County",
    "黄石港区": "Huangshigang District",
    "西塞山区": "Xisaishan District",
    "下陆区": "Xialu District",
    "铁山区": "Tieshan District",
}

# Sixty characters: names like this one are what breaks narrow columns and short fields.
LONG_NAME = "黄石市西塞山区长江沿岸特种合金精密铸锻与绿色再制造产业技术创新联合体示范基地投资建设运营管理服务与检验检测股份有限公司"

ALIASES = {"东贝制冷": DONGBEI, "马应龙药业": MAYINGLONG, "航天电缆": CABLE, "四棵中学": SCHOOL, "市市场监管局": BUREAU}

BRANDS_FIRST = tuple(
    "鄂 楚 磁 湖 江 矿 冶 铜 锦 恒 瑞 泰 晟 宏 鑫 卓 启 远 嘉 益 博 凯 腾 正 盛 兴 汇 隆 翔 昊".split()
)
BRANDS_SECOND = tuple("程 岳 源 川 峰 达 润 科 立 诚 威 岭 航 洲 联 丰 创 和 强 利 信 辰 邦 越 华".split())
TRADES = {
    "大冶市": ("矿山机械", "高铝瓷", "保健酒业", "模具", "铝型材", "井巷支护"),
    "阳新县": ("服饰", "新型建材", "鞋业", "农产品", "电子材料", "苎麻纺织"),
    "黄石港区": ("食品", "医疗器械", "检测技术", "包装", "仪器仪表", "水产加工"),
    "西塞山区": ("特种钢", "管业", "锻造", "环保设备", "化工材料", "冷链装备"),
    "下陆区": ("铜材", "电线电缆", "换热器", "电梯部件", "汽车零部件", "传动轴"),
    "铁山区": ("精密轴承", "铸造", "机床附件", "球墨铸管", "耐磨材料", "起重机械"),
}


class Enterprises:
    """A source of enterprises; the same seed gives the same ones in the same order."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  made-up enterprises, no secret
        self._names: set[str] = set()
        self.district_of: dict[str, str] = {
            DONGBEI: "黄石港区",
            CABLE: "下陆区",
            LEBEIZI: "西塞山区",
            LONG_NAME: "西塞山区",
        }

    def name(self, district: str) -> str:
        """Return an enterprise of this district that was not given before."""
        place = {"大冶市": "大冶", "阳新县": "阳新"}.get(district, "黄石")
        while True:
            brand = self._random.choice(BRANDS_FIRST) + self._random.choice(BRANDS_SECOND)
            ending = self._random.choice(("有限公司", "有限公司", "有限公司", "股份有限公司", "科技有限公司"))
            name = f"{place}{brand}{self._random.choice(TRADES[district])}{ending}"
            if name not in self._names:
                self._names.add(name)
                self.district_of[name] = district
                return name
