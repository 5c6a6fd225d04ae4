"""A rival of the same stack, as one would write it first: one transaction of the ORM a request.

It writes the same rows to the same tables, as durably, under the same workers: `tallies.recount` finds its figures
right. It asks for no ticket, knows no rules and shows no page, which spares it work.
"""

from __future__ import annotations

import secrets

from flask import Flask, Response, redirect, request
from sqlalchemy import create_engine, event as sa_event, select
from sqlalchemy.orm import Session

from kiosk.clock import utcnow
from kiosk.config import read_settings
from kiosk.extensions import set_sqlite_pragmas
from kiosk.models import Event, EventCounter, EventMinute, EventTally, Organisation, Participant, SignIn
from kiosk.services.names import key_of, name_key_of

settings = read_settings()
app = Flask(__name__)
engine = create_engine(settings.database_url)


@sa_event.listens_for(engine, "connect")
def _durable(connection, record):
    set_sqlite_pragmas(connection)
    connection.execute("PRAGMA busy_timeout=30000")


@sa_event.listens_for(engine, "begin")
def _one_writer(connection):
    connection.exec_driver_sql("BEGIN IMMEDIATE")  # two that read first and then write would refuse each other


@app.route("/readyz")
def ready() -> str:
    """Answer as the server does that is measured."""
    return "ready"


@app.post("/e/<code>/sign-in")
def sign_in(code: str) -> Response:
    """Sign one person in."""
    with Session(engine) as session, session.begin():
        event = session.scalars(select(Event).where(Event.code == code)).one()
        organisation = _organisation(session, request.form["enterprise"])
        participant = _participant(session, event, organisation)
        counter = session.get_one(EventCounter, event.id)
        counter.ordinal += 1
        counter.revision += 1
        counter.arrived += 1
        counter.enterprise += 1
        _count(session, event, organisation)
        row = SignIn(
            **_person(),
            search_key=f"{name_key_of(request.form['name'])} {organisation.name_key}",
            event_id=event.id,
            participant_id=participant.id,
            organisation_id=organisation.id,
            organisation_name=organisation.name,
            ordinal=counter.ordinal,
            revision=counter.revision,
            signed_in_at=utcnow(),
            received_at=utcnow(),
            method="self",
            idempotency_key=secrets.token_hex(32),
            spoken_code=secrets.token_hex(3),
            notice_id=event.notice_id,
            notice_basis=event.notice_basis,
        )
        session.add(row)
        session.flush()
        number = row.id
    return redirect(f"/done/{number}", 303)


def _person() -> dict[str, str]:
    name = request.form["name"]
    typed = {key: request.form[key] for key in ("job_title", "mobile")}
    return {"kind": "enterprise", "name": name, "name_key": name_key_of(name), **typed}


def _organisation(session: Session, name: str) -> Organisation:
    wanted = key_of(name)
    organisation = session.scalars(select(Organisation).where(Organisation.name_key == wanted)).one_or_none()
    if organisation is None:
        organisation = Organisation(name=name, name_key=wanted, type="enterprise", created_at=utcnow())
        session.add(organisation)
        session.flush()
    return organisation


def _participant(session: Session, event: Event, organisation: Organisation) -> Participant:
    person = _person()
    known = select(Participant).where(
        Participant.campaign_id == event.campaign_id,
        Participant.mobile == person["mobile"],
        Participant.name_key == person["name_key"],
    )
    participant = session.scalars(known).one_or_none()
    if participant is None:
        participant = Participant(
            **person, campaign_id=event.campaign_id, organisation_id=organisation.id, created_at=utcnow()
        )
        session.add(participant)
        session.flush()
    return participant


def _count(session: Session, event: Event, organisation: Organisation) -> None:
    now = utcnow().replace(second=0, microsecond=0)
    minute = session.get(EventMinute, (event.id, now))
    if minute is None:
        minute = EventMinute(event_id=event.id, minute=now, arrived=0, opened=0, finished=0)
        session.add(minute)
    minute.arrived += 1
    key = (event.id, "organisation", str(organisation.id))
    tally = session.get(EventTally, key)
    if tally is None:
        tally = EventTally(event_id=key[0], dimension=key[1], value=key[2], arrived=0)
        session.add(tally)
    tally.arrived += 1
