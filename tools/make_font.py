"""Make the fonts of the paper side from Debian's package fonts-noto-cjk; say `python tools/make_font.py`.

Writes into static/vendor/fonts/: KioskSansSC-Regular.ttf, KioskSansSC-Bold.ttf, OFL.txt, SHA256SUMS and coverage.txt.
docs/decisions/0003-the-font.md says why these characters and why TrueType outlines.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

SOURCE = Path("/usr/share/fonts/opentype/noto")
LICENCE = Path("/usr/share/doc/fonts-noto-cjk/copyright")
TABLE = Path(__file__).with_name("tongyong-8105.txt")
TARGET = Path(__file__).resolve().parent.parent / "static" / "vendor" / "fonts"
SIMPLIFIED_FACE = 2  # in the collection: JP, KR, SC, TC, HK
MAX_ERROR = 1.5  # of 1,000 units per em: 0.025 mm in a 46 pt title, under one dot of a 600 dpi printer
MAX_BYTES = 12_000_000  # both faces together

Ranges = tuple[tuple[int, int], ...]
SIGNS: Ranges = (
    (0x0020, 0x007E),  # ASCII
    (0x00A0, 0x017F),  # Latin-1 and Latin Extended-A: names, pinyin
    (0x01CD, 0x01DC),  # pinyin with tones
    (0x02C6, 0x02DC),
    (0x0391, 0x03C9),  # Greek
    (0x0401, 0x0451),  # Cyrillic
    (0x2010, 0x2044),  # dashes, quotation marks, … ‰ ※
    (0x20A0, 0x20BF),  # currencies
    (0x2100, 0x22FF),  # ℃ № ⅓ Ⅳ → ∞
    (0x2460, 0x24FF),  # ①
    (0x2500, 0x266F),  # box drawing, ■ ● ★ ☐
    (0x2713, 0x2717),  # ✓ ✗
    (0x3000, 0x303F),  # CJK punctuation, 〇 〓
    (0x3040, 0x30FF),  # kana
    (0x3200, 0x33FF),  # ㈠ ㎡
    (0xFE10, 0xFE4F),
    (0xFF01, 0xFFEE),  # full-width forms
)
# With the table this is the repertoire of GB 18030-2022 at implementation level 2.
CJK: Ranges = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF))
NAMES = (0x4DAE, 0x20BB7)  # 䶮, 𠮷: in people's names; the first is in the table, the second is not
NOT_NEEDED = ("GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG")


def table_characters() -> set[int]:
    """Return the code points of the 通用规范汉字表."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return {ord(character) for line in lines if not line.startswith("#") for character in line}


def spread(ranges: Ranges) -> set[int]:
    """Return every code point of the ranges, both ends included."""
    return {point for first, last in ranges for point in range(first, last + 1)}


def make(source: str, style: str, wanted: set[int]) -> bytes:
    """Subset one face, turn its outlines into TrueType ones, name it; return the file's bytes."""
    font = TTFont(SOURCE / source, fontNumber=SIMPLIFIED_FACE, recalcTimestamp=False)
    options = subset.Options(layout_features=[], hinting=False, glyph_names=False, notdef_outline=True, name_IDs=["*"])
    options.drop_tables += NOT_NEEDED
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted & set(font.getBestCmap()))
    subsetter.subset(font)
    to_truetype(font)
    rename(font, style)
    target = TARGET / f"KioskSansSC-{style}.ttf"
    font.save(target)
    return target.read_bytes()


def to_truetype(font: TTFont) -> None:
    """Replace the cubic CFF outlines by quadratic ones (at most MAX_ERROR units off)."""
    glyph_set, order = font.getGlyphSet(), font.getGlyphOrder()
    font["loca"] = newTable("loca")
    glyf = font["glyf"] = newTable("glyf")
    glyf.glyphOrder, glyf.glyphs = order, {}
    for name in order:
        pen = TTGlyphPen(glyph_set)
        glyph_set[name].draw(Cu2QuPen(pen, MAX_ERROR, reverse_direction=True))
        glyph = glyf.glyphs[name] = pen.glyph()
        glyph.recalcBounds(glyf)
        font["hmtx"][name] = (font["hmtx"][name][0], getattr(glyph, "xMin", 0))
    del font["CFF "]
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    maxp.maxZones = 1
    # There are no instructions and no composite glyphs; fontTools counts points and contours itself when it saves.
    for purpose in (
        "TwilightPoints",
        "Storage",
        "FunctionDefs",
        "InstructionDefs",
        "StackElements",
        "SizeOfInstructions",
    ):
        setattr(maxp, f"max{purpose}", 0)
    for purpose in (
        "ComponentElements",
        "Points",
        "Contours",
        "CompositePoints",
        "CompositeContours",
        "ComponentDepth",
    ):
        setattr(maxp, f"max{purpose}", 0)
    font["post"].formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"


def rename(font: TTFont, style: str) -> None:
    """Give the modified version a name of its own (OFL, condition 3); keep copyright and licence."""
    names = font["name"]
    kept = {number: str(names.getName(number, 3, 1, 0x409)) for number in (0, 5, 13, 14)}
    names.names = []
    described = {
        **kept,
        1: "Kiosk Sans SC",
        2: style,
        3: f"KioskSansSC-{style}; modified from {kept[5]}",
        4: f"Kiosk Sans SC {style}",
        5: f"{kept[5]}; subset and converted for Kiosk",
        6: f"KioskSansSC-{style}",
    }
    for number, text in described.items():
        names.setName(text, number, 3, 1, 0x409)


def coverage(font: TTFont) -> str:
    """Return the font's characters as lines of "first-last" in hexadecimal: read without any font library."""
    points = sorted(font.getBestCmap())
    ranges: list[list[int]] = []
    for point in points:
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return "".join(f"{first:X}-{last:X}\n" for first, last in ranges)


def licence() -> str:
    """Return the OFL text that the Debian package carries, with the font's own copyright line first."""
    text = LICENCE.read_text(encoding="utf-8").split("License: SIL-1.1\n -", 1)[1].split("\nLicense: GPL", 1)[0]
    lines = [line.removeprefix(" ") for line in (" -" + text).splitlines()]
    notice = str(TTFont(TARGET / "KioskSansSC-Regular.ttf")["name"].getName(0, 3, 1, 0x409))
    body = "\n".join("" if line == "." else line for line in lines)
    return f"{notice}\nModified Version: subset, outlines converted to TrueType, renamed for Kiosk.\n\n{body.strip()}\n"


def main() -> int:
    """Make everything; return 1 when a face lacks a character of the table or both together are too big."""
    TARGET.mkdir(parents=True, exist_ok=True)
    table = table_characters() | set(NAMES)
    files = {
        "KioskSansSC-Regular.ttf": make("NotoSansCJK-Regular.ttc", "Regular", table | spread(SIGNS) | spread(CJK)),
        "KioskSansSC-Bold.ttf": make("NotoSansCJK-Bold.ttc", "Bold", table | spread(SIGNS)),
    }
    for name, content in files.items():
        missing = table - set(TTFont(TARGET / name).getBestCmap())
        print(f"{name}: {len(content):,} bytes, {len(missing)} of {len(table):,} characters missing")
        if missing:
            return 1
    (TARGET / "coverage.txt").write_text(coverage(TTFont(TARGET / "KioskSansSC-Regular.ttf")), encoding="ascii")
    (TARGET / "OFL.txt").write_text(licence(), encoding="utf-8")
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    (TARGET / "SHA256SUMS").write_text(sums, encoding="ascii")
    return 0 if sum(map(len, files.values())) <= MAX_BYTES else 1


if __name__ == "__main__":
    sys.exit(main())
