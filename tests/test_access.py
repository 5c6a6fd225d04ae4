"""Who may open what: every staff route, as seen by a stranger and by each role. A route that is missing here fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from kiosk.services import codes, door_links, event_access, events, posters, staff_sessions
from kiosk.services.event_views import EventView
from kiosk.services.reports import papers
from kiosk.services.staff import StaffView
from kiosk.web import access, steward
from tests.apps import build_app, close
from tests.factories import csrf_token, make_event, make_staff

# Everybody's, each by exact route, so that a new one is decided on: pages for attendees, health, the log-in.
OPEN = {
    "GET /", "POST /", "GET /c/<code>", "GET /e/<code>", "GET /e/<code>/sign-in", "POST /e/<code>/sign-in",
    "GET /e/<code>/look-up", "POST /e/<code>/look-up", "GET /e/<code>/group", "POST /e/<code>/group",
    "GET /e/<code>/group/check", "POST /e/<code>/group/check", "GET /e/<code>/notice", "GET /e/<code>/organisations",
    "GET /verify", "GET /verify/<code>", "POST /verify",
    "POST /forget", "GET /healthz", "GET /readyz", "GET /login", "POST /login",
}  # fmt: skip
# Whoever holds the secret end of the address; nobody else, whatever their role.
CAPABILITIES = {
    "GET /d/<token>", "GET /done/<token>", "GET /st/<token>", "GET /setup/<token>", "POST /setup/<token>",
    "GET /g/<token>", "POST /g/<token>", "GET /group/<token>", "GET /group/<token>/correct",
    "GET /group/<token>/count", "POST /group/<token>/count", "POST /group/<token>/add", "POST /group/<token>/came",
    "POST /group/<token>/reason", "POST /group/<token>/take-back",
}  # fmt: skip
ADMIN, OWNER, OTHER, VIEWER = "admin", "owner", "other organiser", "viewer"
STEWARD, ELSEWHERE, REVOKED = "steward", "steward of another event", "revoked steward"

# Who is let in. Whoever is not, gets 403; a stranger's GET is sent to the log-in page, a stranger's POST gets 403.
ANY = {ADMIN, OWNER, OTHER, VIEWER}
ORGANISERS = {ADMIN, OWNER, OTHER}
LOOKS = {ADMIN, OWNER, VIEWER}
RUNS = {ADMIN, OWNER}
DOOR = {STEWARD}
ENDING = "<any(pdf, xlsx, docx, csv):ending>"
ACTIONS = "<any(sign_in, void, restore, admit, excuse, expect, tick, untick):action>"
TABLE = {
    "GET /steward/<code>": DOOR,
    "POST /steward/<code>": DOOR,
    f"POST /steward/<code>/{ACTIONS}": DOOR,
    "GET /steward/<code>/walk-in": DOOR,
    "POST /steward/<code>/walk-in": DOOR,
    "GET /steward/<code>/sign-ins/<int:sign_in_id>/correct": DOOR,
    "POST /steward/<code>/sign-ins/<int:sign_in_id>/correct": DOOR,
    "GET /events/<code>/stewards": RUNS,
    "POST /events/<code>/stewards": RUNS,
    "POST /events/<code>/stewards/<int:link_id>/revoke": RUNS,
    "GET /events/<code>/groups": RUNS,
    "POST /events/<code>/groups": RUNS,
    "POST /events/<code>/groups/<int:link_id>/revoke": RUNS,
    "GET /events/<code>/hand": RUNS,
    "POST /events/<code>/hand": RUNS,
    "POST /events/<code>/hand/rows": RUNS,
    f"POST /events/<code>/hand/{ACTIONS}": RUNS,
    "GET /events/<code>/hand/walk-in": RUNS,
    "POST /events/<code>/hand/walk-in": RUNS,
    "GET /events/<code>/hand/sign-ins/<int:sign_in_id>/correct": RUNS,
    "POST /events/<code>/hand/sign-ins/<int:sign_in_id>/correct": RUNS,
    "GET /account/password": ANY,
    "POST /account/password": ANY,
    "POST /account/log-out-everywhere": ANY,
    "POST /logout": ANY,
    "GET /staff": {ADMIN},
    "POST /staff": {ADMIN},
    "GET /audit": {ADMIN},
    "GET /audit.csv": {ADMIN},
    "POST /staff/<int:staff_id>/active": {ADMIN},
    "POST /staff/<int:staff_id>/log-out": {ADMIN},
    "GET /campaigns": ANY,
    "GET /campaigns/<int:campaign_id>": ANY,
    "GET /campaigns/new": ORGANISERS,
    "POST /campaigns/new": ORGANISERS,
    "GET /campaigns/<int:campaign_id>/edit": ORGANISERS,
    "POST /campaigns/<int:campaign_id>/edit": ORGANISERS,
    "POST /campaigns/<int:campaign_id>/archive": ORGANISERS,
    "GET /campaigns/<int:campaign_id>/posters.pdf": ANY,
    "GET /campaigns/<int:campaign_id>/report": ANY,
    "GET /campaigns/<int:campaign_id>/report.pdf": ANY,
    "GET /campaigns/<int:campaign_id>/report.xlsx": ANY,
    "GET /campaigns/<int:campaign_id>/report/rows": ANY,
    "GET /organisations": ANY,
    "POST /organisations": ORGANISERS,
    "POST /organisations/<int:organisation_id>/confirm": ORGANISERS,
    "GET /organisations/similar": ANY,
    "GET /organisations/<int:organisation_id>": ANY,
    "POST /organisations/<int:organisation_id>": ORGANISERS,
    "POST /organisations/<int:organisation_id>/aliases": ORGANISERS,
    "POST /organisations/<int:organisation_id>/aliases/<int:alias_id>/remove": ORGANISERS,
    "GET /organisations/<int:organisation_id>/merge": ORGANISERS,
    "POST /organisations/<int:organisation_id>/merge": ORGANISERS,
    "POST /organisations/<int:organisation_id>/unmerge": ORGANISERS,
    "POST /organisations/<int:organisation_id>/<any(different, same):answer>": ORGANISERS,
    "POST /machine/address": ORGANISERS,
    "GET /events": ANY,
    "GET /events/now": ANY,
    "GET /events/new": ORGANISERS,
    "POST /events/new": ORGANISERS,
    "GET /events/<code>": LOOKS,
    "GET /events/<code>/sheets": LOOKS,
    "GET /events/<code>/sign-ins": LOOKS,
    "POST /events/<code>/sign-ins": LOOKS,
    "GET /events/<code>/settings": RUNS,
    "POST /events/<code>/settings": RUNS,
    "GET /events/<code>/clone": RUNS,
    "POST /events/<code>/clone": RUNS,
    "GET /events/<code>/sharing": RUNS,
    "POST /events/<code>/sharing": RUNS,
    "POST /events/<code>/open": RUNS,
    "POST /events/<code>/close": RUNS,
    "POST /events/<code>/archive": RUNS,
    "POST /events/<code>/counters": RUNS,
    "POST /events/<code>/counters/<int:counter_id>": RUNS,
    "POST /events/<code>/sign-ins/<int:sign_in_id>/withdraw": RUNS,
    "POST /events/<code>/sign-ins/<int:sign_in_id>/give-back": RUNS,
    "GET /events/<code>/dashboard": LOOKS,
    "POST /events/<code>/dashboard": LOOKS,
    "GET /events/<code>/dashboard/stream": LOOKS,
    "GET /events/<code>/dashboard/latest": LOOKS,
    "POST /events/<code>/dashboard/latest": LOOKS,
    "GET /events/<code>/dashboard/phones": LOOKS,
    "GET /events/<code>/dashboard/bulletin": LOOKS,
    "GET /events/<code>/dashboard/bulletin/text": LOOKS,
    "GET /events/<code>/dashboard/<any(numbers, chart, missing, breakdown, trouble):region>": LOOKS,
    "POST /events/<code>/missing/<int:entry_id>/call": RUNS,
    "POST /events/<code>/missing/<int:entry_id>/<any(excuse, on_the_way, unreachable, expect):change>": RUNS,
    "POST /events/<code>/sign-ins/<int:sign_in_id>/<any(tick, untick):act>": RUNS,
    "POST /events/<code>/sign-ins/<int:sign_in_id>/void": RUNS,
    "POST /events/<code>/sign-ins/<int:sign_in_id>/restore": RUNS,
    "POST /events/<code>/sign-ins/<int:sign_in_id>/admit": RUNS,
    "POST /events/<code>/trials/clear": RUNS,
    "GET /events/<code>/trial": RUNS,
    "GET /events/<code>/devices": RUNS,
    "POST /events/<code>/devices": RUNS,
    "POST /events/<code>/devices/<int:link_id>/revoke": RUNS,
    "GET /events/<code>/display": LOOKS,
    "GET /events/<code>/display/count": LOOKS,
    "GET /events/<code>/kiosk": LOOKS,
    "GET /events/<code>/kiosk/leave": LOOKS,
    "POST /events/<code>/kiosk/leave": set(),  # the kiosk's own device link, and the PIN
    "GET /events/<code>/kiosk/start": RUNS,
    "POST /events/<code>/kiosk/start": RUNS,
    "GET /events/<code>/poster.pdf": LOOKS,
    "GET /events/<code>/qr.png": LOOKS,
    "GET /events/<code>/qr.svg": LOOKS,
    "GET /events/<code>/roster": LOOKS,
    "POST /events/<code>/roster/search": LOOKS,
    "GET /events/<code>/roster/import": RUNS,
    "POST /events/<code>/roster/import": RUNS,
    "GET /events/<code>/roster/import/<token>": RUNS,
    "POST /events/<code>/roster/import/<token>": RUNS,
    "GET /events/<code>/roster/template.xlsx": LOOKS,
    "GET /events/<code>/roster.xlsx": LOOKS,
    "GET /events/<code>/roster.csv": LOOKS,
    "POST /events/<code>/roster/whole": RUNS,
    "GET /events/<code>/roster/new": RUNS,
    "POST /events/<code>/roster/new": RUNS,
    "POST /events/<code>/roster/seats": RUNS,
    "POST /events/<code>/roster/seats/<int:seats_id>/remove": RUNS,
    "GET /events/<code>/roster/<int:entry_id>": RUNS,
    "POST /events/<code>/roster/<int:entry_id>": RUNS,
    "POST /events/<code>/roster/<int:entry_id>/star": RUNS,
    "POST /events/<code>/roster/<int:entry_id>/mobile": RUNS,
    "POST /events/<code>/sign-ins/<int:sign_in_id>/mobile": RUNS,
    "POST /events/<code>/roster/<int:entry_id>/<any(excuse, expect):change>": RUNS,
    "POST /events/<code>/roster/<int:entry_id>/remove": RUNS,
    "GET /events/<code>/hours": LOOKS,
    "POST /events/<code>/hours/search": LOOKS,
    "GET /events/<code>/hours/<int:sign_in_id>": RUNS,
    "POST /events/<code>/hours/<int:sign_in_id>/left": RUNS,
    "POST /events/<code>/hours/<int:sign_in_id>/set": RUNS,
    "POST /events/<code>/hours/<int:sign_in_id>/take-back": RUNS,
    "GET /events/<code>/proofs": LOOKS,
    "POST /events/<code>/proofs": RUNS,
    "POST /events/<code>/proofs/search": LOOKS,
    "POST /events/<code>/proofs/print": RUNS,
    "GET /events/<code>/proofs/<int:proof_id>": RUNS,
    "POST /events/<code>/proofs/<int:proof_id>/print": RUNS,
    "POST /events/<code>/proofs/<int:proof_id>/void": RUNS,
    "POST /events/<code>/proofs/<int:proof_id>/replace": RUNS,
    "GET /campaigns/<int:campaign_id>/proofs": ANY,
    "POST /campaigns/<int:campaign_id>/proofs": ORGANISERS,
    "POST /campaigns/<int:campaign_id>/proofs/print": ORGANISERS,
    "GET /events/<code>/emergency.pdf": RUNS,
    "GET /notices": {ADMIN},
    "GET /notices/<int:version>": {ADMIN},
    "GET /notices/new": {ADMIN},
    "POST /notices/new": {ADMIN},
    "GET /events/<code>/notice": RUNS,
    "POST /events/<code>/notice": RUNS,
    "GET /events/<code>/rehearsal": RUNS,
    "POST /events/<code>/rehearsal": RUNS,
    "POST /events/<code>/rehearsal/stop": RUNS,
    "GET /events/<code>/rehearsal/progress": RUNS,
    "GET /events/<code>/privacy": RUNS,
    "GET /events/<code>/privacy/progress": RUNS,
    "POST /events/<code>/privacy/purge": RUNS,
    "GET /privacy": ORGANISERS,
    "POST /privacy": ORGANISERS,
    "POST /privacy/export": ORGANISERS,
    "POST /privacy/erase": ORGANISERS,
    "GET /events/<code>/paper": RUNS,
    "POST /events/<code>/paper": RUNS,
    f"GET /events/<code>/sheet.{ENDING}": LOOKS,
    "POST /events/<code>/sheets": LOOKS,
    "POST /events/<code>/sheets/freeze": RUNS,
    "POST /events/<code>/frozen/<sheet_code>": LOOKS,
    f"GET /events/<code>/frozen/<sheet_code>.{ENDING}": LOOKS,
    "GET /exports/<int:export_id>": ANY,  # 404 for whoever has not asked for it
    "GET /exports/<int:export_id>/progress": ANY,
    "GET /exports/<int:export_id>/file": ANY,
    "POST /exports/<int:export_id>/again": ANY,
}


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


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    app = build_app(tmp_path_factory.mktemp("access") / "instance")
    with app.app_context(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(posters, "run_job", lambda name, payload: b"drawn")  # who may ask, not what is drawn
        patch.setattr(papers, "run_job", lambda name, payload: b"drawn")
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
        token = door_links.make(of.id, "steward", "小李", staff_id=None)
        link = door_links.list_of(of.id, "steward")[0]
        if is_revoked:
            door_links.revoke(link.id, event_id=of.id, staff_id=None)
        return Seat({steward.COOKIE: token}, codes.sign("steward", link.id))

    return {STEWARD: phone(event), ELSEWHERE: phone(make_event()), REVOKED: phone(event, is_revoked=True)}


def path_of(house: House, route: str, event: EventView) -> str:
    path = route.split(" ", 1)[1].replace("<code>", event.code)
    path = path.replace("<any(numbers, chart, missing, breakdown, trouble):region>", "numbers").replace(ACTIONS, "void")
    path = path.replace(ENDING, "csv")
    path = path.replace("<any(excuse, expect):change>", "excuse").replace("<any(tick, untick):act>", "tick")
    path = path.replace("<any(excuse, on_the_way, unreachable, expect):change>", "excuse")
    path = path.replace("<any(different, same):answer>", "different")
    for name, value in {
        "campaign_id": event.campaign_id, "staff_id": house.acted_upon.id, "organisation_id": 1, "counter_id": 1,
        "sign_in_id": 1, "link_id": 1, "entry_id": 1, "seats_id": 1, "version": 1, "alias_id": 1, "proof_id": 1,
        "export_id": 1,
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
    return events.create(events.EventDraft(title="巡回培训"), owner_id=house.seats[OWNER].person.id)


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
    for email, code in (("nobody@example.org", "unknown"), ("viewer@example.org", "not_organiser")):
        with pytest.raises(event_access.ShareRefused) as refused:
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
