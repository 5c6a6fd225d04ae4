"""One person's rights: found by name and a mark, told everything, erased without a figure changing."""

from __future__ import annotations

import csv
import io
import json
import os

import pytest
from flask import Flask
from sqlalchemy import select

from kiosk.extensions import db
from kiosk.models import AuditEntry, GroupSignIn, HoursOverride, Participant, Proof, RosterEntry, SignIn
from kiosk.services import tallies
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import hand_work
from kiosk.services.event import campaigns, events
from kiosk.services.people import pinyin
from kiosk.services.privacy import erasure, persons, reapply
from kiosk.services.reports import counting
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import enterprise, guest, make_event, sign_in, student
from tests.aids.personal import (
    ABSENT,
    CAME,
    EXCUSED,
    GUEST,
    MOBILES,
    NUMBERS,
    PUPIL,
    SIGNED,
    TEACHER,
    WRITTEN,
    make_full_event,
)


def texts() -> str:
    """Every name and mobile that stands anywhere a person may."""
    told = []
    for model in (SignIn, RosterEntry, Participant):
        told += [f"{name} {mobile}" for name, mobile in db.session.execute(select(model.name, model.mobile))]
    told += [json.dumps(absent, ensure_ascii=False) for absent in db.session.scalars(select(GroupSignIn.absent))]
    db.session.rollback()
    return "\n".join(told)


def test_a_name_alone_means_nobody_who_left_a_mark(both_app: Flask) -> None:
    make_full_event()
    assert persons.find(CAME) == () and persons.find(CAME, "13900000000") == ()
    assert persons.find(PUPIL) == ()
    for name, mark in ((CAME, MOBILES[0]), (CAME, "139 1234 5671"), (GUEST, MOBILES[3]), (PUPIL, NUMBERS[0])):
        assert len(persons.find(name, mark)) == 1, name


def test_a_number_may_stand_beside_the_name_and_no_part_of_a_name_means_anybody(both_app: Flask) -> None:
    """Whoever is shown is masked here: to find by a part or by initials would tell what the mask hides."""
    make_full_event()
    for typed in (f"{CAME} {MOBILES[0]}", f"{MOBILES[0]} {CAME}", f"{NUMBERS[0]} {PUPIL}"):
        assert len(persons.find(typed)) == 1, typed
    part, initials = CAME[:-1], pinyin.initials_of(CAME)
    for typed in (MOBILES[0], f"{part} {MOBILES[0]}", f"{initials} {MOBILES[0]}", f"{CAME} {MOBILES[0][-4:]}"):
        assert persons.find(typed) == (), typed


def test_two_guests_of_one_name_are_two(app: Flask) -> None:
    first, second = make_event(), make_event()
    sign_in(first, guest("张伟"))
    sign_in(second, guest("张伟"))
    found = persons.find("张伟")
    assert len(found) == 2 and all(one.is_by_name for one in found)
    erasure.erase(found[0].rows, "command")
    assert list(db.session.scalars(select(SignIn.name).order_by(SignIn.id))) == ["", "张伟"]


def test_who_is_found_is_masked_and_stands_once_a_campaign(app: Flask) -> None:
    other = campaigns.create(campaigns.CampaignDraft(title="另一个系列"))
    for event in (make_event(), make_event(title="第二场"), make_event(campaign_id=other.id)):
        sign_in(event, enterprise())
    found = persons.find("王强", "13800138000")
    assert [(one.name, one.mobile, len(one.events)) for one in found] == [
        ("王*", "138****8000", 2),
        ("王*", "138****8000", 1),
    ]
    assert found[1].campaign_title == "另一个系列"


def test_everything_about_a_person_comes_along(both_app: Flask) -> None:
    event = make_full_event()
    exported = persons.export([one.rows for one in persons.find(CAME, MOBILES[0])], "staff:3")
    tables = exported["tables"]
    assert set(tables) == {
        "sign_in", "roster_entry", "hours_override", "tick", "roll_tick", "proof", "participant", "signature",
        "sent_to_desk",
    }  # fmt: skip
    assert [one["typed"] for one in tables["signature"]] == [SIGNED]
    row = tables["sign_in"][0]
    assert (row["name"], row["mobile"], row["event"]) == (CAME, MOBILES[0], event.title)
    assert row["answers"]["x_lunch"] == "yes" and "idempotency_key" not in row
    assert tables["roster_entry"][0]["note"] == WRITTEN
    assert json.loads(json.dumps(exported)) == exported  # plain
    rows = list(csv.reader(io.StringIO(persons.csv_bytes(exported).decode("utf-8-sig"))))
    assert ["sign_in", str(row["id"]), "mobile", f"{MOBILES[0]}\t"] in rows


def test_a_copy_tells_of_nobody_else(app: Flask) -> None:
    make_full_event()
    told = json.dumps(persons.export([persons.find(GUEST, MOBILES[3])[0].rows], "staff:3"), ensure_ascii=False)
    assert GUEST in told and not any(name in told for name in (CAME, EXCUSED, PUPIL, ABSENT))


def test_a_copy_is_a_look_that_the_log_keeps(app: Flask) -> None:
    make_full_event()
    persons.export([persons.find(CAME, MOBILES[0])[0].rows], "staff:3")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "person.export")).one()
    assert entry.actor == "staff:3" and CAME not in json.dumps(entry.changed, ensure_ascii=False)


def test_an_erasure_leaves_the_figures_and_everybody_else(both_app: Flask) -> None:
    event = make_full_event()
    figures, counts = counting.figures(event.campaign_id), events.counts(event.id)
    for name, mark in ((CAME, MOBILES[0]), (EXCUSED, MOBILES[2]), (PUPIL, NUMBERS[0])):
        found = persons.find(name, mark)
        assert len(found) == 1
        erasure.erase(found[0].rows, "staff:1")
        assert persons.find(name, mark) == () and name not in texts()
    assert GUEST in texts() and MOBILES[3] in texts()
    assert counting.figures(event.campaign_id) == figures and tallies.recount() == ()
    after = events.counts(event.id)
    assert (after.arrived, after.excused, after.missing) == (counts.arrived, counts.excused, counts.missing)
    assert after.revision > counts.revision
    rows = db.session.execute(select(SignIn.idempotency_key, SignIn.participant_id).where(SignIn.name == "")).all()
    assert len(rows) == 2 and all(key and who for key, who in rows)


def test_reasons_of_others_that_name_the_person_are_emptied(app: Flask) -> None:
    event = make_event()
    roster_writing.write(
        event.id, [RosterRow("enterprise", "赵敏", "甲公司", mobile="13700137000", note="由王强代领")], actor="x"
    )
    other = rosters.entries(event.id)[0]
    rosters.set_state(event.id, other.id, "excuse", actor="x", reason="王强来")
    sign_in(event, enterprise("王强"))
    erasure.erase(persons.find("王强", "13800138000")[0].rows, "command")
    kept = rosters.entries(event.id)[0]
    assert (kept.name, kept.reason, kept.note) == ("赵敏", None, None)


def test_a_name_among_a_group_s_absent_goes_too(app: Flask) -> None:
    event = make_full_event()
    sign_in(event, student(ABSENT, organisation_name="第八中学", student_no="77"))  # came after all
    found = persons.find(ABSENT, "77")
    assert len(found) == 1 and len(found[0].rows.mentions) == 1
    erasure.erase(found[0].rows, "command")
    assert ABSENT not in texts()
    assert len(db.session.scalars(select(GroupSignIn)).one().absent) == 1  # its place stays


def test_a_pupil_whom_only_an_absent_list_names_is_found_by_name(app: Flask) -> None:
    make_full_event()
    found = persons.find(ABSENT)
    assert len(found) == 1 and found[0].is_by_name
    erasure.erase(found[0].rows, "command")
    assert ABSENT not in texts() and persons.find(ABSENT) == ()


def test_who_may_see_some_events_erases_there_only(app: Flask) -> None:
    mine, theirs = make_event(), make_event()
    for event in (mine, theirs):
        sign_in(event, enterprise())
    found = persons.find("王强", "13800138000", event_ids=[mine.id])
    assert [one.code for one in found[0].events] == [mine.code]
    erasure.erase(found[0].rows, "staff:2")
    kept = dict(db.session.execute(select(SignIn.event_id, SignIn.name)).tuples().all())
    assert kept == {mine.id: "", theirs.id: "王强"}
    assert db.session.scalars(select(Participant.name)).all() == ["王强"]  # still needed there


def test_the_commands_find_export_and_erase(app: Flask, tmp_path: object) -> None:
    make_full_event()
    runner = app.test_cli_runner()
    found = runner.invoke(args=["person", "find", "--name", CAME, "--mark", MOBILES[0], "--json"])
    assert json.loads(found.output)["people"][0]["mobile"] == "139****5671" and CAME not in found.output
    file = f"{tmp_path}/person.json"
    told = runner.invoke(args=["person", "export", "--name", CAME, "--mark", MOBILES[0], file, "--json"])
    assert json.loads(told.output)["rows"] >= 5
    with open(file, encoding="utf-8") as written:
        assert CAME in written.read() and os.stat(file).st_mode & 0o077 == 0  # nobody else on this machine reads it
    gone = runner.invoke(args=["person", "erase", "--name", CAME, "--mark", MOBILES[0], "--json"])
    assert json.loads(gone.output) == {"erased": 1} and CAME not in texts()


@pytest.mark.parametrize("where", ["roster", "form"])
def test_what_is_tied_to_a_row_with_the_number_is_found_with_it(both_app: Flask, where: str) -> None:
    """A list often has no mobiles, and a form may not ask for one: the sign-in that fills the entry ties the two."""
    event = make_event()
    listed, typed = (None, "13800138000") if where == "form" else ("13800138000", None)
    roster_writing.write(event.id, [RosterRow("enterprise", "王强", "湖北东贝制冷有限公司", mobile=listed)], actor="x")
    sign_in(event, enterprise(mobile=typed))
    sign_in(event, enterprise(organisation_name="另一家公司", mobile=None))  # of the same name, and somebody else
    found = persons.find("王强", "13800138000")
    assert [(len(one.rows.sign_ins), len(one.rows.entries)) for one in found] == [(1, 1)]
    assert set(persons.export([found[0].rows], "x")["tables"]) == {"sign_in", "roster_entry", "participant"}
    erasure.erase(found[0].rows, "command")
    assert db.session.scalars(select(SignIn.name).where(SignIn.organisation_name.is_not(None))).all() == ["王强"]
    assert "13800138000" not in texts() and [entry.name for entry in rosters.entries(event.id)] == [""]


def test_who_was_corrected_is_not_left_under_the_old_name(app: Flask) -> None:
    event, other = make_event(), make_event()
    first = sign_in(event, enterprise("王强"))
    hand_work.correct(event, first.sign_in_id, {"name": "王刚"}, Hand("staff:1"))
    sign_in(other, guest("王刚"))
    erasure.erase(persons.find("王刚", "13800138000")[0].rows, "command")
    assert "13800138000" not in texts() and "王强" not in texts() and "王刚" in texts()


def test_whom_another_also_signed_in_as_stays(app: Flask) -> None:
    """A corrected name's record, when somebody came under it elsewhere as well."""
    event, other = make_event(), make_event()
    first = sign_in(event, enterprise("王强"))
    sign_in(other, enterprise("王强"))
    hand_work.correct(event, first.sign_in_id, {"name": "王刚"}, Hand("staff:1"))
    erasure.erase(persons.find("王刚", "13800138000")[0].rows, "command")
    assert db.session.scalars(select(Participant.name)).all() == ["王强"]


def test_a_leader_who_did_not_sign_in_is_found_by_name(app: Flask) -> None:
    event = make_full_event()
    found = persons.find(TEACHER)
    assert [(one.name, one.organisation, one.is_by_name) for one in found] == [("尉***则", "第八中学", True)]
    told = persons.export([found[0].rows], "x")["tables"]["group_sign_in"]
    assert told[0]["leader"] == TEACHER and ABSENT not in json.dumps(told, ensure_ascii=False)
    erasure.erase(found[0].rows, "command")
    group = db.session.scalars(select(GroupSignIn)).one()
    assert group.leader is None and len(group.absent) == 1 and persons.find(TEACHER) == ()
    group.leader = TEACHER  # as a restored backup would
    db.session.commit()
    assert reapply.reapply() == 1
    db.session.refresh(group)
    assert group.leader is None and len(group.absent) == 1 and group.event_id == event.id


def test_words_of_staff_about_others_that_name_the_person_are_emptied_everywhere(app: Flask) -> None:
    event = make_full_event()  # hours and a void proof give WRITTEN as a reason
    sign_in(event, enterprise(WRITTEN, mobile="13700137000"))
    erasure.erase(persons.find(WRITTEN, "13700137000")[0].rows, "command")
    kept = [*db.session.scalars(select(HoursOverride.reason)), *db.session.scalars(select(Proof.void_reason))]
    assert kept == ["", None]
