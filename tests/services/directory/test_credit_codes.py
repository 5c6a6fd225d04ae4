"""The unified social credit code by GB 32100-2015: its check character, its alphabet, what people type for it."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, strategies as st
from stdnum.cn import uscc

from kiosk.services.directory import credit_codes
from kiosk.services.directory.credit_codes import ALPHABET, LENGTH
from kiosk.services.refusals import Refused

# Published codes of enterprises, a company of Shanghai, a public institution; the first is the standard's example.
RIGHT = (
    "91350100M000100Y43", "91110000600037341L", "9144030071526726XG", "91310115MA1K3BTP2B", "121200004013590816",
)  # fmt: skip
THE_STANDARDS_WRONG_ONE = "91350100M000100Y4Z"
# Registrars whose mark is a letter: the army, rural collectives, others. python-stdnum refuses them.
LETTERS = ("A1420200MC0000001", "N2420281MF1234567", "Y1420200000000000")

DIGITS = st.text("0123456789", min_size=6, max_size=6)


def characters(count: int) -> st.SearchStrategy[str]:
    return st.text(ALPHABET, min_size=count, max_size=count)


BODIES = st.builds(lambda head, digits, tail: head + digits + tail, characters(2), DIGITS, characters(9))
NUMBERED = st.builds(lambda head, tail: head + tail, st.text("0123456789", min_size=8, max_size=8), characters(9))


def refusal(typed: str) -> Refused:
    with pytest.raises(Refused) as refused:
        credit_codes.read(typed)
    return refused.value


@pytest.mark.parametrize("code", RIGHT)
def test_published_codes_are_right(code: str) -> None:
    assert credit_codes.read(code) == code


def test_the_standards_wrong_example_is_wrong() -> None:
    assert refusal(THE_STANDARDS_WRONG_ONE).code == "code_alphabet"  # Z is no check character at all
    for last in ALPHABET.replace("3", ""):
        assert refusal("91350100M000100Y4" + last).code == "code_check"


@pytest.mark.parametrize("body", LETTERS)
def test_a_code_may_begin_with_a_letter(body: str) -> None:
    code = body + credit_codes.check_character(body)
    assert credit_codes.read(code) == code
    assert not uscc.is_valid(code), "the oracle has learned it: compare these with it too"


@given(body=NUMBERED)
def test_codes_agree_with_another_program_where_both_begin_with_digits(body: str) -> None:
    code = body + credit_codes.check_character(body)
    assert uscc.is_valid(code) and credit_codes.read(code) == code
    assert uscc.calc_check_digit(body) == code[-1]


@given(body=BODIES, at=st.integers(0, LENGTH - 1), other=st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(body: str, at: int, other: str) -> None:
    code = body + credit_codes.check_character(body)
    assume(code[at] != other)
    assert refusal(code[:at] + other + code[at + 1 :]).code in ("code_check", "code_district")


@given(body=BODIES, at=st.integers(0, LENGTH - 2))
def test_two_neighbours_that_change_places_are_always_noticed(body: str, at: int) -> None:
    code = body + credit_codes.check_character(body)
    assume(code[at] != code[at + 1])
    assert refusal(code[:at] + code[at + 1] + code[at] + code[at + 2 :]).code in ("code_check", "code_district")


@pytest.mark.parametrize(
    "typed",
    ["91350100m000100y43", "９１３５０１００Ｍ０００１００Ｙ４３", " 9135 0100 M000 100Y 43 ", "91350100-M000100Y4-3"],
)
def test_width_case_spaces_and_dashes_do_not_count(typed: str) -> None:
    assert credit_codes.read(typed) == RIGHT[0]


def test_letter_o_and_i_are_asked_for_and_never_put_in_silently() -> None:
    refused = refusal("9135O1OOM000IOOY43")
    assert (refused.code, refused.about) == ("code_look_alikes", {"characters": "I, O", "meant": RIGHT[0]})
    assert refusal("9135O1OOM000IOOY44").code == "code_alphabet"
    assert refusal("91350100M000100YS3").code == "code_alphabet"


def test_length_and_digits_of_the_district_are_said_before_the_check() -> None:
    assert refusal("91350100M000100Y4").code == "code_length"
    assert refusal("").code == "code_length"
    assert refusal("9135X100M000100Y43").code == "code_district"
