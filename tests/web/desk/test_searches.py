"""No person's name in an address: who is searched for among those who came is asked for by POST, page after page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import hand_work
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import csrf_token, enterprise, guest, log_in, make_event, make_staff, post, sign_in, student

WORDS = "q"  # the field that people type into
ADDRESSES = ("href", "src", "action", "formaction", "hx-get", "hx-post", "hx-push-url", "hx-replace-url", "content")


class Addresses(HTMLParser):
    """What of a page would put the typed words into an address: `found`, and what was looked at: `posts`."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.posts = 0  # forms that carry the words as they should
        self._form: dict[str, str | None] = {}
        self._including: list[dict[str, str | None]] = []
        self._holders: set[str] = set()  # what an hx-include may name to carry the words along
        self.feed(page)
        self.close()
        for one in self._including:
            if "hx-get" in one and self._holders & set(re.split(r"[ ,]+", one["hx-include"] or "")):
                self.found.append(f"hx-get={one['hx-get']} with hx-include={one['hx-include']}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name.removeprefix("data-"): value for name, value in attrs}
        for name in ADDRESSES:
            if WORDS in parse_qs(urlsplit(given.get(name) or "").query, keep_blank_values=True):
                self.found.append(f"{name}={given[name]}")
        if "hx-include" in given:
            self._including.append(given)
        if tag == "form":
            self._form = given
        elif given.get("name") == WORDS:
            self._holders |= {f"#{given.get('id')}", f"#{self._form.get('id')}", f"[name={WORDS}]", "closest form"}
            is_post = (self._form.get("method") or "get").lower() == "post"
            self.posts += is_post
            if not is_post or "hx-get" in self._form or "hx-get" in given:
                self.found.append(f"form {self._form} carries the words")


@pytest.fixture
def staff(client: FlaskClient) -> FlaskClient:
    """A browser in which the admin is logged in."""
    make_staff()
    log_in(client, "admin@example.org")
    return client


@pytest.fixture
def crowd(app: Flask, monkeypatch: pytest.MonkeyPatch) -> EventView:
    """An event with three of one organisation, shown two to a page, and a guest."""
    monkeypatch.setattr("kiosk.services.board.people.FOUND", 2)
    event = make_event()
    for number, name in enumerate(("王强", "李娜", "赵敏")):
        sign_in(event, enterprise(name, mobile=f"1380013800{number}"))
    sign_in(event, guest("张爱国"))
    return event


def test_no_link_form_or_live_region_puts_what_was_typed_into_an_address(staff: FlaskClient, crowd: EventView) -> None:
    base, kind = f"/events/{crowd.code}", "enterprise"
    pages = {
        "list": staff.get(f"{base}/sign-ins"),
        "found": post(staff, f"{base}/sign-ins", q="东贝"),
        "found, page 2": post(staff, f"{base}/sign-ins", q="东贝", page=2),
        "nobody": post(staff, f"{base}/sign-ins", q="孙"),
        "dashboard": staff.get(f"{base}/dashboard"),
        "dashboard, tapped": staff.get(f"{base}/dashboard?kind={kind}"),
        "dashboard, found": post(staff, f"{base}/dashboard", q="王强", kind=kind),
    }
    for name, page in pages.items():
        read = Addresses(page.text)
        assert page.status_code == 200 and read.found == [], name
        assert read.posts >= 1, name
    for fields in ({"q": "王强"}, {"q": "王强", "kind": kind}, {}):
        part = post(staff, f"{base}/dashboard/latest", **fields)
        assert part.status_code == 200 and Addresses(part.text).found == []


def test_words_in_an_address_find_nobody(staff: FlaskClient, crowd: EventView) -> None:
    for page in ("sign-ins", "dashboard", "dashboard/latest"):
        shown = staff.get(f"/events/{crowd.code}/{page}?q=王强").text
        assert "张爱国" in shown and 'value="王强"' not in shown, page


def test_what_is_found_is_kept_by_no_browser(staff: FlaskClient, crowd: EventView) -> None:
    for page in ("sign-ins", "dashboard", "dashboard/latest"):
        answer = post(staff, f"/events/{crowd.code}/{page}", q="王强")
        assert answer.status_code == 200 and "王强" in answer.text and "张爱国" not in answer.text, page
        assert answer.headers["Cache-Control"] == "no-store", page


def test_the_pages_of_a_search_are_turned_by_its_form(staff: FlaskClient, crowd: EventView) -> None:
    path = f"/events/{crowd.code}/sign-ins"
    first = " ".join(post(staff, path, q="东贝").text.split())
    assert "赵敏" in first and "李娜" in first and "王强" not in first
    assert '<input type="hidden" name="q" value="东贝"><button class="button" name="page" value="2">' in first
    second = " ".join(post(staff, path, q="东贝", page=2).text.split())
    assert "王强" in second and "赵敏" not in second and 'name="page" value="1"' in second
    assert f"{path}?page=2" in staff.get(path).text  # without words the page stands in the address, and reloads


def test_a_void_among_what_was_found_leads_to_the_beginning_of_the_list(staff: FlaskClient, crowd: EventView) -> None:
    found = post(staff, f"/events/{crowd.code}/sign-ins", q="东贝", page=2).text
    (void,) = re.findall(r'<form method="post" action="[^"]+/void">.*?</form>', found, re.DOTALL)
    assert 'name="page"' not in void
    listed = staff.get(f"/events/{crowd.code}/sign-ins?page=2").text
    assert '<input type="hidden" name="page" value="2">' in listed


def test_a_search_of_the_dashboard_goes_on_within_a_tapped_bar(staff: FlaskClient) -> None:
    event = make_event()
    for person in (enterprise("王强"), student("王芳"), guest("张爱国")):
        sign_in(event, person)
    path = f"/events/{event.code}/dashboard"
    for page in (path, f"{path}/latest"):
        found = post(staff, page, q="王", kind="enterprise").text
        assert "<b>王强</b>" in found and "<b>王芳</b>" not in found and "张爱国" not in found
        assert page != path or '<input type="hidden" name="kind" value="enterprise">' in found


@pytest.mark.parametrize("page", ["sign-ins", "dashboard", "dashboard/latest", "roster/search", "hours/search"])
def test_no_part_of_a_masked_name_finds_anybody_on_a_viewers_page(client: FlaskClient, page: str) -> None:
    make_staff("viewer")
    log_in(client, "viewer@example.org")
    event = make_event(credited_hours=1.0)
    roster_writing.write(event.id, [RosterRow("student", "王小强", "四棵中学")], actor="staff:1")
    hand_work.sign_in_entry(event, rosters.entries(event.id)[0].id, Hand("staff:1", "k"))
    for words in ("小强", "王小", "wx"):
        answer = post(client, f"/events/{event.code}/{page}", q=words)
        assert answer.status_code == 200 and "王*强" not in answer.text, words
    for words in ("王小强", "四棵"):
        assert "王*强" in post(client, f"/events/{event.code}/{page}", q=words).text, words


def test_an_emptied_search_leads_back_to_an_address(staff: FlaskClient) -> None:
    path = f"/events/{make_event().code}/dashboard"
    assert (post(staff, path, q=" ").status_code, post(staff, path, q=" ").location) == (303, path)
    assert post(staff, path, q="", kind="enterprise").location == f"{path}?kind=enterprise"


def test_a_page_without_scripts_refreshes_itself_unless_it_shows_a_search(staff: FlaskClient) -> None:
    path = f"/events/{make_event().code}/dashboard"
    assert 'http-equiv="refresh"' in staff.get(path).text
    assert 'http-equiv="refresh"' not in post(staff, path, q="王强").text


def test_the_live_list_asks_with_the_whole_form(staff: FlaskClient) -> None:
    event = make_event()
    sign_in(event, enterprise("王强"))
    path = f"/events/{event.code}/dashboard"
    page = " ".join(staff.get(path).text.split())
    assert (
        f'data-hx-post="{path}/latest" data-hx-trigger="every 20s, poll, rows-changed from:body" '
        'data-hx-include="#people-filter"' in page
    )
    bare = staff.post(f"{path}/latest", data={"q": "王强"})
    assert bare.status_code == 403, "a search needs the form's token"
    kept = staff.post(f"{path}/latest", data={"q": "王强", "csrf_token": csrf_token(staff)})
    assert "王强" in kept.text and 'name="csrf_token"' not in kept.text, "shared fragments carry nobody's token"


@pytest.mark.parametrize("listed", ["roster", "hours", "proofs"])
def test_address_of_a_search_leads_to_the_list(staff: FlaskClient, listed: str) -> None:
    """As the switch of languages does on a page of what was found."""
    code = make_event().code
    answer = staff.get(f"/events/{code}/{listed}/search?lang=en")
    assert answer.status_code == 303 and answer.location == f"/events/{code}/{listed}?lang=en"
