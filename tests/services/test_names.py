"""What people type, made comparable and masked: the table that every door, list, log and paper relies on."""

from __future__ import annotations

import pytest

from kiosk.services import names


@pytest.mark.parametrize(
    ("name", "masked"),
    [("", "*"), ("王", "*"), ("张三", "张*"), ("王小强", "王*强"), ("欧阳建国", "欧**国"), ("Alexandra", "A***a")],
)
def test_name_is_masked_and_never_whole(name: str, masked: str) -> None:
    assert names.mask_name(name) == masked


def test_long_name_does_not_tell_how_long_it_is() -> None:
    assert names.mask_name("A" + "l" * 40 + "a") == "A***a"


@pytest.mark.parametrize(("mobile", "masked"), [(None, ""), ("", ""), ("13800138000", "138****8000")])
def test_mobile_is_masked_in_its_middle(mobile: str | None, masked: str) -> None:
    assert names.mask_mobile(mobile) == masked


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13800138000", "13800138000"), (" 138 0013-8000 ", "13800138000"), ("１３８００１３８０００", "13800138000"),
        ("+86 138 0013 8000", "13800138000"), ("008613800138000", "13800138000"), ("8613800138000", "13800138000"),
        ("+49 170 1234567", "+491701234567"), ("00491701234567", "+491701234567"),
        ("12800138000", None), ("1380013800", None), ("138001380001", None), ("+8612345", None), ("王强", None),
        ("", None),
    ],
)  # fmt: skip
def test_mobile_is_kept_as_digits_or_not_at_all(typed: str, kept: str | None) -> None:
    assert names.normalise_mobile(typed) == kept


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("王　强", "王强"),
        ("ＡＢＣ公司", "abc公司"),
        ("阿卜杜·拉赫曼", "阿卜杜拉赫曼"),
        ("Anna  Lee", "anna lee"),
        ("王\u200b强", "王强"),
        ("葛\U000e0100城", "葛城"),
        ("城\ufe00", "城"),
        *((f"古丽{dot}某某", "古丽·某某") for dot in "•・･‧∙⋅˙.。"),
    ],
)
def test_spellings_of_one_name_share_a_key(one: str, other: str) -> None:
    assert names.key_of(one) == names.key_of(other)


def test_a_name_of_dots_alone_still_has_a_key() -> None:
    assert names.key_of("···") != ""


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" 王 \t 强 ", "王 强"),
        ("王\u200b强\u202e", "王强"),
        ("Cafe\u0301", "Café"),
        ("a\u2028b", "a b"),
        ("甘\ue863", "甘\ue863"),
        ("葛\U000e0100城", "葛\U000e0100城"),
    ],
)
def test_text_is_kept_composed_single_spaced_and_without_what_cannot_be_seen(typed: str, kept: str) -> None:
    assert names.clean(typed) == kept


def test_emoji_are_told_from_rare_characters() -> None:
    assert names.has_pictures("王强😀") and not names.has_pictures("䶮𠮷·O'Neil")
    assert names.has_pictures("1\ufe0f\u20e3") and names.has_pictures("王❤\ufe0f")


@pytest.mark.parametrize(
    ("name", "masked"), [("葛\U000e0100城", "葛*"), ("葛城\U000e0101", "葛*"), ("葛\ufe00城一", "葛*一")]
)
def test_the_variant_of_a_character_is_no_obstacle_and_no_character(name: str, masked: str) -> None:
    assert not names.has_pictures(name) and names.clean(name) == name
    assert names.mask_name(name) == masked


def test_emoji_go_with_what_belongs_to_them() -> None:
    assert names.clean(names.without_pictures("🌸甘四❤\ufe0f")) == "甘四"
    assert names.without_pictures("葛\U000e0100城") == "葛\U000e0100城"


@pytest.mark.parametrize(
    ("number", "masked"), [("20230301", "******01"), ("305", "*05"), ("05", "**"), ("5", "*"), ("", ""), (None, "")]
)
def test_a_short_student_number_is_masked_like_a_long_one(number: str | None, masked: str) -> None:
    assert names.mask_number(number) == masked


def test_a_surname_of_two_characters_is_not_cut_in_half() -> None:
    names_of = ("欧阳娜娜", "欧阳\U000e0100修", "司马", "王强", "䶮建国", "Anna", "")
    assert [names.surname_of(name) for name in names_of] == ["欧阳", "欧阳", "司马", "王", "䶮", "A", ""]
