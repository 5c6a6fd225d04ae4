"""Stewards' links and pages, and the same hand work for staff: what is shown, what is written, what stays closed.

Who may open which address is tests/house/test_access.py's table.
"""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry, DoorLink, SignIn
from kiosk.services import tallies
from kiosk.services.door import hand_search, hand_work, links
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.web.door.hand_actions import REACHED
from tests.aids.factories import csrf_token, enterprise, log_in, make_event, make_staff, post, sign_in
from tests.aids.paths import ROOT

DONGBEI, CABLE = "湖北东贝制冷有限公司", "湖北航天电缆有限公司"
WANG = RosterRow("enterprise", "王强", DONGBEI, mobile="13800138000")
OTHER_WANG = RosterRow("enterprise", "王强", CABLE, mobile="13700137000")
OF_SIGN_INS = ("void", "restore", "admit", "tick", "untick")
HTMX = {"HX-Request": "true"}


def training(**changes: object) -> EventView:
    event = make_event(**changes)
    roster_writing.write(event.id, [WANG, OTHER_WANG], actor="staff:1")
    return event


def steward_of(app: Flask, event: EventView) -> FlaskClient:
    """Return a phone that has scanned a steward's link."""
    client = app.test_client()
    assert client.get(f"/st/{links.make(event.id, 'steward', '小李', staff_id=None)}").status_code == 303
    return client


def send(
    client: FlaskClient, event: EventView, path: str = "", headers: dict[str, str] | None = None, **fields: object
) -> TestResponse:
    """Send one of the page's forms, with its token."""
    home = f"/steward/{event.code}"
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(home).text)
    return client.post(home + path, data={**fields, "csrf_token": found[1] if found else ""}, headers=headers)


def of(event: EventView, **ids: int) -> str:
    """Return what a search gives the event's newest link to reach somebody with."""
    link = links.list_of(event.id, "steward")[0]
    return REACHED.sign(link.id, ids.get("entry_id"), ids.get("sign_in_id"))


def arrived(event: EventView) -> int:
    db.session.rollback()
    return events.counts(event.id).arrived


def entries_of_the_log() -> list[AuditEntry]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def entry_ids(event: EventView) -> list[int]:
    return [entry.id for entry in rosters.entries(event.id)]


def test_a_link_is_shown_once_with_its_code_and_then_only_its_label(client: FlaskClient) -> None:
    owner = make_staff()
    event = events.create(events.EventDraft(title="巡回培训"), owner_id=owner.id)
    log_in(client, owner.email)
    page = f"/events/{event.code}/stewards"
    assert post(client, page, label=" ").status_code == 422
    assert post(client, page, label="小李（正门）").location == page
    shown = client.get(page).text
    token = re.search(r"/st/([\w-]+)", shown)
    assert token is not None and "<svg" in shown
    again = client.get(page).text
    assert "/st/" not in again and "小李（正门）" in again
    assert token[1] not in str(db.session.execute(select(DoorLink.token_hash)).all())


def test_the_address_becomes_a_cookie_that_scripts_cannot_read_and_leaves_the_address_bar(app: Flask) -> None:
    event = training()
    token = links.make(event.id, "steward", "小李", staff_id=None)
    answer = app.test_client().get(f"/st/{token}")
    assert (answer.status_code, answer.location) == (303, f"/steward/{event.code}")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and f"Path=/steward/{event.code}" in cookie


def test_a_group_s_link_opens_no_steward_s_page(app: Flask) -> None:
    token = links.make(training().id, "group", "王老师", staff_id=None, group_name="初二(3)班")
    assert app.test_client().get(f"/st/{token}").status_code == 403


def test_a_revoked_link_reads_and_writes_nothing_from_the_next_tap_on(app: Flask) -> None:
    event = training()
    client, home = steward_of(app, event), f"/steward/{event.code}"
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(home).text)
    assert found is not None
    links.revoke(event.id, "steward", links.list_of(event.id, "steward")[0].id)
    refused = client.get(home)
    assert refused.status_code == 403 and "此链接已失效" in refused.text and "王" not in refused.text
    fields = {"csrf_token": found[1], "entry_id": entry_ids(event)[0], "key": "k"}
    assert client.post(f"{home}/sign_in", data=fields).status_code == 403
    assert arrived(event) == 0


def test_a_link_of_another_event_opens_nothing_here(app: Flask) -> None:
    event, other = training(), training()
    client = steward_of(app, other)
    token = client.get_cookie("kiosk_steward", path=f"/steward/{other.code}")
    assert token is not None
    client.set_cookie("kiosk_steward", token.value, path=f"/steward/{event.code}")
    assert client.get(f"/steward/{event.code}").status_code == 403
    assert client.get(f"/steward/{other.code}").status_code == 200
    answer = send(client, other, "/sign_in", entry_id=entry_ids(event)[0], key="k")
    assert answer.status_code == 404 and arrived(event) == 0


@pytest.mark.parametrize("purpose", ["steward", "group"])
def test_the_list_says_which_links_ended_with_the_event(client: FlaskClient, purpose: links.Purpose) -> None:
    owner = make_staff()
    end = utcnow() - timedelta(days=1)
    event = events.create(events.EventDraft(title="巡回培训", starts_at=end - timedelta(hours=2), ends_at=end))
    links.make(event.id, purpose, "小李", staff_id=None)
    log_in(client, owner.email)
    shown = client.get(f"/events/{event.code}/{purpose}s").text
    assert "已随活动失效" in shown and "/revoke" not in shown


def test_a_link_dies_with_the_event(app: Flask) -> None:
    start = utcnow()
    event = training(starts_at=start, ends_at=start + timedelta(hours=2))
    client = steward_of(app, event)
    with clock.freeze(start + timedelta(hours=7)):
        assert client.get(f"/steward/{event.code}").status_code == 200  # counts on the bus home
    with clock.freeze(start + timedelta(hours=9)):
        assert client.get(f"/steward/{event.code}").status_code == 403


def test_a_form_of_elsewhere_writes_nothing(app: Flask) -> None:
    event = training()
    client, stranger = steward_of(app, event), steward_of(app, event)
    found = re.search(r'name="csrf_token" value="([^"]+)"', stranger.get(f"/steward/{event.code}").text)
    assert found is not None
    for token in ("", "1", found[1]):
        fields = {"csrf_token": token, "entry_id": entry_ids(event)[0], "key": "k"}
        assert client.post(f"/steward/{event.code}/sign_in", data=fields).status_code == 403
    assert arrived(event) == 0


def test_nobody_is_listed_before_two_characters_and_only_whom_they_mean_after(app: Flask) -> None:
    event = training()
    client = steward_of(app, event)
    page = client.get(f"/steward/{event.code}").text
    assert "王强" not in page and re.search(r"未到 <b>2</b>", page)
    assert "王强" not in send(client, event, q="王").text.replace('value="王"', "")
    found = send(client, event, q="东贝").text
    assert found.count("王强</b>") == 1 and CABLE not in found


def test_no_page_of_a_steward_shows_a_full_mobile(app: Flask) -> None:
    event = training()
    sign_in(event, enterprise())
    client, entry_id = steward_of(app, event), entry_ids(event)[1]
    sign_in_id = db.session.scalars(select(SignIn.id)).one()
    pages = [
        send(client, event, q="王强"),
        client.get(f"/steward/{event.code}/sign-ins/{sign_in_id}/correct?of={of(event, sign_in_id=sign_in_id)}"),
        client.get(f"/steward/{event.code}/walk-in?replaces={entry_id}&of={of(event, entry_id=entry_id)}"),
        send(client, event, "/sign_in", entry_id=entry_id, of=of(event, entry_id=entry_id), key="k", headers=HTMX),
        send(client, event, "/walk-in", kind="enterprise", name="王强", enterprise=DONGBEI, key="k2"),
    ]
    assert [page.status_code for page in pages] == [200, 200, 200, 200, 422]
    for page in pages:
        assert not re.search(r"1[3-9]\d{9}", page.text)
    assert "138****8000" in pages[0].text and "138****8000" in pages[1].text and "138****8000" in pages[4].text


def test_a_steward_reaches_nobody_by_counting_ids_up(app: Flask) -> None:
    """Correcting, replacing and every act ask for what a search of this very link gave, for this very person."""
    event = training()
    first, other = sign_in(event, enterprise()).sign_in_id, sign_in(event, enterprise("赵敏", mobile=None)).sign_in_id
    entry_id, client = entry_ids(event)[1], steward_of(app, event)
    stranger = of(event, sign_in_id=first, entry_id=entry_id)
    client = steward_of(app, event)
    before = entries_of_the_log()
    for given in ("", "x", stranger, of(event, sign_in_id=other), of(event, entry_id=entry_ids(event)[0])):
        asked = [
            client.get(f"/steward/{event.code}/sign-ins/{first}/correct?of={given}"),
            client.get(f"/steward/{event.code}/walk-in?replaces={entry_id}&of={given}"),
            send(client, event, f"/sign-ins/{first}/correct", name="甲", of=given),
            send(client, event, "/walk-in", name="甲", enterprise=CABLE, replaces=entry_id, of=given),
            *(send(client, event, f"/{act}", sign_in_id=first, label="资料", of=given) for act in OF_SIGN_INS),
            *(send(client, event, f"/{act}", entry_id=entry_id, of=given) for act in ("sign_in", "excuse", "expect")),
        ]
        assert {answer.status_code for answer in asked} == {404}
        assert not [answer for answer in asked if "王强" in answer.text]
    assert entries_of_the_log() == before and arrived(event) == 2


def test_what_a_search_found_leads_to_the_person_and_who_opens_it_leaves_a_row(app: Flask) -> None:
    event = training()
    first = sign_in(event, enterprise()).sign_in_id
    client, before = steward_of(app, event), len(entries_of_the_log())
    found = unescape(send(client, event, q="王强").text)
    (correct,) = re.findall(r'href="([^"]+/correct[^"]*)"', found)
    (replace,) = re.findall(r'href="([^"]+/walk-in\?replaces=[^"]+)"', found)
    form = re.search(r'name="of" value="([^"]+)"', client.get(correct).text)
    assert form is not None and client.get(replace).status_code == 200
    link = links.list_of(event.id, "steward")[0]
    opened = [(row.actor, row.action, row.subject) for row in entries_of_the_log()[before:]]
    assert opened == [
        (link.actor, "look.person", f"sign_in:{first}"),
        (link.actor, "look.person", f"roster_entry:{entry_ids(event)[1]}"),
    ]
    done = send(client, event, f"/sign-ins/{first}/correct", name="王晓强", enterprise=DONGBEI, of=form[1])
    assert done.status_code == 303 and "王晓强" in client.get(str(done.location)).text


def test_a_link_searches_no_faster_than_a_hand_types_and_the_log_says_once_who_tried(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = training()
    client, other = steward_of(app, event), steward_of(app, event)
    before = len(entries_of_the_log())
    with clock.freeze(utcnow()), monkeypatch.context() as patched:
        patched.setattr(hand_search, "OF_LINK", 4)
        for _ in range(4):
            assert "王强" in send(client, event, q="王强").text and "王强" not in send(client, event, q="王").text
        for _ in range(2):
            refused = send(client, event, q="东贝")
            assert refused.status_code == 429 and "王强" not in refused.text and "请等一分钟再搜索" in refused.text
        assert "王强" in send(other, event, q="王强").text, "a link has a budget of its own"
        (row,) = entries_of_the_log()[before:]
        link = next(link for link in links.list_of(event.id, "steward") if link.actor == row.actor)
        assert (row.action, row.subject) == (hand_search.OFTEN, f"door_link:{link.id}")
        with clock.freeze(utcnow() + hand_search.WINDOW):
            assert "王强" in send(client, event, q="王强").text


def test_a_hand_that_types_without_a_rest_never_reaches_the_limit() -> None:
    """static/js/search.js asks after a quarter of a second in which nothing was typed."""
    script = (ROOT / "static" / "js" / "search.js").read_text(encoding="utf-8")
    wait = re.search(r"WAIT = (\d+)", script)
    assert wait is not None and 60_000 / int(wait[1]) < hand_search.OF_LINK


def test_without_a_script_the_tap_leads_to_a_page_that_says_so_and_no_name_stands_in_an_address(app: Flask) -> None:
    event = training()
    client = steward_of(app, event)
    entry_id = entry_ids(event)[0]
    answer = send(client, event, "/sign_in", entry_id=entry_id, of=of(event, entry_id=entry_id), key="k")
    assert answer.status_code == 303 and answer.location is not None and "王" not in answer.location
    page = client.get(answer.location).text
    assert "签到成功" in page and "王强" in page and "第 1 位" in page and f"/steward/{event.code}/void" in page
    other = training()
    said = answer.location.partition("?")[2]
    assert "王强" not in steward_of(app, other).get(f"/steward/{other.code}?{said}").text


def test_a_repeat_says_when_the_first_was(app: Flask) -> None:
    event = training()
    client, entry_id = steward_of(app, event), entry_ids(event)[0]
    one = {"entry_id": entry_id, "of": of(event, entry_id=entry_id)}
    with clock.freeze(utcnow().replace(hour=1, minute=2)):
        send(client, event, "/sign_in", **one, key="first")
        same = send(client, event, "/sign_in", **one, key="first", headers=HTMX).text
        again = send(client, event, "/sign_in", **one, key="second", headers=HTMX).text
    assert 'data-tone="ok"' in same and "签到成功" in same
    assert 'data-tone="repeat"' in again and "已签到 09:02，重复" in again
    assert arrived(event) == 1


def test_what_a_steward_does_is_kept_with_who_did_it(app: Flask) -> None:
    event = training()
    client, entry_id = steward_of(app, event), entry_ids(event)[0]
    entry = {"entry_id": entry_id, "of": of(event, entry_id=entry_id)}
    send(client, event, "/sign_in", **entry, key="a")
    sign_in_id = db.session.scalars(select(SignIn.id)).one()
    send(client, event, "/void", sign_in_id=sign_in_id, of=of(event, sign_in_id=sign_in_id), key="b")
    send(client, event, "/excuse", **entry, reason="出差", key="c")
    db.session.rollback()
    link = links.list_of(event.id, "steward")[0]
    row = db.session.get(SignIn, sign_in_id)
    assert row is not None and (row.method, row.door_link_id) == ("steward", link.id)
    logged = db.session.scalars(select(AuditEntry).where(AuditEntry.actor == f"steward:{link.id}")).all()
    assert [entry.action for entry in logged] == ["sign_in.by_hand", "sign_in.void", "roster.state"]
    assert "王强" not in str([entry.changed for entry in logged])
    assert link.last_seen_at is not None
    assert tallies.recount() == ()


def test_a_walk_in_form_says_what_is_wrong_and_keeps_what_was_typed(app: Flask) -> None:
    event = training()
    client = steward_of(app, event)
    bad = send(client, event, "/walk-in", kind="enterprise", name="赵敏", enterprise=DONGBEI, mobile="123", key="k")
    assert bad.status_code == 422 and 'value="赵敏"' in bad.text and 'id="mobile-error"' in bad.text
    done = send(client, event, "/walk-in", kind="enterprise", name="赵敏", enterprise=DONGBEI, key="k")
    assert done.status_code == 303 and arrived(event) == 1


def test_a_corrected_mobile_is_typed_anew_and_an_empty_one_stays(app: Flask) -> None:
    event = training()
    first = sign_in(event, enterprise())
    client, page = steward_of(app, event), f"/sign-ins/{first.sign_in_id}/correct"
    known = {"enterprise": DONGBEI, "job_title": "", "of": of(event, sign_in_id=first.sign_in_id)}
    send(client, event, page, name="王晓强", mobile="", key="a", **known)
    db.session.rollback()
    row = db.session.get(SignIn, first.sign_in_id)
    assert row is not None and (row.name, row.mobile) == ("王晓强", "13800138000")
    send(client, event, page, name="王晓强", mobile="13800138009", key="b", **known)
    db.session.rollback()
    assert db.session.get_one(SignIn, first.sign_in_id).mobile == "13800138009"


def test_staff_do_the_same_on_a_page_and_from_the_dashboard_s_search(client: FlaskClient) -> None:
    owner = make_staff()
    event = training()
    log_in(client, owner.email)
    base, token = f"/events/{event.code}/hand", csrf_token(client)
    assert "王强" not in client.get(base).text
    assert post(client, base, q="wq").text.count("王强</b>") == 2
    entry_id = entry_ids(event)[0]
    fields = {"csrf_token": token, "entry_id": entry_id, "key": hand_work.new_key()}
    toast = client.post(f"{base}/sign_in", data=fields, headers=HTMX)
    assert toast.headers["HX-Trigger-After-Swap"] == "rows-changed" and "签到成功" in toast.text
    absent = post(client, f"{base}/rows", q="王强").text
    assert absent.count("王强</b>") == 1 and CABLE in absent
    db.session.rollback()
    assert db.session.scalars(select(SignIn)).one().actor_id == owner.id
    said = post(client, f"{base}/excuse", entry_id=entry_id, key="x")
    assert "此人已到" in client.get(str(said.location)).text


@pytest.mark.parametrize("lang, word", [("zh", "会务人员"), ("en", "Steward")])
def test_the_steward_s_page_speaks_both_languages(app: Flask, lang: str, word: str) -> None:
    event = training()
    page = steward_of(app, event).get(f"/steward/{event.code}?lang={lang}").text
    assert f"<title>{word} · " in page
