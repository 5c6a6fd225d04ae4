"""What is on its way while an event is purged: nothing about a person is written behind the purge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from kiosk.extensions import db
from kiosk.models import Proof, RosterEntry, SignIn, Task
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import corrections, hand_work, links
from kiosk.services.event.cleared import EventCleared
from kiosk.services.event.event_views import EventView
from kiosk.services.group import group_changes, group_views, groups
from kiosk.services.group.groups import Absent, Submission
from kiosk.services.hours import hours_changes
from kiosk.services.lists.texts import read_text
from kiosk.services.privacy import clearing, purges
from kiosk.services.proofs import issuing, subjects
from kiosk.services.roster import roster_drafts, roster_edits, roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sheet import frozen_sheets
from kiosk.services.sheet.sheet_copies import Choice
from tests.aids.factories import enterprise, log_in, make_event, make_staff, post, sign_in, ticket_for
from tests.aids.personal import ABSENT, CAME, WRITTEN, add_export, make_full_event, tie

BY = Hand("staff:1")


def first(column: Any, event: EventView, *conditions: Any) -> int:
    found = db.session.scalar(select(column).where(column.class_.event_id == event.id, *conditions))
    db.session.rollback()
    assert isinstance(found, int)
    return found


def change_absent(event: EventView) -> Callable[[], object]:
    ticket = ticket_for(event)
    absent = (Absent(ABSENT, "病假"), Absent(WRITTEN, "事假"))
    token = groups.submit(Submission(event=event, ticket=ticket, people=(), absent=absent, has_consented=True))
    group = group_views.find(token)
    assert group is not None
    return lambda: group_changes.set_reason(group, group.missing[-1], WRITTEN)


def replace_proof(event: EventView) -> Callable[[], object]:
    subject = subjects.of_event(event)
    sign_in(event, enterprise(CAME, mobile="13712345678"))
    issuing.issue(subject, staff_id=None)
    proof_id = first(Proof.id, event, Proof.name == CAME, Proof.voided_at.is_(None))
    db.session.rollback()
    return lambda: issuing.replace(subject, proof_id, "换发", staff_id=None)


# What a page that was open before sends now, by what it would write.
ACTS: dict[str, Callable[[EventView], Callable[[], object]]] = {
    "a roster's row": lambda event: (
        lambda: roster_writing.write(event.id, [RosterRow("guest", WRITTEN)], actor="staff:1")
    ),
    "an entry edited": lambda event: _with(
        first(RosterEntry.id, event),
        lambda one: roster_edits.edit(event.id, one, RosterRow("guest", WRITTEN), actor="x"),
    ),
    "a leave's reason": lambda event: _with(
        first(RosterEntry.id, event, ~RosterEntry.is_here),
        lambda one: rosters.set_state(event.id, one, "excuse", actor="staff:1", reason=WRITTEN),
    ),
    "an import's preview": lambda event: (
        lambda: roster_drafts.stage(event, [read_text(f"姓名\n{WRITTEN}\n")], staff_id=1, source="x")
    ),
    "a void's reason": lambda event: _with(
        first(SignIn.id, event), lambda one: corrections.void(one, staff_id=None, reason=WRITTEN)
    ),
    "a correction": lambda event: _with(
        first(SignIn.id, event), lambda one: hand_work.correct(event, one, {"name": WRITTEN}, BY)
    ),
    "a link's label": lambda event: lambda: links.make(event.id, "steward", WRITTEN, staff_id=None),
    "a group of absent people": lambda event: (
        lambda: groups.submit(
            Submission(
                event=event, ticket=ticket_for(event), people=(), absent=(Absent(WRITTEN, "病假"),), leader=WRITTEN
            )
        )
    ),
    "a reason of a group's": change_absent,
    "hours by hand": lambda event: _with(
        first(SignIn.id, event), lambda one: hours_changes.set_hours(event.id, one, 1.0, WRITTEN, staff_id=None)
    ),
    "a proof again": replace_proof,
    "a void proof's reason": lambda event: _with(
        first(Proof.id, event), lambda one: issuing.void(subjects.of_event(event), one, WRITTEN, staff_id=None)
    ),
}


def _with(row_id: int, act: Callable[[int], object]) -> Callable[[], object]:
    return lambda: act(row_id)


@pytest.mark.parametrize("name", ACTS)
def test_a_page_that_was_open_writes_nobody_down_any_more(app: Flask, name: str) -> None:
    event = make_full_event(are_students_minors=False)
    act = ACTS[name](event)
    db.session.rollback()
    purges.purge_event(event, "command")
    with pytest.raises(EventCleared):
        act()
    assert not clearing.is_anything_left(purges.target_of(event.id))


def test_an_import_that_is_being_written_stops_where_the_purge_began(
    both_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = make_event()
    monkeypatch.setattr(roster_writing, "CHUNK", 2)
    real, chunks = roster_writing.write_part, []

    def interrupted(*given: Any, **options: Any) -> Any:
        chunks.append(given)
        if len(chunks) == 2:
            purges.purge_event(event, "command")
        return real(*given, **options)

    monkeypatch.setattr(roster_writing, "write_part", interrupted)
    rows = [RosterRow("guest", f"王{number}") for number in range(6)]
    with pytest.raises(EventCleared):
        roster_writing.write(event.id, rows, actor="staff:1")
    assert set(db.session.scalars(select(RosterEntry.name))) == {""} and len(chunks) == 2


def test_a_file_asked_for_in_the_middle_of_a_purge_is_deleted_too(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proofs keep their names until late: their PDF must not outlive them, nor the scrub."""
    boss, event = make_staff(), make_full_event()
    real, asked = clearing._clear_chunk, []

    def with_an_export(table: Any, *given: Any) -> None:
        if table.model is Proof and not asked:
            asked.append(add_export(event, boss.id, CAME))
        real(table, *given)

    monkeypatch.setattr(clearing, "_clear_chunk", with_an_export)
    purges.purge_event(event, "command")
    assert asked and db.session.scalar(select(Task.id).where(Task.kind == "export")) is None


def test_a_series_proofs_asked_for_at_its_other_event_are_deleted(app: Flask) -> None:
    boss, first_half, second_half, other = make_staff(), make_full_event(), make_event(), make_event()
    for event in (first_half, second_half):
        tie(event)
    for event in (second_half, other):
        add_export(event, boss.id, CAME)
    purges.purge_event(first_half, "command")
    assert db.session.scalars(select(Task.event_id).where(Task.kind == "export")).all() == [other.id]


@pytest.mark.parametrize("scope", purges.OF_EVENTS)
def test_a_dashboard_that_is_drawn_meanwhile_names_nobody_and_is_drawn_anew(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, scope: str
) -> None:
    """Who is missing, and groups called after their leader, stand on it; viewers share one rendering."""
    make_staff()
    log_in(client, "admin@example.org")
    event = make_full_event()
    roster_writing.write(
        event.id, [RosterRow("student", ABSENT, "第八中学", group_name=f"{ABSENT}组")], actor="staff:1"
    )
    address, real, drawn = f"/events/{event.code}/dashboard", clearing._clear_chunk, []

    def look() -> str:
        return client.get(f"{address}/missing").text + client.get(address).text

    def drawing(table: Any, *given: Any) -> None:
        if table.model is RosterEntry:
            drawn.append(look())
        real(table, *given)

    monkeypatch.setattr(clearing, "_clear_chunk", drawing)
    purges.carry_on(purges.begin(event, scope, "command"))
    assert drawn and ABSENT not in drawn[0] and "正在清除" in drawn[0]
    assert ABSENT not in look()


def test_the_desk_offers_no_files_of_a_sheet_whose_names_are_cleared(app: Flask, client: FlaskClient) -> None:
    make_staff()
    log_in(client, "admin@example.org")
    event = make_full_event()
    frozen_sheets.freeze(event, Choice(), "zh", staff_id=None)
    path = f"/events/{event.code}/sheets"
    assert 'class="frozen__files"' in client.get(path).text
    purges.carry_on(purges.begin(event, "minors", "retention"))
    page = client.get(path).text
    assert "其中有姓名已清除" in page and 'class="frozen__files"' not in page and "文件仍与定稿时一致" not in page


def test_a_void_sent_after_the_purge_is_told_that_it_is_over(app: Flask, client: FlaskClient) -> None:
    make_staff()
    log_in(client, "admin@example.org")
    event = make_full_event()
    sign_in_id = first(SignIn.id, event)
    purges.purge_event(event, "command")
    answer = post(client, f"/events/{event.code}/sign-ins/{sign_in_id}/void", reason=WRITTEN)
    assert answer.status_code == 410 and "活动已结束" in answer.text
    assert not clearing.is_anything_left(purges.target_of(event.id))
