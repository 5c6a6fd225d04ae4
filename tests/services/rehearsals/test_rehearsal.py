"""A rehearsal at a real server: people arrive by HTTP, are measured, and nothing of it is left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from kiosk.clock import freeze, utcnow
from kiosk.extensions import Base, db
from kiosk.models import AuditEntry, Event, Organisation, SignIn, Task
from kiosk.services import tallies
from kiosk.services.demo.phone import NotSignedIn, PhoneDoor
from kiosk.services.door import links
from kiosk.services.event import campaigns, events
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.rehearsals import book, crowd, performance
from kiosk.services.rehearsals.book import RehearsalView
from kiosk.services.sign_in import organisations
from kiosk.services.store.writer import WriterSession, run
from kiosk.services.tasks import beside, tasks
from kiosk.services.upkeep import housekeeping
from tests.aids.factories import enterprise, make_event, make_staff, sign_in, student
from tests.aids.server import Server, run_server

KEEPS = {"task", "audit_entry"}  # what a rehearsal may leave behind
OWN_FIELDS = (
    {"key": "lunch", "type": "yes_no", "label": "是否用午餐", "mode": "required"},
    {"key": "group", "type": "choice", "label": "分组", "mode": "required", "choices": ("甲", "乙")},
    {"key": "note", "type": "text", "label": "备注", "mode": "required"},
)


def rows() -> dict[str, int]:
    """Count every table, read past what this process remembers."""
    db.session.rollback()
    tables = [table for table in Base.metadata.sorted_tables if table.name not in KEEPS]
    return {table.name: db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def wait_for(is_there: Callable[[], bool], seconds: float = 40.0) -> None:
    until = time.monotonic() + seconds
    while not is_there():
        assert time.monotonic() < until
        db.session.rollback()
        time.sleep(0.05)


def last(event: EventView) -> RehearsalView:
    db.session.rollback()
    return book.of_event(event.id)[0]


@pytest.fixture
def not_started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Starts no process; returns what was asked for."""
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(beside, "start", lambda task, number=0: asked.append((task, number)))
    return asked


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    environ = {"KIOSK_BASE_URL": "https://sign.example.org"}
    with run_server(tmp_path_factory.mktemp("rehearsal"), workers=1, environ=environ) as server:
        yield server


@pytest.mark.server
def test_twenty_people_sign_in_are_measured_and_leave_nothing(server: Server) -> None:
    boss = make_staff()
    event = make_event(own_fields=OWN_FIELDS, notice_basis="consent", capacity=30, title_alt="Training")
    sign_in(event, enterprise())
    before, counts = rows(), events.counts(event.id)
    book.start(event, 20, 3, staff_id=boss.id)
    clone = last(event).copy_code
    wait_for(lambda: last(event).result["signed_in"] > 0)
    with server.phone() as phone:
        assert "演练" in phone.get(f"/e/{clone}").text
    wait_for(lambda: last(event).is_over)
    found = last(event)
    signed_in, failed, p50_ms, p95_ms, slowest_ms = found.result.values()
    assert (found.state, found.done, signed_in, failed) == ("done", 20, 20, 0)
    assert 0 < p50_ms <= p95_ms <= slowest_ms < 15_000
    assert db.session.scalar(select(func.count(Task.id))) == 1
    assert rows() == before and events.counts(event.id) == counts
    assert tallies.recount() == ()
    with server.phone() as phone:
        assert phone.get(f"/e/{clone}").status == 404
    assert "Traceback" not in server.log.read_text()


@pytest.mark.server
def test_stopping_ends_it_early_and_leaves_nothing(server: Server) -> None:
    event, before = make_event(kinds=[{"kind": "guest"}]), rows()
    boss = make_staff("organiser")
    book.start(event, 500, 300, staff_id=boss.id)
    wait_for(lambda: last(event).state == "running")
    book.stop(event, staff_id=boss.id)
    wait_for(lambda: last(event).is_over)
    assert last(event).state == "stopped" and last(event).result["signed_in"] < 500
    after = rows()
    assert {**after, "event": before["event"]} == {**before, "staff": after["staff"]}
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.subject == f"rehearsal:{last(event).id}"))
    said = [(entry.actor, entry.action, entry.event_id, entry.changed) for entry in entries]
    who = f"staff:{boss.id}", event.id
    asked = {"arrivals": 500, "seconds": 300}
    assert said == [(who[0], "rehearsal.start", who[1], asked), (who[0], "rehearsal.stop", who[1], {})]


def test_a_rehearsal_is_in_no_list(app: Flask, not_started: list[tuple[str, int]]) -> None:
    event, boss = make_event(), make_staff()
    lists = lambda: (events.list_all(), campaigns.list_all())  # noqa: E731  read before and during
    before = lists()
    number = book.start(event, 5, 60, staff_id=boss.id)
    assert not_started == [("rehearsal", number)]
    assert lists() == before
    clone = db.session.scalars(select(Event).where(Event.is_rehearsal)).one()
    assert events.list_all(campaign_id=clone.campaign_id) == ()
    assert events.list_all(staff_id=boss.id) == ()
    client = app.test_client()
    code = db.session.scalar(select(campaigns.Campaign.code).where(campaigns.Campaign.id == clone.campaign_id))
    assert client.get(f"/c/{code}").status_code == 404
    with pytest.raises(Unknown):
        campaigns.get(clone.campaign_id)


def test_the_clone_asks_what_the_event_asks_and_expects_nobody(app: Flask, not_started: object) -> None:
    event = make_event(own_fields=OWN_FIELDS, capacity=9, kinds=[{"kind": "guest", "label": "媒体"}], credited_hours=4)
    book.start(event, 5, 100, staff_id=make_staff().id)
    clone = events.get(last(event).copy_code)
    same = ("own_fields", "capacity", "kinds", "field_modes", "notice_id", "notice_basis", "palette", "timezone")
    assert [getattr(clone, name) for name in same] == [getattr(event, name) for name in same]
    assert clone.is_rehearsal and clone.phase(utcnow()) == "open" and clone.campaign_id != event.campaign_id
    assert clone.starts_at is not None
    assert timedelta(seconds=80) < clone.starts_at - utcnow() < timedelta(seconds=90)
    assert events.counts(clone.id).expected == 0


def test_only_one_goes_on_in_the_whole_installation(both_app: Flask, not_started: object) -> None:
    event, other, boss = make_event(), make_event(), make_staff()
    number = book.start(event, 5, 60, staff_id=boss.id)
    clone = events.get(last(event).copy_code)
    for wanted, code in ((event, "rehearsal_going_on"), (other, "rehearsal_going_on"), (clone, "is_rehearsal")):
        with pytest.raises(Refused) as refused:
            book.start(wanted, 5, 60, staff_id=boss.id)
        assert refused.value.code == code
    book.clear(number, last_state="done")
    assert book.start(other, 5, 60, staff_id=boss.id) > number


def test_a_killed_rehearsal_is_cleared_by_housekeeping(both_app: Flask, not_started: object) -> None:
    event, boss = make_event(), make_staff()
    sign_in(event, enterprise())
    listed = organisations.add_many(["名录里的公司"], "enterprise")
    before = rows()
    book.start(event, 5, 60, staff_id=boss.id)
    clone = events.get(last(event).copy_code)
    sign_in(clone, enterprise(name="赵敏", mobile="16000000001", organisation_name="演练单位"))
    sign_in(clone, enterprise(name="赵慧", mobile="16000000002", organisation_name="湖北东贝制冷有限公司"))
    sign_in(clone, student())
    links.make(clone.id, "display", staff_id=boss.id)
    assert not book.those_left() and not housekeeping.is_anything_due()
    with freeze(utcnow() + timedelta(minutes=4)):
        assert book.those_left() and housekeeping.is_anything_due()
        housekeeping.do_what_is_due()
        assert not book.those_left()
    assert last(event).state == "failed" and last(event).is_over
    assert rows() == before and listed == 1
    assert db.session.scalar(select(func.count()).where(Organisation.name_key == "演练单位")) == 0


def test_clearing_never_touches_an_event_that_is_no_rehearsal(app: Flask, not_started: object) -> None:
    event, boss = make_event(), make_staff()
    sign_in(event, enterprise())
    number = book.start(event, 5, 60, staff_id=boss.id)

    def point_elsewhere(session: WriterSession) -> None:
        session.get_one(Task, number).options = {"seconds": 60, "copy": event.code}

    run(point_elsewhere)
    book.clear(number, last_state="done")
    assert db.session.scalar(select(func.count()).where(SignIn.event_id == event.id)) == 1


def test_an_organisation_that_anybody_else_needs_stays(app: Flask, not_started: object) -> None:
    event, boss = make_event(), make_staff()
    number = book.start(event, 5, 60, staff_id=boss.id)
    clone = events.get(last(event).copy_code)
    sign_in(clone, enterprise(name="赵敏", mobile="16000000001", organisation_name="门口新写的公司"))
    sign_in(event, enterprise(name="孙丽", mobile="13800138001", organisation_name="门口新写的公司"))
    book.clear(number, last_state="done")
    assert [*db.session.scalars(select(Organisation.name))] == ["门口新写的公司"]


def test_people_come_as_they_come_to_a_door() -> None:
    people = crowd.arrivals(400, 600, ("enterprise", "guest"), seed=3)
    moments = [person.after for person in people]
    assert len(people) == 400 and moments == sorted(moments) and moments[0] >= 0 and moments[-1] <= 600
    assert people == crowd.arrivals(400, 600, ("enterprise", "guest"), seed=3)
    before, rush, late = (
        sum(low <= moment < high for moment in moments) for low, high in ((0, 270), (270, 510), (510, 601))
    )
    assert rush > 3 * before > 0 and 0 < late < 100
    assert sum(later - earlier <= crowd.BETWEEN for earlier, later in zip(moments, moments[1:], strict=False)) > 100
    assert {person.kind for person in people} == {"enterprise", "guest"}
    assert len({person.answers["name"] for person in people}) == 400
    assert all(person.answers["mobile"].startswith("160") for person in people)


def test_percentiles_are_by_nearest_rank() -> None:
    seconds = [count / 1000 for count in range(1, 21)]
    assert [performance.percentile_ms(seconds, percent) for percent in (50, 95, 100)] == [10, 19, 20]
    assert performance.percentile_ms([0.2], 95) == 200
    assert performance.percentile_ms([], 95) is None


@pytest.mark.parametrize(
    ("p95_ms", "failed", "verdict"),
    [(None, 3, "none"), (200, 0, "good"), (200, 1, "failed"), (1_001, 0, "bearable"), (3_001, 0, "slow")],
)
def test_the_verdict_follows_the_figures(
    app: Flask, not_started: object, p95_ms: int | None, failed: int, verdict: str
) -> None:
    event, boss = make_event(), make_staff()
    number = book.start(event, 70, 60, staff_id=boss.id)
    tasks.end(number, "done", result={"signed_in": 70 - failed, "failed": failed, "p95_ms": p95_ms})
    assert last(event).verdict == verdict


def test_who_meets_no_server_is_not_signed_in(tmp_path: Path) -> None:
    with pytest.raises(NotSignedIn):
        PhoneDoor("127.0.0.1", 1, "sign.example.org", "ABCDEF", False).sign_in("guest", {})


def test_who_is_never_reached_in_time_counts_as_not_signed_in(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    class SlowDoor:
        def sign_in(self, kind: str, answers: dict[str, str]) -> float:
            time.sleep(0.2)
            return time.monotonic()

    monkeypatch.setattr(performance, "TIMEOUT", 0.1)
    monkeypatch.setattr(performance, "AT_ONCE", 1)
    everybody = tuple(crowd.RehearsedArrival(0.0, "guest", {}) for _ in range(5))
    score = performance.Score()
    performance._let_them_come(everybody, 0, SlowDoor(), score, tasks.TaskReport(1))  # type: ignore[arg-type]
    assert len(score.seconds) == 1 and score.failed == 4
