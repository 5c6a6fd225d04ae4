"""How characters are read is what pypinyin says, from which the file of readings is made."""

from __future__ import annotations

from pypinyin.constants import PINYIN_DICT

from kiosk.services.people import pinyin
from tools.make_readings import readings

EACH = 9  # all of them take seconds


def test_characters_are_read_as_the_library_reads_them() -> None:
    characters = [chr(number) for number in sorted(PINYIN_DICT)[::EACH]]
    assert len(characters) > 4_000
    assert [one for one in characters if tuple(pinyin._readings(one)) != readings(one)] == []


def test_what_is_no_character_reads_as_itself() -> None:
    assert pinyin.initials_of("Anna Li 3，䶮") == "annali3，y"
    assert pinyin.readings_of("A") == {"A"} and pinyin.readings_of("、") == {"、"}
    assert pinyin._readings("a") == pinyin._readings(":") == pinyin._readings("\n") == []
