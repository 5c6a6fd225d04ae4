"""What staff's pages share: the right to write, whose name is shown whole, where a form leads."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask, g, get_flashed_messages
from werkzeug.exceptions import Forbidden

from kiosk.clock import utcnow
from kiosk.services.people.rows import PersonRow
from kiosk.services.refusals import Refused
from kiosk.web.frame import access, pages
from kiosk.web.frame.forms import StaffForm, text
from kiosk.web.frame.words import shown_name
from tests.aids.factories import make_event, make_staff

PUPIL = PersonRow("arrived", "student", "张小明", None, (), "", is_late=True, is_starred=True)


class NameForm(StaffForm):
    name = text("Name", 20)
    code = text("Code", 20)


def test_a_minors_name_is_whole_for_who_runs_the_event_only(app: Flask) -> None:
    event = make_event()
    assert shown_name(PUPIL, event, may_run=True) == "张小明"
    assert shown_name(PUPIL, event, may_run=False) != "张小明"
    assert shown_name(replace(PUPIL, kind="guest"), event, may_run=False) == "张小明"
    assert shown_name(PUPIL, replace(event, are_students_minors=False), may_run=False) == "张小明"


def test_the_right_to_write_ends_with_a_purge(app: Flask) -> None:
    event = make_event()
    with app.test_request_context():
        g.staff = make_staff("admin")
        assert (pages.page_of(event)["may_run"], pages.page_of(event)["may_write"]) == (True, True)
        purged = replace(event, purged_at=utcnow())
        assert (pages.page_of(purged)["may_run"], pages.page_of(purged)["may_write"]) == (True, False)
        g.staff = make_staff("viewer")
        assert pages.page_of(event)["may_write"] is False


def test_a_guard_gives_a_view_its_event_and_lets_only_those_in_who_may_run_it(app: Flask) -> None:
    event = make_event()
    view = access.run_required(lambda its_event, **more: f"{its_event.title} {more}")
    with app.test_request_context():
        g.kiosk_asked_staff = make_staff("admin")
        assert view(event.code, entry_id=1) == f"{event.title} {{'entry_id': 1}}"
        g.kiosk_asked_staff = make_staff("viewer")
        with pytest.raises(Forbidden):
            view(event.code)


def test_what_a_person_has_and_may_get_follows_from_their_state() -> None:
    assert PUPIL.is_arrived_late and PUPIL.stands_out and PUPIL.takes_ticks
    void = replace(PUPIL, state="void")
    assert not (void.is_arrived_late or void.stands_out or void.takes_ticks)
    assert not replace(PUPIL, is_trial=True).takes_ticks
    assert not replace(PUPIL, state="wait_listed").is_arrived_late


def test_a_refusal_stands_beside_its_field_or_the_usual_one(app: Flask) -> None:
    for code, field in (("name_taken", "name"), ("code_taken", "code")):
        with app.test_request_context(method="POST", data={"name": "a", "code": "b"}):
            form = NameForm()
            assert form.validate_on_submit()
            with form.refusals_beside("code", name_taken="name"):
                raise Refused(code)
            assert [name for name in ("name", "code") if form[name].errors] == [field]
            assert form.refusal is not None and form.status == 422


def test_the_next_page_says_what_is_refused(app: Flask) -> None:
    with app.test_request_context():
        with pages.saying_refusals():
            raise Refused("nobody_with_email")
        ((tone, words),) = get_flashed_messages(with_categories=True)
        assert tone == "bad" and words
