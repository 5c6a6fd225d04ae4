"""Canary people: nobody who need not see them does, on any page, in any answer's bytes or headers, in any log.

Every route of the server is opened by everybody who is not staff. A canary's full name or mobile must not
be in what comes back: HTML, comments, JSON, streams, drawings, addresses. Who may see a name has to ask for it by
searching (a steward), or has it on the list that was given to them (a group's leader).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import select
from werkzeug.routing import Rule

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Proof
from kiosk.services.door import followers, links
from kiosk.services.event.event_views import EventView
from kiosk.services.proofs import issuing, subjects
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in import signatures
from tests.aids.factories import PASSWORD, enterprise, make_event, make_staff, sign_in, student
from tests.aids.server import Answer, Phone, Server, run_server

pytestmark = pytest.mark.server

MOBILES = {"13711110001", "13711110002", "13711110003", "13711110004"}
MINOR = "金丝雀学生"
SIGNED, INK = "金丝雀亲笔", "0.913.245.671.1000.13"  # signatures by hand: typed, and drawn
NAMES = {"金丝雀甲", "金丝雀乙", "金丝雀丙", "金丝雀丁", MINOR, SIGNED, INK}
# Streams have no end and need staff; the set-up link makes the first account.
NOT_OPENED = {"/events/<code>/dashboard/stream"}


@dataclass(frozen=True)
class Door:
    """A server with canaries in it, and the tokens of those who are not staff."""

    server: Server
    event: EventView
    steward: str
    group: str
    screens: Mapping[str, str]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with run_server(tmp_path_factory.mktemp("canaries")) as server:
        boss = make_staff()
        make_staff("viewer")
        usual = {"tick_labels": ["资料"], "credited_hours": 4.0, "asks_signature": True}
        event = make_event(ends_at=utcnow() + timedelta(hours=2), **usual)
        rows = [
            RosterRow("enterprise", "金丝雀甲", "甲公司", mobile="13711110001", group_name="一组", is_starred=True),
            RosterRow("enterprise", "金丝雀乙", "乙公司", mobile="13711110002", group_name="二组"),
            RosterRow("student", "金丝雀学生", "四棵中学", class_name="初二(3)班", group_name="二组"),
        ]
        roster_writing.write(event.id, rows, actor="staff:1")
        typed = sign_in(event, enterprise("金丝雀甲", organisation_name="甲公司", mobile="13711110001"))
        drawn = sign_in(event, enterprise("金丝雀丙", organisation_name="丙公司", mobile="13711110003"))
        signatures.write(event.id, typed.sign_in_id, signatures.read("", SIGNED), may_replace=True)
        signatures.write(event.id, drawn.sign_in_id, signatures.read(INK, ""), may_replace=True)
        sign_in(event, student("金丝雀学生"))
        issuing.issue(subjects.of_event(event), staff_id=boss.id, has_minors=True)
        yield Door(
            server,
            event,
            links.make(event.id, "steward", "门口", staff_id=boss.id),
            links.make(event.id, "group", "王老师", staff_id=boss.id, group_name="三组"),
            {screen: links.make(event.id, screen, staff_id=boss.id, pin="2580") for screen in links.SCREENS},
        )


def paths(door: Door, link_id: int = 1) -> Iterator[str]:
    """Every address that can be opened, its parts filled with what exists."""
    ids = {"campaign_id": 1, "entry_id": 1, "sign_in_id": 1, "link_id": link_id}
    known = {"code": door.event.code, "token": "nonsense", **ids}
    for rule in door.server.app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.rule not in NOT_OPENED:
            yield from filled(rule, known)


def filled(rule: Rule, known: Mapping[str, object]) -> Iterator[str]:
    choices = re.search(r"<any\(([^)]+)\):\w+>", rule.rule)
    for choice in choices[1].split(", ") if choices else [""]:
        path = re.sub(r"<any\([^)]+\):\w+>", choice, rule.rule)
        yield re.sub(r"<(?:\w+:)?(\w+)>", lambda part: str(known.get(part[1], 1)), path)


def tells_nothing(answer: Answer, path: str, *, names: bool = True, own: str = "") -> None:
    """Hold that an answer names nobody but whose phone it is."""
    told = answer.body.decode("utf-8", "replace") + "".join(f"{k}: {v}\n" for k, v in answer.headers.items())
    assert [mobile for mobile in MOBILES if mobile in told] == [], path
    if names:
        assert [name for name in NAMES if name in told and name != own] == [], path


def with_cookie(door: Door, answer: Answer) -> Phone:
    """A phone that keeps the cookie it was given."""
    return Phone(door.server.port, headers={"Cookie": answer.cookies})


def searched(door: Door, phone: Phone, words: str) -> Iterator[tuple[str, Answer]]:
    """What every search for people of the event answers to somebody of the staff."""
    base = f"/events/{door.event.code}"
    page = phone.get(f"{base}/sign-ins")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    kept = f"{phone.headers['Cookie']}; {page.cookies}".strip("; ").split("; ")  # the form's, beside the log-in's
    newest = dict(one.split("=", 1) for one in kept)
    phone.headers["Cookie"] = "; ".join(map("=".join, newest.items()))
    for page in ("sign-ins", "dashboard", "dashboard/latest", "roster/search", "hours/search", "proofs/search"):
        yield page, phone.post(f"{base}/{page}", {"q": words, "csrf_token": token[1]})


def test_a_stranger_s_phone_is_told_nothing(door: Door) -> None:
    with door.server.phone() as phone:
        for path in paths(door):
            tells_nothing(phone.get(path), path)


def test_whoever_has_a_proof_s_code_is_told_a_mask(door: Door) -> None:
    codes = list(db.session.scalars(select(Proof.code)))
    with door.server.phone() as phone:
        for code in codes:
            shown = phone.get(f"/verify?code={code}")
            tells_nothing(shown, "/verify")
            assert "金*" in shown.text and "公司" not in shown.text and "四棵中学" not in shown.text
    assert len(codes) == 3


def test_a_phone_that_signed_in_is_told_nothing_of_others(door: Door) -> None:
    with door.server.phone() as phone:
        fields = {
            "kind": "enterprise",
            "name": "金丝雀丁",
            "enterprise": "丁公司",
            "mobile": "13711110004",
            "form": "1",
        }
        found = re.search(
            r'name="ticket"\s+value="([^"]+)"', phone.get(f"/e/{door.event.code}?form=1&kind=enterprise").text
        )
        assert found
        done = phone.sign_in(door.event.code, fields, found[1])
        assert done.status == 303 and "金丝雀丁" in phone.get(str(done.location)).text
        known = with_cookie(door, done)
    with known:
        for path in paths(door):
            # Whoever scans again sees their own tick, at the event's address and nowhere else.
            tells_nothing(known.get(path), path, own="金丝雀丁" if path == f"/e/{door.event.code}" else "")


def test_looking_up_digits_shows_masks(door: Door) -> None:
    with door.server.phone() as phone:
        for last4 in sorted({mobile[-4:] for mobile in MOBILES}):
            found = re.search(r'name="ticket"\s+value="([^"]+)"', phone.get(f"/e/{door.event.code}").text)
            assert found
            path = f"/e/{door.event.code}/look-up"
            tells_nothing(phone.post(path, {"last4": last4, "ticket": found[1]}), path)
        for typed in ("金丝", "甲公", "1371"):
            path = f"/e/{door.event.code}/organisations?enterprise={typed}"
            tells_nothing(phone.get(quote(path, safe="/?=")), path)


@pytest.mark.parametrize("screen", links.SCREENS)
def test_a_screen_of_one_event_is_told_nothing(door: Door, screen: str) -> None:
    with door.server.phone() as phone:
        opened = phone.get(f"/d/{door.screens[screen]}")
        assert opened.status == 303
        device = with_cookie(door, opened)
    with device:
        for path in paths(door):
            tells_nothing(device.get(path), path)


@pytest.mark.parametrize("screen", links.SCREENS)
def test_a_screen_of_a_whole_campaign_is_told_nothing(door: Door, screen: links.Screen) -> None:
    token = followers.make(door.event.campaign_id, screen, staff_id=None, pin="2580")
    link = followers.list_of(door.event.campaign_id)[0]
    with door.server.phone() as phone:
        device = with_cookie(door, phone.get(f"/d/{token}"))
    with device:
        for path in paths(door, link.id):
            tells_nothing(device.get(path), path)
        shown = device.get(f"/screens/{link.id}")
        assert shown.status == (303 if screen == "kiosk" else 200) and ("金*" in shown.text) == (screen == "wall")


@pytest.mark.parametrize("face", ["arrived", "missing"])
def test_a_wall_masks_everybody_and_leaves_minors_out(door: Door, face: str) -> None:
    with door.server.phone() as phone:
        device = with_cookie(door, phone.get(f"/d/{door.screens['wall']}"))
    with device:
        for path in (f"/events/{door.event.code}/wall?face={face}", f"/events/{door.event.code}/wall/part?face={face}"):
            answer = device.get(path)
            tells_nothing(answer, path)
            assert answer.status == 200 and ("金*" in answer.text) == (face == "arrived"), path
            assert "初二" not in answer.text and "经理" not in answer.text, path


def test_a_steward_sees_nobody_before_searching_and_no_whole_mobile_ever(door: Door) -> None:
    with door.server.phone() as phone:
        opened = phone.get(f"/st/{door.steward}")
        assert opened.status == 303
        steward = with_cookie(door, opened)
    with steward:
        for path in paths(door):
            tells_nothing(steward.get(path), path)
        page = steward.get(f"/steward/{door.event.code}")
        token = re.search(r'name="(\w*token\w*)" value="([^"]+)"', page.text)
        assert page.status == 200 and token
        found = steward.post(f"/steward/{door.event.code}", {"q": "金丝雀", "words": "金丝雀", token[1]: token[2]})
        assert "金丝雀乙" in found.text
        tells_nothing(found, "search", names=False)


def test_a_leader_sees_no_other_group(door: Door) -> None:
    with door.server.phone() as phone:
        tells_nothing(phone.get(f"/g/{door.group}"), "/g/")


def test_staff_see_masked_mobiles_until_they_ask(door: Door) -> None:
    with door.server.phone() as phone:
        logged_in = phone.post("/login", {"email": "admin@example.org", "password": PASSWORD})
        assert logged_in.status == 303
        staff = with_cookie(door, logged_in)
    with staff:
        for path in paths(door):
            tells_nothing(staff.get(path), path, names=False)
        for path, found in searched(door, staff, "金丝雀甲"):
            assert found.status == 200 and "金丝雀甲" in found.text and "?" not in path
            tells_nothing(found, path, names=False)


def test_a_viewer_is_told_no_minor_s_name_and_no_whole_mobile(door: Door) -> None:
    with door.server.phone() as phone:
        logged_in = phone.post("/login", {"email": "viewer@example.org", "password": PASSWORD})
        assert logged_in.status == 303
        viewer = with_cookie(door, logged_in)
    with viewer:
        for path in [*paths(door), f"/events/{door.event.code}/dashboard/bulletin?names=1"]:
            answer = viewer.get(path)
            tells_nothing(answer, path, names=False)
            assert MINOR not in answer.body.decode("utf-8", "replace"), path
        for path, found in searched(door, viewer, "四棵中学"):
            assert "金*" in found.text and MINOR not in found.text, path
            tells_nothing(found, path, names=False)


def test_the_log_knows_nobody(door: Door) -> None:
    log = door.server.log.read_text()
    assert "Listening at" in log
    for canary in MOBILES | NAMES:
        assert canary not in log and canary.encode("unicode_escape").decode() not in log
