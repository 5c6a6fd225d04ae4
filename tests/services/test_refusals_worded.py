"""Every refusal is said in the page's language at every door: no code, and no English on a Chinese screen."""

from __future__ import annotations

import re
from typing import get_args

from flask import Flask
from flask_babel import force_locale

from kiosk.services import refusal_words
from kiosk.services.refusal_words import WORDS, Door

LATIN = re.compile(r"[A-Za-z]{3,}")
# What is put in, and what is called so in Chinese too.
NAMES = re.compile(r"%\(\w+\)s|excel|xlsx?|xlsb|csv|ods|wps|xml|utf-?8|gbk|KIOSK\w+", re.IGNORECASE)


def test_every_refusal_is_said_in_chinese_at_every_door(app: Flask) -> None:
    doors = [door for door in get_args(Door) if door != "command"]  # commands speak English
    with app.test_request_context(), force_locale("zh"):
        said = {(code, door): refusal_words.say(code, door) for code in WORDS for door in doors}
    assert {where: words for where, words in said.items() if LATIN.search(NAMES.sub("", words))} == {}
    assert said["consent", "trouble"] == "未确认同意"
