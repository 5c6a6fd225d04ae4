"""The directory at the desk: lists, an organisation's page, aliases, credit codes, merging; and completion."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from kiosk.extensions import db
from kiosk.models import AuditEntry
from kiosk.services import enterprises, tallies
from kiosk.services.directory import credit_codes, entries
from kiosk.services.directory.entries import EntryDraft, Wanted
from kiosk.services.event import events
from kiosk.services.refusals import Refused
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in import organisations
from tests.aids.factories import enterprise, log_in, make_event, make_staff, merge, organisation_id, post, sign_in

FULL, SHORT, LOCAL = "湖北东贝制冷有限公司", "东贝制冷", "黄石东贝制冷有限公司"
CODE, ANOTHER_CODE = "91350100M000100Y43", "91110000600037341L"


@pytest.fixture
def desk(app: Flask, client: FlaskClient) -> FlaskClient:
    make_staff("organiser")
    log_in(client, "organiser@example.org")
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def path_of(name: str) -> str:
    return f"/organisations/{organisation_id(name)}"


def save(desk: FlaskClient, whose: str, **fields: str) -> TestResponse:
    """Send an organisation's form as its page has it, with changes."""
    return post(
        desk, path_of(whose), **{"name": whose, "type": "enterprise", "credit_code": "", "district": "", **fields}
    )


def told(answer: TestResponse) -> list[str]:
    """Return the sentences beside fields."""
    found = re.findall(r'class="field__error"[^>]*>.*?<span>(.*?)</span>', answer.text, re.DOTALL)
    return [unescape(sentence) for sentence in found]


def log() -> list[tuple[str, dict[str, object]]]:
    db.session.rollback()
    entries_ = db.session.scalars(select(AuditEntry).where(AuditEntry.action.like("organisation.%")))
    return [(entry.action, entry.changed) for entry in entries_]


def test_alias_at_the_door_gives_the_full_name_and_is_counted_there(both_app: Flask) -> None:
    organisations.add_many([FULL], "enterprise")
    entries.add_alias(organisation_id(FULL), SHORT, actor="staff:1")
    assert organisations.complete("东贝") == (FULL,)
    assert organisations.complete(SHORT) == (FULL,)
    event = make_event()
    sign_in(event, enterprise(organisation_name=SHORT))
    assert enterprises.ids_of([event.id]) == {organisation_id(FULL)}
    assert organisations.add_many([SHORT], "enterprise") == 0, "whoever pastes an alias means its organisation"


def test_list_shows_those_to_confirm_first_and_narrows_by_words_type_and_state(app: Flask) -> None:
    organisations.add_many([FULL], "enterprise", "黄石港区")
    organisations.add_many(["四棵中学"], "school")
    entries.add_alias(organisation_id(FULL), "东贝压缩机", actor="staff:1")
    sign_in(make_event(), enterprise(organisation_name="劲牌有限公司"))
    names = [line.name for line in entries.page(Wanted()).rows]
    assert names[0] == "劲牌有限公司" and len(names) == 3
    assert [line.name for line in entries.page(Wanted(typed="压缩机")).rows] == [FULL]
    short = FULL[-6:]
    for typed in (f"{short} {FULL[:4]}", f"压缩机\u3000{short}", f"{FULL[:2]} {FULL[2:5]} {short}", "压 缩 机"):
        assert [line.name for line in entries.page(Wanted(typed=typed)).rows] == [FULL], typed
    assert entries.page(Wanted(typed=f"{short} 四棵")).rows == (), "every word"
    assert [line.name for line in entries.page(Wanted(type="school")).rows] == ["四棵中学"]
    assert [line.name for line in entries.page(Wanted(is_to_confirm=True)).rows] == ["劲牌有限公司"]
    merge("劲牌有限公司", FULL)
    assert [line.name for line in entries.page(Wanted(typed="劲牌")).rows] == [FULL]
    assert entries.count_to_confirm() == 0


def test_a_long_list_has_pages(desk: FlaskClient) -> None:
    organisations.add_many([f"企业{number:03}" for number in range(entries.PAGE + 5)], "enterprise")
    first, second = entries.page(Wanted()), entries.page(Wanted(), 2)
    assert (first.total, first.last, len(first.rows), len(second.rows)) == (entries.PAGE + 5, 2, entries.PAGE, 5)
    assert not set(first.rows) & set(second.rows)
    assert entries.page(Wanted(), 99).number == 2
    page = desk.get("/organisations?page=2&type=enterprise").text
    assert "page=1" in page and "type=enterprise" in page and "page=3" not in page


def test_page_says_names_code_figures_and_what_was_merged(desk: FlaskClient) -> None:
    event = make_event()
    for number, name in enumerate((FULL, SHORT, LOCAL)):
        sign_in(event, enterprise("甲乙丙"[number], organisation_name=name, mobile=f"1380013800{number}"))
    sign_in(make_event(), enterprise(organisation_name=SHORT))
    merge(SHORT, LOCAL)
    merge(LOCAL, FULL)
    found = entries.find(organisation_id(FULL))
    assert (found.figures.events, found.figures.attendances) == (2, 4)
    assert {(member.name, member.into) for member in found.members} == {(LOCAL, None), (SHORT, LOCAL)}
    merged = entries.find(organisation_id(SHORT))
    assert merged.merged_into is not None and merged.merged_into.name == FULL
    assert (merged.figures.events, merged.figures.attendances) == (2, 2)
    page = desk.get(path_of(FULL)).text
    assert LOCAL in page and SHORT in page
    assert desk.get("/organisations/99").status_code == 404


def test_saving_keeps_the_old_name_as_an_alias_and_wakes_the_screens(desk: FlaskClient) -> None:
    event = make_event()
    sign_in(event, enterprise(organisation_name="东贝"))
    revision = events.counts(event.id).revision
    answer = save(desk, "东贝", name=FULL, credit_code=" 91350100m000100y43", district="黄石港区")
    assert answer.status_code == 303
    found = entries.find(organisation_id(FULL))
    assert (found.credit_code, found.district) == (CODE, "黄石港区")
    assert [alias.name for alias in found.aliases] == ["东贝"]
    assert events.counts(event.id).revision > revision
    sign_in(event, enterprise("李娜", organisation_name="东贝", mobile="13900139000"))
    assert enterprises.count([event.id]) == 1
    assert log() == [("organisation.update", {"fields": ["name", "credit_code", "district"]})]
    assert save(desk, FULL, name="东贝", credit_code=CODE, district="黄石港区").status_code == 303
    assert [alias.name for alias in entries.find(organisation_id("东贝")).aliases] == [FULL]


@pytest.mark.parametrize(
    "typed, sentence",
    [
        ("91350100M000100Y4", "A credit code has 18 characters; this one has 17."),
        ("91350100M000100Y4Z", "Z does not occur in a credit code."),
        ("9135O100M000100Y43", "O does not occur in a credit code. Did you mean 91350100M000100Y43?"),
        ("9135X100M000100Y43", "The third to the eighth character of a credit code are digits."),
        ("91350100M000100Y44", "The last character does not fit the others. Please compare with the licence."),
    ],
)
def test_wrong_code_is_said_beside_its_field_and_nothing_typed_is_lost(
    desk: FlaskClient, typed: str, sentence: str
) -> None:
    organisations.add_many([FULL], "enterprise")
    answer = save(desk, FULL, credit_code=typed, district="黄石港区")
    assert answer.status_code == 422
    assert told(answer) == [sentence]
    assert f'value="{typed}"' in answer.text and 'value="黄石港区"' in answer.text
    assert entries.find(organisation_id(FULL)).district is None


def test_code_or_name_of_another_names_it_and_offers_the_merge(desk: FlaskClient) -> None:
    organisations.add_many([FULL, LOCAL], "enterprise")
    assert save(desk, FULL, credit_code=CODE).status_code == 303
    offer = f"{path_of(LOCAL)}/merge?into={organisation_id(FULL)}"
    for answer, sentence in (
        (save(desk, LOCAL, credit_code=CODE), f"{FULL} has this code already."),
        (save(desk, LOCAL, name=FULL), f"{FULL} is called so already."),
        (post(desk, f"{path_of(LOCAL)}/aliases", alias="湖北东贝制冷 有限公司"), f"{FULL} is called so already."),
    ):
        assert answer.status_code == 422
        assert told(answer) == [sentence]
        assert offer in answer.text
    assert entries.find(organisation_id(LOCAL)).credit_code is None
    merge(LOCAL, FULL)
    answer = save(desk, LOCAL, credit_code=CODE)
    assert told(answer) == [f"{FULL} has this already; it is merged with this one."]


def test_another_s_alias_is_refused_and_one_s_own_becomes_the_name(both_app: Flask) -> None:
    organisations.add_many([FULL, LOCAL], "enterprise")
    full, local = organisation_id(FULL), organisation_id(LOCAL)
    for _ in range(2):
        entries.add_alias(full, SHORT, actor="staff:1")
    for act in (
        lambda: entries.add_alias(local, SHORT, actor="staff:1"),
        lambda: entries.update(local, EntryDraft(SHORT, "enterprise"), actor="staff:1"),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert (refused.value.code, refused.value.about) == ("name_taken", {"name": FULL, "other_id": full})
    entries.update(full, EntryDraft(SHORT, "enterprise"), actor="staff:1")
    assert [alias.name for alias in entries.find(full).aliases] == [FULL]


def test_alias_is_added_and_removed_and_each_is_logged(desk: FlaskClient) -> None:
    organisations.add_many([FULL], "enterprise", actor="staff:1")
    assert post(desk, f"{path_of(FULL)}/aliases", alias=SHORT).status_code == 303
    (alias,) = entries.find(organisation_id(FULL)).aliases
    assert post(desk, f"{path_of(FULL)}/aliases/{alias.id}/remove").status_code == 303
    assert entries.find(organisation_id(FULL)).aliases == ()
    assert log() == [
        ("organisation.add", {"added": 1, "known": 0}),
        ("organisation.alias", {"added": alias.id}),
        ("organisation.alias", {"removed": alias.id}),
    ]
    assert told(post(desk, f"{path_of(FULL)}/aliases", alias=" ")) == ["Please fill this in."]


def test_district_is_suggested_by_codes_that_begin_alike_and_never_put_in(desk: FlaskClient) -> None:
    organisations.add_many([FULL, LOCAL], "enterprise")
    assert save(desk, FULL, credit_code=CODE, district="鼓楼区").status_code == 303
    assert entries.suggest_district("92350100" + "0" * 10) == "鼓楼区"
    assert entries.suggest_district(ANOTHER_CODE) is None
    body = "92350100MA0000001"
    assert save(desk, LOCAL, credit_code=body + credit_codes.check_character(body)).status_code == 303
    assert entries.find(organisation_id(LOCAL)).district is None
    assert "Others whose credit code begins alike are in 鼓楼区." in desk.get(path_of(LOCAL)).text


def test_merge_is_previewed_made_and_undone_on_its_pages(desk: FlaskClient) -> None:
    event = make_event()
    sign_in(event, enterprise("甲", organisation_name=FULL))
    sign_in(event, enterprise("乙", organisation_name=SHORT, mobile="13900139000"))
    assert SHORT in desk.get(f"{path_of(FULL)}/merge?q=东贝").text
    page = desk.get(f"{path_of(SHORT)}/merge?into={organisation_id(FULL)}").text
    assert f"Together under the name {FULL}: events 1, attendances 2." in page
    assert enterprises.count([event.id]) == 2, "a preview changes nothing"
    answer = post(desk, f"{path_of(SHORT)}/merge", into=organisation_id(FULL))
    assert answer.status_code == 303 and answer.location == path_of(FULL)
    assert enterprises.count([event.id]) == 1
    assert f"{path_of(SHORT)}/unmerge" in desk.get(path_of(FULL)).text
    answer = post(desk, f"{path_of(FULL)}/merge", into=organisation_id(SHORT))
    assert answer.status_code == 422 and "These are one already." in answer.text
    assert post(desk, f"{path_of(SHORT)}/unmerge").status_code == 303
    assert enterprises.count([event.id]) == 2
    assert tallies.recount() == ()


def test_dashboard_says_how_many_enterprises_came_and_follows(desk: FlaskClient) -> None:
    make_staff("admin")
    log_in(desk, "admin@example.org")
    event = make_event()
    page = f"/events/{event.code}/dashboard"
    assert 'id="enterprises"' not in desk.get(page).text
    sign_in(event, enterprise("甲", organisation_name=FULL))
    sign_in(event, enterprise("乙", organisation_name=SHORT, mobile="13900139000"))
    assert ">2 enterprises<" in desk.get(page).text
    assert post(desk, f"{path_of(SHORT)}/merge", into=organisation_id(FULL)).status_code == 303
    assert ">1 enterprise<" in desk.get(page).text
    assert post(desk, f"{path_of(SHORT)}/unmerge").status_code == 303
    assert ">2 enterprises<" in desk.get(page).text


def test_not_the_same_and_its_taking_back_are_taps(desk: FlaskClient) -> None:
    organisations.add_many([FULL, SHORT], "enterprise")
    assert "Possibly the same" in desk.get("/organisations").text
    assert post(desk, f"{path_of(SHORT)}/different", other=organisation_id(FULL)).status_code == 303
    assert "Possibly the same" not in desk.get("/organisations").text
    assert post(desk, f"{path_of(SHORT)}/same", other=organisation_id(FULL)).status_code == 303
    assert "Possibly the same" in desk.get(path_of(FULL)).text
    assert post(desk, f"{path_of(SHORT)}/different", other=99).status_code == 404


def test_viewer_looks_and_changes_nothing(app: Flask, client: FlaskClient) -> None:
    make_staff("viewer")
    log_in(client, "viewer@example.org")
    organisations.add_many([FULL, SHORT, LOCAL], "enterprise")
    merge(LOCAL, FULL)
    for page in ("/organisations", "/organisations/similar", path_of(FULL), path_of(LOCAL)):
        text = client.get(page).text
        assert re.findall(r'<form[^>]*method="post"[^>]*action="([^"]+)"', text) == ["/search", "/logout"], page
        assert "/merge" not in text


def test_imported_seats_of_a_merged_name_stay_its_own(app: Flask) -> None:
    organisations.add_many([FULL, SHORT], "enterprise")
    merge(SHORT, FULL)
    event = make_event()
    rows = [RosterRow("enterprise", organisation_name=name, seats=2) for name in (FULL, SHORT)]
    for _ in range(2):
        roster_writing.write(event.id, rows, actor="staff:1")
    assert [(one.organisation_name, one.seats) for one in rosters.seats(event.id)] == [(FULL, 2), (SHORT, 2)]
    assert tallies.recount() == ()
