"""Numbers, days and texts as their cells show them."""

from __future__ import annotations

import pytest

from kiosk.jobs.cell_texts import Shown, show_number, show_text
from kiosk.jobs.number_formats import BUILT_IN, LONGEST_CODE

DAY = 45353  # 2 March 2024


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (3.0, "General", "3"), (36.6, "General", "36.6"), (0.1 + 0.2, "General", "0.3"), (-3, "General", "-3"),
        (13800138000.0, "General", "13800138000"), (123456789012.5, "General", "123456789012.5"),
        (1234, "00000000", "00001234"), (7, "000", "007"), (20240107, "00000000", "20240107"),
        (13800138000, "000-0000-0000", "138-0013-8000"), (3, '0"班"', "3班"), (3, 'General"班"', "3班"),
        (5, '"第"0"号"', "第5号"), (5, "\\A0", "A5"), (1234567.5, "#,##0.00", "1,234,567.50"), (12, "0,000", "0,012"),
        (1234567, "#,##0", "1,234,567"), (0.256, "0.0%", "25.6%"), (0.5, "0%", "50%"), (2.345, "0.00", "2.35"),
        (1.5, "0.0#", "1.5"), (12345678, "0,", "12346"), (1.5, "# ?/?", "1 1/2"), (0.25, "?/?", "1/4"),
        (-5, "0;(0)", "(5)"), (-5, "0", "-5"), (0, '0;-0;"无"', "无"), (0, "0;;", ""), (7, ";;;", "7"),
        (1, '[=1]"男";[=2]"女";General', "男"), (2, '[=1]"男";[=2]"女";General', "女"),
        (12.5, '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "12.50"), (8, "[$¥-804]0.00", "¥8.00"),
        (8, "[Red]0", "8"), (21, "[DBNum1]General", "21"), (8, "@", "8"), (8, "", "8"), (8, "无", "无"),
    ],
)  # fmt: skip
def test_numbers_show_as_their_format_says(value: float, code: str, text: str) -> None:
    assert show_number(value, code) == Shown(text)


@pytest.mark.parametrize(
    ("value", "code", "text", "was"),
    [
        (DAY, 'm"月"d"日"', "3月2日", "3-2"), (DAY, "d-mmm", "2-Mar", "3-2"), (DAY, "m/d", "3/2", "3-2"),
        (DAY, BUILT_IN[58], "3月2日", "3-2"), (DAY, BUILT_IN[14], "2024/3/2", "2024-3-2"),
        (DAY, BUILT_IN[31], "2024年3月2日", "2024-3-2"), (DAY, "yyyy\\-mm\\-dd", "2024-03-02", "2024-3-2"),
        (DAY, '[DBNum1][$-804]yyyy"年"m"月"d"日";@', "2024年3月2日", "2024-3-2"), (DAY, "mmm-yy", "Mar-24", "3-24"),
        (DAY, 'yyyy"年"m"月"', "2024年3月", "2024-3"), (DAY + 0.5, "yyyy/m/d h:mm", "2024/3/2 12:00", "2024-3-2"),
        (DAY, "[$-804]mmmd", "3月2", "3-2"), (1, "yyyy/m/d", "1900/1/1", "1900-1-1"),
    ],
)  # fmt: skip
def test_days_show_as_their_format_says_and_are_marked_with_what_was_typed(
    value: float, code: str, text: str, was: str
) -> None:
    assert show_number(value, code) == Shown(text, "date", was)


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0.75, 'h"时"mm"分"', "18时00分"), (0.75, "h:mm AM/PM", "6:00 PM"), (0.75, "mm:ss", "00:00"),
        (0.75, BUILT_IN[55], "下午6时00分"), (DAY, "aaaa", "星期六"), (DAY, "ddd", "Sat"),
        (DAY, "[$-804]dddd", "星期六"),
    ],
)  # fmt: skip
def test_hours_and_days_of_the_week_are_no_dates_that_somebody_typed(value: float, code: str, text: str) -> None:
    assert show_number(value, code) == Shown(text)


@pytest.mark.parametrize(
    ("value", "code", "text", "was"),
    [
        (3 / 24 + 2 / 1440, "h:mm", "3:02", "3:2"), (3 / 24 + 2 / 1440, "h:mm:ss", "3:02:00", "3:2"),
        (0.75, "hh:mm", "18:00", "18:00"), (30 / 24 + 2 / 1440, "[h]:mm:ss", "30:02:00", "30:2"),
        (3 / 24 + 2 / 1440 + 1 / 86400, "h:mm:ss", "3:02:01", "3:2:1"), (0.9999999, "h:mm:ss", "0:00:00", "0:00"),
    ],
)  # fmt: skip
def test_hours_that_a_program_makes_by_itself_are_marked(value: float, code: str, text: str, was: str) -> None:
    assert show_number(value, code) == Shown(text, "time", was)


def test_the_calendar_of_1904_is_four_years_further_on() -> None:
    assert show_number(DAY - 1462, "yyyy/m/d", is_1904=True) == Shown("2024/3/2", "date", "2024-3-2")


@pytest.mark.parametrize("value", [-1.0, 3e6, 1e300])
def test_what_is_no_day_is_shown_as_the_number_it_is(value: float) -> None:
    shown = show_number(value, "yyyy/m/d")
    assert shown.mark == "" and float(shown.text) == value


def test_numbers_that_lost_digits_are_marked() -> None:
    assert show_number(420106199001010000.0) == Shown("420106199001010000", "digits", "4.20E+17")
    assert show_number(13800138000, "0.00E+00") == Shown("13800138000", "digits", "1.38E+10")
    assert show_text("1.38E+10") == Shown("1.38E+10", "digits", "1.38E+10")
    assert show_text("420106199001010000").mark == "digits" and show_text("420106199001011234").mark == ""
    assert show_number(202401070001).mark == ""


@pytest.mark.parametrize(
    ("text", "code", "shown"),
    [
        ("甘一_x000D_", "General", "甘一"), ("松林_x000D_\n机电", "General", "松林\n机电"),
        ("_x005F_x000D_", "General", "_x000D_"),
        ("_xD83D__xDE00_", "General", "😀"), ("a_x0000_b", "General", "ab"), ("_xD83D_", "General", "\ufffd"),
        ("3", '@"班"', "3班"), ("甘\ue000", "@", "甘\ue000"), ("a\r\nb", "@", "a\nb"),
    ],
)  # fmt: skip
def test_text_shows_with_its_escapes_decoded(text: str, code: str, shown: str) -> None:
    assert show_text(text, code).text == shown


@pytest.mark.parametrize(
    "code", ["0" * 200, "#,##0.00" * 30, "[[[[", '"' * 99, ";" * 99, "\\", "E+", "0E+0E+0", "//", "yyyymmddhhss.000"]
)
@pytest.mark.parametrize("value", [0.0, 1e15, -0.5, 1e-300, 1e308, 45353.7])
def test_no_code_raises(code: str, value: float) -> None:
    show_number(value, code)
    show_number(value, code * (LONGEST_CODE // len(code) + 2))
    show_text("x", code)
