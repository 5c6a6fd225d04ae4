"""Telephones as they stand in real lists: the person is taken, the mobile where there is one, else a note."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies

from kiosk.services.lists.telephones import Telephone, telephone_in
from kiosk.services.names import normalise_mobile

SWITCHBOARD = "0714-6222222"


@pytest.mark.parametrize(
    ("cell", "mobile", "note"),
    [
        # shared case: landline.xlsx
        (SWITCHBOARD, None, SWITCHBOARD),
        ("13800130002（微信同号）", "13800130002", "微信同号"),
        ("0714-6222222转802", None, "0714-6222222转802"),
        ("６２２２２２２", None, "6222222"),
        ("13800130005转办公室", "13800130005", "转办公室"),
        ("待定", None, ""),
        ("138-0013-0007", "13800130007", ""),
        ("13800130008/0714-6222222", "13800130008", SWITCHBOARD),
        ("+852 9123 4567", "+85291234567", ""),
        ("４００－８２０－８８２０", None, "400-820-8820"),
        # a mobile beside other words and numbers
        ("0714-6222222、13800130008", "13800130008", SWITCHBOARD),
        ("13800130001 13900130002", "13800130001", "13900130002"),
        ("13800130001，\n13900130002 备用", "13800130001", "13900130002 备用"),
        ("１３８００１３０００１", "13800130001", ""),
        ("１３８ ００１３ ０００１（办）", "13800130001", "办"),
        ("+86 138 0013 0001 微信同号", "13800130001", "微信同号"),
        ("手机：13800130001", "13800130001", ""),
        ("Tel 13800130001 ext. 802", "13800130001", "Tel ext. 802"),
        ("张秘书13800130001", "13800130001", "张秘书"),
        ("'13800130001", "13800130001", ""),
        ("13800130001.0", "13800130001", ""),
        ("13800130001-802", "13800130001", "802"),
        ("香港+852-9123-4567", "+85291234567", "香港"),
        ("1\ufe0f3800130001", "13800130001", ""),
        # none
        ("(0714)6222222", None, "(0714)6222222"),
        ("（0714）6222222-802", None, "(0714)6222222-802"),
        ("（０７１４）６２２２２２２", None, "(0714)6222222"),
        ("０７１４—６２２２２２２／６２２２２２３", None, "0714-6222222/6222223"),
        ("办公室（内线８０２）", None, "办公室（内线802）"),
        ("13800130001，０７１４－６２２２２２２转８０２", "13800130001", "0714-6222222转802"),
        ("（＋８６）１３８００１３０００１", "13800130001", ""),
        ("800-820-8820", None, "800-820-8820"),
        ("1380013000", None, "1380013000"),
        ("138001300011", None, "138001300011"),
        ("420202199001011234", None, "420202199001011234"),
        ("微信联系", None, "微信联系"),
        ("无", None, ""),
        ("——", None, ""),
        ("N/A", None, ""),
        ("", None, ""),
    ],
)  # fmt: skip
def test_everybody_is_taken_whatever_stands_for_their_telephone(cell: str, mobile: str | None, note: str) -> None:
    assert telephone_in(cell) == Telephone(mobile, note)


@pytest.mark.parametrize("cell", ["1.38E+10", "1.3800130001e10", "1.38E10", "1,38E+10"])
def test_a_number_that_lost_its_digits_is_said_to_have(cell: str) -> None:
    assert telephone_in(cell) == Telephone(None, cell, is_lost=True)


@given(strategies.text(alphabet="0123456789 -+()（）/.、转E０１３８手机\n'\ufe0f", max_size=60))
def test_whatever_stands_there_a_mobile_is_one_and_no_digit_is_lost(cell: str) -> None:
    read = telephone_in(cell)
    assert read.mobile is None or normalise_mobile(read.mobile) == read.mobile
    if read.mobile is None:
        assert sum(map(str.isdigit, read.note)) == sum(map(str.isdigit, cell))
