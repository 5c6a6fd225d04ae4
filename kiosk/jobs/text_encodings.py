"""The encodings that the bytes of a list may be in, likeliest first, judged by what they would say.

Why no library: docs/decisions/0016-reading-cells.md.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from .sheet_cells import Unreadable
from .text_tables import HEADER_WORDS

BOMS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
# By the name that the answer gives; Python's is wider where programs write more than the name allows.
CHINESE = {"gb18030": "gb18030", "big5": "big5hkscs"}
MOST_BOOKS = 4
SURE, APART = 0.6, 0.3  # the least score of what stands alone, and how far behind the next one must be
JUDGED = 100_000  # bytes
DAMAGED = "\ufffd"
CONTROLS = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f]")
BROKEN_WORD = re.compile("[A-Za-z][\u3400-\u9fff\ue000-\uf8ff][a-z]|[A-Za-z]{2}[\u3400-\u9fff]\\b")
KANA = re.compile("[\u3041-\u30fa]")
HALF_KANA = re.compile("[\uff61-\uff9f]")
HAN_CELL = re.compile("(?<![\u3400-\u9fff])[\u3400-\u9fff]{2,4}(?![\u3400-\u9fff])")
IN_A_WORD = re.compile("(?<=[A-Za-z])[À-ÖØ-öø-ÿŒœŠšŽžŸ]{1,2}(?![À-ÿ])|(?<![À-ÿ])[À-ÖØ-öø-ÿŒœŠšŽžŸ](?=[A-Za-z])|[’“”–€]")
# How the commonest family names begin, in both scripts: a wrong encoding hits one of them in a hundred characters.
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟"
    "谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严戴甘張劉陳楊黃趙吳孫馬羅鄭謝許韓"
    "馮鄧蔣葉蘇呂盧鍾譚陸賈韋鄒閻龍賀顧龔萬錢嚴"
)


@dataclass(frozen=True)
class Decoded:
    """Text as one encoding reads it; `score` says how much it reads like a list, from 0 to 1."""

    encoding: str
    text: str
    score: float = 1.0


def decodings_of(content: bytes) -> list[Decoded]:
    """Return what the bytes may say, likeliest first: one where the evidence is clear; raise Unreadable for no text."""
    for bom, encoding in BOMS:
        if content.startswith(bom):
            return [Decoded(encoding, _checked(content.decode(encoding, "replace").lstrip("\ufeff")))]
    if b"\0" in content:
        return [_without_bom(content)]
    likely = _as_utf_8(content)
    if likely:
        return [likely]
    candidates = sorted(_candidates(content), key=lambda one: -one.score)
    if not candidates:
        raise Unreadable("no_table")
    best = candidates[0]
    near = [one for one in candidates if one.score > best.score - APART]
    if best.encoding != "cp1252" and best.score >= SURE and len(near) == 1:
        return [best]
    return candidates[: max(2, min(len(near), MOST_BOOKS))]


def _checked(text: str) -> str:
    """Return the text; raise Unreadable for what is none."""
    if len(CONTROLS.findall(text[:JUDGED])) > len(text[:JUDGED]) / 100:
        raise Unreadable("no_table")
    return CONTROLS.sub("", text)


def _as_utf_8(content: bytes) -> Decoded | None:
    """Read UTF-8, also with a few damaged bytes: its sequences do not come about by chance."""
    try:
        return Decoded("utf-8", _checked(content.decode("utf-8")))
    except UnicodeDecodeError:
        text = content.decode("utf-8", "replace")
    bad = text.count(DAMAGED)
    good = sum(character > "\x7f" for character in text) - bad
    return Decoded("utf-8", _checked(text)) if good >= 4 * bad else None


def _without_bom(content: bytes) -> Decoded:
    """Read UTF-16 without its mark: only there does a list hold zero bytes."""
    likely = []
    for encoding in ("utf-16-le", "utf-16-be"):
        text = content.decode(encoding, "replace")
        head = text[:JUDGED]
        plain = sum("\x20" <= one <= "\x7e" or one in "\r\n\t" or _is_common(one) for one in head)
        likely.append(Decoded(encoding, text, plain / max(1, len(head))))
    best = max(likely, key=lambda one: one.score)
    if best.score < 0.6:
        raise Unreadable("no_table")
    return Decoded(best.encoding, _checked(best.text), best.score)


def _candidates(content: bytes) -> list[Decoded]:
    likely = []
    for name, codec in CHINESE.items():
        if text := _decoded(content, codec):
            likely.append(Decoded(name, text, _chinese_score(text[:JUDGED], name)))
    if (text := _decoded(content, "cp932")) and (score := _japanese_score(text[:JUDGED])):
        likely.append(Decoded("shift_jis", text, score))
    text = _checked(content.decode("cp1252", "replace"))
    high = sum(character > "\x7f" for character in text[:JUDGED])
    words = sum(map(len, IN_A_WORD.findall(text[:JUDGED])))
    likely.append(Decoded("cp1252", text, words / max(1, high)))
    return likely


def _decoded(content: bytes, codec: str) -> str:
    """Return the text, "" where more than a cut character is wrong with it."""
    text = content.decode(codec, "replace")
    bad, wide = text.count(DAMAGED), sum(character > "\x7f" for character in text)
    return _checked(text) if bad <= max(1, wide // 50) and wide > bad else ""


def _chinese_score(text: str, name: str) -> float:
    """Say how much a text reads like a list in Chinese: frequent characters, titles of columns, family names."""
    wide = [character for character in text if character > "\x7f"]
    common = sum(_is_common(character, name) for character in wide) / len(wide)
    titles = sum(word in text for word in HEADER_WORDS)
    cells = HAN_CELL.findall(text)
    named = sum(cell[0] in SURNAMES for cell in cells) / max(1, len(cells))
    broken = len(BROKEN_WORD.findall(text)) / len(wide)
    return max(0.0, min(1.0, 0.8 * common + 0.25 * min(titles, 2) + 0.4 * named - broken))


def _japanese_score(text: str) -> float:
    """Say how much a text reads like a list in Japanese: kana, but none of the narrow ones that GB18030 looks like."""
    wide = sum(character > "\x7f" for character in text)
    kana = len(KANA.findall(text)) / wide
    narrow = len(HALF_KANA.findall(text)) / wide
    is_titled = any(word in text for word in ("氏名", "会社", "所属", "名前"))
    return max(0.0, min(1.0, 2 * kana + 0.5 * is_titled - 2 * narrow))


def _is_common(character: str, name: str = "") -> bool:
    """Tell whether a character is among the frequent ones: the first level of GB 2312, or of Big5."""
    if character in "，。；：（）、·　“”":
        return True
    for codec, first, last in (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6)):
        if name and codec[:2] != name[:2]:
            continue
        try:
            if first <= character.encode(codec)[0] <= last:
                return True
        except UnicodeEncodeError:
            continue
    return False
