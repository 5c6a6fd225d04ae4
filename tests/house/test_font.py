"""The vendored fonts: what they can write, and that they are what their checksums say."""

from __future__ import annotations

import hashlib

import pytest
from fontTools.ttLib import TTFont

from kiosk.jobs import fonts
from tools.make_font import NAMES, SIGNS, table_characters

SIGNS_USED = "①②⑳✓→°·…—–“”‘’《》【】（）：；，。、？！％＋－／０９Ａｚ〓〇℃№㎡×÷≥￥¥★□■"


@pytest.fixture(scope="module")
def faces() -> dict[str, TTFont]:
    return {path.name: TTFont(path) for path in (fonts.REGULAR, fonts.BOLD)}


def test_the_table_is_the_whole_table() -> None:
    table = table_characters()
    assert len(table) == 8105
    assert {ord(character) for character in "一乙矗乂罐亍㑇𠙶𬭸䶮"} <= table
    assert ord("𠮷") not in table  # it has to be asked for


def test_both_faces_write_the_whole_table_and_the_rare_names(faces: dict[str, TTFont]) -> None:
    wanted = table_characters() | {ord(character) for character in "䶮𠮷" + SIGNS_USED}
    wanted |= set(range(0x20, 0x7F)) | set(range(0xA1, 0x100)) - {0xAD}
    for name, face in faces.items():
        assert not wanted - set(face.getBestCmap()), name


def test_the_regular_face_writes_every_character_of_gb_18030_level_2(faces: dict[str, TTFont]) -> None:
    level_2 = set(range(0x3400, 0x4DB6)) | set(range(0x4E00, 0x9FA6)) | table_characters()
    assert not level_2 - set(faces["KioskSansSC-Regular.ttf"].getBestCmap())


def test_no_covered_character_is_an_empty_glyph(faces: dict[str, TTFont]) -> None:
    for name, face in faces.items():
        outlines, characters = face["glyf"], face.getBestCmap()
        blank = {chr(p) for p in table_characters() | set(NAMES) if not outlines[characters[p]].numberOfContours}
        assert not blank, name


def test_the_list_of_ranges_says_what_the_regular_face_has(faces: dict[str, TTFont]) -> None:
    covered = set(faces["KioskSansSC-Regular.ttf"].getBestCmap())
    for point in range(0x20, 0x32000):
        assert fonts.is_covered(chr(point)) == (point in covered), hex(point)


def test_an_uncovered_character_is_reported_and_never_blank() -> None:
    title = "质量月 😀 \U00020000 䶮𠮷"
    assert fonts.uncovered(title) == {"😀", "\U00020000"}
    assert fonts.printable(title) == "质量月 〓 〓 䶮𠮷"


def test_what_is_not_meant_to_be_seen_is_neither_reported_nor_printed() -> None:
    text = "王\u3000强\u200b\ufeff\t❤\ufe0f e\u0301\n"
    assert fonts.uncovered(text) == {"❤"}
    assert fonts.printable(text) == "王 强 〓 é"


def test_the_fonts_are_under_12_megabytes_and_match_their_checksums() -> None:
    lines = (fonts.FOLDER / "SHA256SUMS").read_text(encoding="ascii").split("\n")[:-1]
    sums = {name: digest for digest, name in (line.split() for line in lines)}
    assert set(sums) == {fonts.REGULAR.name, fonts.BOLD.name}
    assert {name: hashlib.sha256((fonts.FOLDER / name).read_bytes()).hexdigest() for name in sums} == sums
    assert sum((fonts.FOLDER / name).stat().st_size for name in sums) <= 12_000_000


def test_the_fonts_keep_the_licence_and_not_the_reserved_or_protected_names(faces: dict[str, TTFont]) -> None:
    licence = (fonts.FOLDER / "OFL.txt").read_text(encoding="utf-8")
    assert licence.startswith("© 2014-2021 Adobe")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    for face in faces.values():
        names = face["name"]
        assert names.getDebugName(1) == "Kiosk Sans SC"
        for number in (1, 3, 4, 6):  # OFL, condition 3: the name as presented to people
            assert not {"noto", "source"} & set(names.getDebugName(number).lower().split())
        assert "Adobe" in names.getDebugName(0)
        assert "SIL Open Font License" in names.getDebugName(13)


def test_the_fonts_carry_no_layout_features(faces: dict[str, TTFont]) -> None:
    for face in faces.values():
        assert not {"GSUB", "GPOS", "GDEF", "BASE", "CFF "} & set(face.keys())


def test_the_signs_we_ask_for_are_written_down_as_ranges_in_order() -> None:
    flat = [point for pair in SIGNS for point in pair]
    assert flat == sorted(flat)
