"""Many phones at once against two workers: the database's constraints are the referees.

Each scenario is run twice on a server: once as it is, and once more with its constraint dropped, which must
leave doubles: so it is the constraint that decides, and no `if` before it.

On one event the writers of all workers take turns (an flock on SQLite, the counter's row lock on PostgreSQL), so
a look-up there would hide a missing constraint; there is none before the INSERT. Across two events nothing takes
turns on PostgreSQL, and there a barrier lets two workers insert one person in two open transactions.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask
from sqlalchemy import func, select, text

from kiosk.extensions import db
from kiosk.models import Participant, SignIn
from kiosk.services import tallies
from kiosk.services.event.event_views import EventView
from kiosk.services.sign_in import participants, requests, sign_ins
from tests.aids import postgres
from tests.aids.apps import build_app, close
from tests.aids.factories import enterprise, guest, make_event, request_for, sign_in
from tests.aids.server import Answer, Server, run_server

PERSON = {"kind": "enterprise", "name": "王强", "enterprise": "湖北东贝制冷有限公司", "mobile": "13800138000"}
GUEST = {"kind": "guest", "name": "张爱国", "identity": "市民观察员"}


@pytest.fixture
def server(tmp_path: Path, database_url: str) -> Iterator[Server]:
    """Two workers on SQLite and again on PostgreSQL."""
    with run_server(tmp_path / "instance", database_url=database_url, workers=2) as running:
        yield running


@pytest.mark.server
def test_one_person_with_200_keys_leaves_one_row(server: Server) -> None:
    event = make_event()
    answers = post_at_once(server, event, PERSON, keys=200, posts=200)
    assert {answer.status for answer in answers} == {303}
    assert rows(event) == 1
    assert tallies.recount() == ()

    drop("uq_sign_in_participant")
    event = make_event()
    assert {answer.status for answer in post_at_once(server, event, PERSON, keys=50, posts=50)} == {303}
    assert rows(event) == 50


@pytest.mark.server
def test_50_repeats_of_one_key_leave_one_row_and_one_answer(server: Server) -> None:
    event = make_event()
    answers = post_at_once(server, event, GUEST, keys=1, posts=50)
    assert {answer.status for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    assert rows(event) == 1
    assert people() == 1, "a repeat must not leave a second participant behind"
    assert tallies.recount() == ()

    drop("uq_sign_in_key")
    event = make_event()
    answers = post_at_once(server, event, GUEST, keys=1, posts=50)
    assert rows(event) == 50
    assert len({answer.location for answer in answers}) == 50


@pytest.mark.server
def test_one_key_with_two_people_leaves_two_rows(server: Server) -> None:
    event = make_event()
    with server.phone() as phone:
        ticket = phone.ticket(event.code, "guest")
    bodies = [GUEST, {**GUEST, "name": "周桂英"}] * 10
    answers = send_all(server, event, [(body, ticket) for body in bodies])
    assert {answer.status for answer in answers} == {303}
    assert rows(event) == 2
    assert len({answer.location for answer in answers[0::2]}) == len({answer.location for answer in answers[1::2]}) == 1
    assert answers[0].location != answers[1].location
    assert tallies.recount() == ()


def test_without_the_body_in_the_key_the_second_person_would_be_swallowed(
    both_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = make_event()
    first = request_for(event, guest("张爱国"))
    second = request_for(event, guest("周桂英"), ticket=first.ticket)
    monkeypatch.setattr(requests, "key_digest", lambda key, body: key)
    assert sign_ins.sign_in(first).sign_in_id == sign_ins.sign_in(second).sign_in_id
    monkeypatch.undo()
    assert sign_ins.sign_in(replace(second)).sign_in_id != sign_ins.sign_in(first).sign_in_id


def test_one_new_person_at_two_events_at_once_is_one_participant(
    tmp_path: Path, postgres_server: postgres.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres_server.database() as url:
        workers = [build_app(tmp_path / name, KIOSK_DATABASE_URL=url) for name in ("one", "two")]
        with workers[0].app_context():
            meet(workers, monkeypatch, "王强")
            assert people() == 1

            drop("uq_participant_mobile")
            meet(workers, monkeypatch, "陈国庆")
            assert people() == 1 + 2
        for app in workers:
            with app.app_context():
                close(app)


def meet(workers: list[Flask], monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Sign one new person in at two events, by two workers that are in the midst of it together."""
    together = threading.Barrier(2, timeout=10)
    match = participants.match

    def match_together(*arguments: Any) -> Any:
        together.wait()
        return match(*arguments)

    def sign_in_by(app: Flask, event: EventView) -> None:
        with app.app_context():
            sign_in(event, enterprise(name, organisation_name=None))

    with monkeypatch.context() as patched, ThreadPoolExecutor(2) as pool:
        patched.setattr(participants, "match", match_together)
        list(pool.map(sign_in_by, workers, [make_event(), make_event(title="阳新县")]))


def post_at_once(server: Server, event: EventView, fields: dict[str, str], *, keys: int, posts: int) -> list[Answer]:
    """Post one form `posts` times at once with `keys` different tickets."""
    with server.phone() as phone:
        tickets = [phone.ticket(event.code, fields["kind"]) for _ in range(keys)]
    return send_all(server, event, [(fields, tickets[number % keys]) for number in range(posts)])


def send_all(server: Server, event: EventView, forms: list[tuple[dict[str, str], str]]) -> list[Answer]:
    together = threading.Barrier(len(forms), timeout=30)

    def send(form: tuple[dict[str, str], str]) -> Answer:
        together.wait()
        with server.phone() as phone:
            return phone.sign_in(event.code, *form)

    with ThreadPoolExecutor(len(forms)) as pool:
        return list(pool.map(send, forms))


def rows(event: EventView) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(SignIn).where(SignIn.event_id == event.id)) or 0


def people() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Participant)) or 0


def drop(name: str) -> None:
    """Take a referee away."""
    db.session.remove()
    with db.engine.connect() as connection:
        if name == "uq_sign_in_key":
            if connection.dialect.name == "sqlite":  # which makes the table anew without it
                connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            operations = Operations(MigrationContext.configure(connection))
            with operations.batch_alter_table("sign_in") as table:
                table.drop_constraint(name, type_="unique")
        else:
            connection.execute(text(f"DROP INDEX {name}"))
        connection.commit()
