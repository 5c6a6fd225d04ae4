"""What people write in a chat beside names: greetings, answers, questions, times, and how somebody comes."""

from __future__ import annotations

import re

from kiosk.services.lists.looks_like import has_surname

# Whole words. Names that are such a word too (温馨, 周一) are asked about, which costs a tap.
_WORDS = frozenset(
    """好 行 早 赞 对 收到 收悉 好的 好滴 好嘞 好呀 好哒 可以 明白 明白了 知道 知道了 了解 清楚 没问题 没事 没有
    不用 不客气 客气 辛苦 辛苦了 感谢 多谢 谢谢 谢了 早安 早啊 早上好 上午好 中午好 下午好 晚上好 晚安 您好 你好
    老师好 各位好 各位早 大家早 大家好 欢迎 恭喜 祝贺 祝好 加油 同意 支持 确认 已确认 已阅 已读 已填 已交 已缴费
    已报名 已报 完成 已完成 打卡 学习 开会 培训 上课 下课 放学 集合 出发 报到 到齐 准时 迟到 马上 马上到 马上来
    稍等 等等 在路上 路上 到了 已到 来了 在吗 几点 今天 明天 后天 昨天 今晚 明晚 明早 今早 明天见 回头见 再见
    周一 周二 周三 周四 周五 周六 周日 周末 上午 中午 下午 晚上 早上 凌晨 方便 不方便 有空 没空 有事 都行 都可以
    都好 高兴 平安 安全 安好 温馨 温馨提示 提醒 提示 注意 重要 紧急 补充 另外 所有人 全体成员 图片 视频 语音
    表情 文件 链接 位置 红包 转账 置顶 管理员 公告 群公告 有劳 有劳了 麻烦 麻烦了 拜托 抱歉 不好意思 对不起 请问
    在线 常联系 通知 时间地点 时候 应该 成功 通过 万分感谢""".split()  # noqa: SIM905
)
_LATIN_WORDS = frozenset(
    """hello hi hey thanks thank okay ok got noted good morning afternoon evening everyone everybody see tomorrow
    today received welcome please sure yes sorry bye""".split()  # noqa: SIM905
)
_TALK = re.compile(
    r"接龙|报名|签到|名单|请[各大务假问]|谢谢|收到|通知|集合|活动|参加|参会|[的吗呢吧啊]$|领导|如下|大家|各位"
    r"|[吗呢吧呀哦嘛嗯您你我们]|(?<=.)[哪谁]|什么|怎么|那么|哪[里儿个位]|几[点号个位人时]"
    r"|[零一二两三四五六七八九十半0-9]点|点[半钟整]|[上下]午|早上|晚上|中午|今[天晚早]|明[天晚早]|后天|昨天|^老师"
    r"|老师[好们]|同学[们好]|家长|辛苦|感谢|学习|培训|开会|上课|群[里主聊公]|星期|礼拜"
    r"|^周[一二三四五六日末][上下早晚中见]"
)
# What somebody says of how they come: kept as a remark, whatever stands before and behind it.
_ASIDE = re.compile(
    r"^[已未没]|自[驾带备行]|带[孩家小老娃]|[坐乘][车坐大公地高]|打车|吃素|素食|清真|晚到|晚点|早到|早退|家属|小孩"
    r"|孩子|爱人|司机|准时|不[吃去来参用住要需能]|可以|需要|住宿|[早午晚用]餐|全程|半天|线[上下]|现场|远程|开车|高铁"
    r"|飞机|地铁|大巴|缴费|交费|付款|同行|^[0-9０-９]{1,2}$"
    r"|^[0-9０-９一二两三四五六七八九十]{1,3}\s*[人位名个份套张辆桌]$"
)
_MOMENT = re.compile(r"[0-9]{4}[年/.-][0-9]{1,2}|[0-9]{1,2}月[0-9]{1,2}|(?<![0-9])[0-9]{1,2}[:：][0-9]{2}(?![0-9])")


def is_talk(text: str) -> bool:
    """Say whether this is something that people say, and no name."""
    bare = "".join(text.split()).casefold()
    if len(bare) == 2 and bare[1] in "你们" and has_surname(bare) and bare[0] not in "谢祝":
        return False  # whoever 王们 is, it is nothing that people say
    words = text.casefold().replace(",", " ").split()
    return bare in _WORDS or _TALK.search(bare) is not None or any(word.strip(".!?") in _LATIN_WORDS for word in words)


def is_aside(word: str) -> bool:
    """Say whether a word beside a name says something of how its person comes, and names no enterprise: 自驾, 2人."""
    return is_talk(word) or _ASIDE.search(word) is not None or has_moment(word)


def has_moment(text: str) -> bool:
    """Say whether a day or a time of day stands in this, as above every message of a chat that was copied."""
    return _MOMENT.search(text) is not None
