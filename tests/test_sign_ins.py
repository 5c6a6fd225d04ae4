"""One person at one door: the rules of signing in, on SQLite and on PostgreSQL."""

from __future__ import annotations

from flask import Flask

from tests.factories import enterprise, make_event, request_for, sign_in
from kiosk.services import events, sign_ins, tallies


def test_first_scan_gets_the_first_ordinal(both_app: Flask) -> None:
    event = make_event()
    result = sign_in(event, enterprise())
    assert (result.ordinal, result.is_repeat) == (1, False)
    assert events.counts(event.id).arrived == 1
    assert tallies.recount() == ()


def test_second_scan_keeps_the_first_time(both_app: Flask) -> None:
    event = make_event()
    first = sign_in(event, enterprise())
    again = sign_in(event, enterprise())
    assert again.is_repeat and not again.is_own
    assert (again.sign_in_id, again.signed_in_at) == (first.sign_in_id, first.signed_in_at)
    assert events.counts(event.id).arrived == 1


def test_repeat_of_a_key_gets_the_same_answer(both_app: Flask) -> None:
    event = make_event()
    request = request_for(event, enterprise())
    first, again = sign_ins.sign_in(request), sign_ins.sign_in(request)
    assert again.is_own and again.sign_in_id == first.sign_in_id
