"""Which passwords are refused as those that are tried first, and which are not."""

from __future__ import annotations

import secrets

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.services.account import guessable, passwords, staff
from kiosk.services.refusals import Refused
from tests.aids.factories import PASSWORD, log_in, make_staff, post

EMAIL = "wang.xiaoqiang@dongbei.example"
GUESSED = {
    "on the list": ["1q2w3e4r5t", "Password123", "1QAZ2wsx3EDC", "Manchester"],
    "on the list, dressed up": ["dragon2024!", "!!Sunshine88", "2024football"],
    "repeated": ["aaaaaaaaaa", "abababababab", "abcabcabcabc", "a1b2ca1b2ca1b2c", "王王王王王王王王王王"],
    "in a row": ["1234567890", "0987654321", "abcdefghijkl", "abcd123456", "qwertyasdfgh", "aaabbbcccddd",
                 "poiuytrewq12", "１２３４５６７８９０"],
    "of known words": ["kiosk-1903x", "wangxiaoqiang", "Xiaoqiang1987", "dongbei#2026", "kiosk_kiosk_k",
                       "签到签到签到9163"],
}  # fmt: skip


@pytest.mark.parametrize("typed", [one for many in GUESSED.values() for one in many])
def test_password_that_is_tried_first_is_refused(typed: str) -> None:
    for worn in (typed, f"{typed} "):
        with pytest.raises(Refused) as refused:
            passwords.check_new(worn, EMAIL)
        assert refused.value.code == "password_is_guessable"


@pytest.mark.parametrize(
    "typed",
    [PASSWORD, "another long sentence", "k7Qw-02xLmPz", "xiaoqiang has three goats", "kiosk by the river door",
     "三只山羊过河去吃草了", "dragon of the lake", "tall-0192-crane", "4f9d01c6b7e2"],
)  # fmt: skip
def test_any_other_is_taken(typed: str) -> None:
    passwords.check_new(typed, EMAIL)


def test_list_holds_only_what_it_could_refuse() -> None:
    words = guessable.LIST.read_text(encoding="utf-8").split()
    assert words == sorted(set(words)) and len(words) > 2_000
    assert all(word == word.casefold() for word in words)
    assert all(len(word) >= passwords.MIN_LENGTH or word.isalpha() for word in words), "alone, or dressed up"


def test_what_the_demo_makes_by_chance_is_taken() -> None:
    assert not any(guessable.is_guessable(secrets.token_urlsafe(9), "demo@example.org") for _ in range(2_000))


def test_every_door_refuses_it_in_words(app: Flask, client: FlaskClient) -> None:
    answer = client.post(f"/setup/{staff.setup_url_token()}", data={"email": EMAIL, "password": "1234567890"})
    assert answer.status_code == 422 and "太容易被猜到" in answer.text
    make_staff()
    log_in(client, "admin@example.org")
    for path, fields in (
        ("/staff", {"email": "li@example.org", "role": "viewer"}),
        ("/account/password", {"current": PASSWORD}),
    ):
        answer = post(client, path, password="1234567890", **fields)
        assert answer.status_code == 422 and "太容易被猜到" in answer.text
