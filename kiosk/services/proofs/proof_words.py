"""The words of a proof, which is paper in one language, whatever language the screen of whoever prints it has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from babel.dates import format_date

WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "training": "参训证明",
        "meeting": "参会证明",
        "number": "编号：{number}",
        "who": "{name}（{organisation}）",
        "training_sentence": "兹证明{who}参加了{by}“{title}”{of}，经核定计 {credit}。特此证明。",
        "meeting_sentence": "兹证明{who}参加了{by}“{title}”{of}。特此证明。",
        "by": "{host}主办的",
        "of": "（共 {count} 场）",
        "campaign": "系列活动",
        "time": "时间",
        "place": "地点",
        "hours": "学时",
        "one_hour": "1 学时",
        "some_hours": "{hours} 学时",
        "between": "、",
        "more": "等 {count} 处",
        "colon": "：",
        "seal": "（盖章）",
        "code": "核验码",
        "how_to": "扫码，或打开下列网址输入核验码，可核对本证明的真伪。",
        "file": "{title} {word}",
    },
    "en": {
        "training": "Proof of Training",
        "meeting": "Proof of Attendance",
        "number": "No. {number}",
        "who": "{name} ({organisation})",
        # Straight quotes: in the Chinese face curly ones are as wide as a character.
        "training_sentence": 'This is to certify that {who} attended "{title}"{of}{by} and is credited with {credit}.',
        "meeting_sentence": 'This is to certify that {who} attended "{title}"{of}{by}.',
        "by": ", organised by {host}",
        "of": " ({count} events)",
        "campaign": "Campaign",
        "time": "Time",
        "place": "Place",
        "hours": "Credited hours",
        "one_hour": "1 hour",
        "some_hours": "{hours} hours",
        "between": ", ",
        "more": " and {rest} more",
        "colon": ": ",
        "seal": "(seal)",
        "code": "Verification code",
        "how_to": "Scan it, or open this address and type the code, to check that this proof is genuine.",
        "file": "{word}, {title}",
    },
}


def day_text(day: date, language: str) -> str:
    """Return a day as papers write it: `2026年9月10日`, `10 September 2026`."""
    return format_date(day, "y年M月d日" if language == "zh" else "d MMMM y", locale=language)


def hours_text(hours: float) -> str:
    """Return `4` or `3.5`."""
    return f"{hours:.2f}".rstrip("0").rstrip(".")
