"""Who may open what: every staff route, as seen by a stranger and by each role. A route that is missing here fails."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from kiosk.jobs.runner import run_job
from kiosk.services.account import staff_sessions
from kiosk.services.account.staff import StaffView
from kiosk.services.door import links
from kiosk.services.event import campaigns, event_access, events, posters
from kiosk.services.event.event_views import EventView
from kiosk.services.proofs import proof_papers
from kiosk.services.refusals import Refused
from kiosk.services.reports import papers
from kiosk.services.sheet import emergency
from kiosk.services.tables import sheet_files
from kiosk.web.door import steward
from kiosk.web.frame import access
from tests.aids.access_table import (
    ACTIONS,
    ADMIN,
    CAPABILITIES,
    ELSEWHERE,
    ENDING,
    LISTED,
    OPEN,
    OTHER,
    OWNER,
    REVOKED,
    STEWARD,
    TABLE,
    VIEWER,
)
from tests.aids.apps import build_app, close
from tests.aids.factories import csrf_token, make_event, make_staff

LOG_OUT = ("POST /logout", "POST /account/log-out-everywhere")


@dataclass(frozen=True)
class Seat:
    """The cookies and the form token of somebody's browser."""

    cookies: dict[str, str]
    token: str


@dataclass(frozen=True)
class StaffSeat(Seat):
    """Somebody who is logged in."""

    person: StaffView


@dataclass(frozen=True)
class House:
    """An application with somebody in every role and an account that is only acted upon."""

    app: Flask
    seats: dict[str, StaffSeat]
    acted_upon: StaffView


def seat_of(app: Flask, person: StaffView) -> StaffSeat:
    client = app.test_client()
    client.set_cookie(access.COOKIE, staff_sessions.begin(person.id, address=None, user_agent=None))
    token = csrf_token(client)
    cookies = {name: client.get_cookie(name) for name in (access.COOKIE, "kiosk_form")}
    return StaffSeat({name: cookie.value for name, cookie in cookies.items() if cookie}, token, person)


def drawn_once() -> Callable[..., bytes]:
    """Return a `run_job` that draws the same paper once, whoever asks for it."""
    papers_drawn: dict[tuple[str, str], bytes] = {}

    def draw(name: str, payload: dict[str, Any], **options: float) -> bytes:
        wanted = (name, json.dumps(payload, sort_keys=True))
        if wanted not in papers_drawn:
            papers_drawn[wanted] = run_job(name, payload, **options)
        return papers_drawn[wanted]

    return draw


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    app = build_app(tmp_path_factory.mktemp("access") / "instance")
    with app.app_context(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(posters, "run_job", lambda name, payload: b"drawn")  # who may ask, not what is drawn
        patch.setattr(papers, "run_job", lambda name, payload: b"drawn")
        for drawing in (emergency, proof_papers, sheet_files):
            patch.setattr(drawing, "run_job", drawn_once())
        people = {
            ADMIN: make_staff("admin"),
            OWNER: make_staff("organiser", email="owner@example.org"),
            OTHER: make_staff("organiser", email="other@example.org"),
            VIEWER: make_staff("viewer"),
        }
        seats = {role: seat_of(app, person) for role, person in people.items()}
        yield House(app, seats, make_staff("viewer", email="acted@example.org"))
        close(app)


def stewards_of(event: EventView) -> dict[str, Seat]:
    """Make three stewards' phones: of this event, of another one, and one whose link was taken back."""

    def phone(of: EventView, *, is_revoked: bool = False) -> Seat:
        token = links.make(of.id, "steward", "小李", staff_id=None)
        link = links.list_of(of.id, "steward")[0]
        if is_revoked:
            links.revoke(of.id, "steward", link.id)
        return Seat({steward.COOKIE: token}, steward.FORM.sign(link.id))

    return {STEWARD: phone(event), ELSEWHERE: phone(make_event()), REVOKED: phone(event, is_revoked=True)}


def path_of(house: House, route: str, event: EventView) -> str:
    path = route.split(" ", 1)[1].replace("<code>", event.code)
    path = path.replace("<any(numbers, chart, missing, breakdown, trouble):region>", "numbers").replace(ACTIONS, "void")
    path = path.replace(ENDING, "csv")
    path = (
        path.replace("<any(excuse, expect):change>", "excuse")
        .replace(LISTED, "hours")
        .replace("<any(tick, untick):act>", "tick")
        .replace("<any(differ, undiffer):act>", "differ")
    )
    path = path.replace("<any(excuse, on_the_way, unreachable, expect):change>", "excuse")
    path = path.replace("<any(confirm, refuse, unconfirm):verb>", "confirm").replace("<any(take, untake):act>", "take")
    path = path.replace("<any(different, same):answer>", "different").replace("<any(out, back):way>", "out")
    path = path.replace("<any(end, reopen):change>", "end")
    for name, value in {
        "campaign_id": event.campaign_id, "staff_id": house.acted_upon.id, "organisation_id": 1, "counter_id": 1,
        "sign_in_id": 1, "link_id": 1, "entry_id": 1, "seats_id": 1, "version": 1, "alias_id": 1, "proof_id": 1,
        "export_id": 1, "errand_id": 1, "roll_call_id": 1,
    }.items():  # fmt: skip
        path = path.replace(f"<int:{name}>", str(value))
    return path


def ask(house: House, route: str, path: str, seat: Seat | None, *, has_token: bool = True) -> TestResponse:
    """Send an empty request in a browser of its own."""
    client = house.app.test_client()
    for name, value in (seat.cookies if seat else {}).items():
        client.set_cookie(name, value)
    if route.startswith("POST"):
        return client.post(path, data={"csrf_token": seat.token} if seat and has_token else {})
    return client.get(path, buffered=False)


def make_event_of(house: House) -> EventView:
    owner_id = house.seats[OWNER].person.id
    campaign = campaigns.create(campaigns.CampaignDraft(title="质量月"), owner_id=owner_id)
    return events.create(events.EventDraft(title="巡回培训", campaign_id=campaign.id), owner_id=owner_id)


def is_let_in(answer: TestResponse) -> bool:
    """Say whether the request got past the guard; logging out leads to the log-in page without a `next`."""
    return answer.status_code != 403 and "/login?next=" not in (answer.location or "")


def test_every_route_stands_in_the_table(house: House) -> None:
    routes = {
        f"{method} {rule.rule}"
        for rule in house.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    known = TABLE.keys() | OPEN | CAPABILITIES
    assert routes - known == set(), "say in TABLE who may open them"
    assert known - routes == set(), "these routes are gone"


@pytest.mark.parametrize("route", sorted(CAPABILITIES))
def test_an_address_with_a_guessed_end_opens_for_nobody(house: House, route: str) -> None:
    path = route.split(" ", 1)[1].replace("<token>", "guessed")
    for role, seat in {**house.seats, **stewards_of(make_event()), "stranger": None}.items():
        assert ask(house, route, path, seat).status_code in (403, 404), role


@pytest.mark.parametrize("route", TABLE)
def test_route_lets_in_whom_it_should_and_nobody_else(house: House, route: str) -> None:
    event = make_event_of(house)
    path = path_of(house, route, event)
    found = set()
    for role, seat in {**house.seats, **stewards_of(event)}.items():
        answer = ask(house, route, path, seat)
        assert answer.status_code < 500, f"{role}: {answer.status_code}"
        if is_let_in(answer):
            found.add(role)
        answer.close()
        if route in LOG_OUT and isinstance(seat, StaffSeat):
            house.seats[role] = seat_of(house.app, seat.person)
    assert found == TABLE[route]
    assert not is_let_in(ask(house, route, path, None))


@pytest.mark.parametrize("route", [route for route in TABLE if route.startswith("POST")])
def test_form_without_its_token_is_refused(house: House, route: str) -> None:
    event = make_event_of(house)
    path = path_of(house, route, event)
    seat = stewards_of(event)[STEWARD] if STEWARD in TABLE[route] else house.seats[ADMIN]
    assert ask(house, route, path, seat, has_token=False).status_code == 403


def test_shared_event_is_run_by_the_other_organiser_until_it_is_taken_back(house: House) -> None:
    event, other = make_event_of(house), house.seats[OTHER].person
    assert not event_access.may_look(other, event)
    event_access.share(event.id, " Other@example.org")
    assert event_access.may_run(other, event) and event_access.shared_with(event.id) == (other,)
    event_access.unshare(event.id, other.id)
    assert not event_access.may_look(other, event)


def test_event_is_shared_with_organisers_only(house: House) -> None:
    event = make_event()
    for email, code in (("nobody@example.org", "nobody_with_email"), ("viewer@example.org", "not_organiser")):
        with pytest.raises(Refused) as refused:
            event_access.share(event.id, email)
        assert refused.value.code == code


def test_lists_hold_only_what_one_may_look_at(house: House) -> None:
    event = make_event_of(house)
    for role, expected in ((ADMIN, True), (OWNER, True), (OTHER, False), (VIEWER, True)):
        for page in ("/events", "/events/now", f"/campaigns/{event.campaign_id}"):
            answer = ask(house, f"GET {page}", page, house.seats[role])
            assert (f"/events/{event.code}" in answer.text) is expected, f"{role} on {page}"


def test_unknown_event_and_campaign_are_404(house: House) -> None:
    for page in ("/events/XXXXXX", "/events/XXXXXX/settings", "/campaigns/999"):
        assert ask(house, f"GET {page}", page, house.seats[ADMIN]).status_code == 404
