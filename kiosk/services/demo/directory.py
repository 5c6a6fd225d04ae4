"""Organisations of the demo: those that the article names, and enterprises made up for each district."""

from __future__ import annotations

import random

DONGBEI = "湖北东贝制冷有限公司"
DONGBEI_AS_WRITTEN = "黄石东贝制冷有限公司"  # the same one to whoever wrote it: the directory proposes to merge them
MAYINGLONG = "马应龙药业股份有限公司"
CABLE = "湖北航天电缆有限公司"
LEBEIZI = "乐蓓滋食品有限公司"
SCHOOL = "湖北师范大学附属初级中学(四棵中学)"
BUREAU = "黄石市市场监督管理局"
BANK = "汉口银行黄石分行"
AGENCIES = (BUREAU, "黄石市地方金融工作局", "中国人民银行黄石市分行")
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
LONG_NAME = (
    "黄石市西塞山区长江沿岸特种合金精密铸锻件与绿色再制造产业技术创新"
    "联合体示范基地投资建设运营管理服务与检验检测股份有限公司"
)

ALIASES = {"东贝制冷": DONGBEI, "马应龙药业": MAYINGLONG, "航天电缆": CABLE, "四棵中学": SCHOOL, "市市场监管局": BUREAU}

BRANDS_FIRST = "鄂楚磁湖江矿冶铜锦恒瑞泰晟宏鑫卓启远嘉益博凯腾正盛兴汇隆翔昊"
BRANDS_SECOND = "程岳源川峰达润科立诚威岭航洲联丰创和强利信辰邦越华"
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
            DONGBEI_AS_WRITTEN: "黄石港区",
            CABLE: "下陆区",
            LEBEIZI: "西塞山区",
            LONG_NAME: "西塞山区",
        }

    def name(self, district: str) -> str:
        """Return an enterprise of this district that was not given before."""
        city = {"大冶市": "大冶", "阳新县": "阳新"}.get(district, "黄石")
        while True:
            brand = self._random.choice(BRANDS_FIRST) + self._random.choice(BRANDS_SECOND)
            ending = self._random.choice(("有限公司", "有限公司", "有限公司", "股份有限公司", "科技有限公司"))
            name = f"{city}{brand}{self._random.choice(TRADES[district])}{ending}"
            if name not in self._names:
                self._names.add(name)
                self.district_of[name] = district
                return name
