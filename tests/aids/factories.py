"""Makers with overrides; each call says everything that its test relies on."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Event, Organisation
from kiosk.services.account import staff
from kiosk.services.account.staff import StaffView
from kiosk.services.audit_log.audit import Hand
from kiosk.services.codes import Ticket, new_ticket
from kiosk.services.directory import merges
from kiosk.services.door import desk_errands
from kiosk.services.event import event_views, events
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import Details
from kiosk.services.sheet import sheet_copies
from kiosk.services.sheet.sheet_copies import Choice
from kiosk.services.sign_in import sign_ins
from kiosk.services.sign_in.requests import SignInRequest, SignInResult
from kiosk.services.tables.files import Progress
from kiosk.services.tables.sheet_model import SheetModel

LEFT_OPEN = {"is_opening_usual": False, "is_closing_usual": False}  # as events were before there were usual times
OLD_VIEWS_SECONDS = event_views.SECONDS + 0.1  # so long a server's worker may show what it had read before


def make_event(**changes: Any) -> EventView:
    """Make an event that is open now, whenever it begins, and admits every kind."""
    whenever = LEFT_OPEN if "starts_at" in changes else {}
    return events.create(events.EventDraft(**{"title": "首席质量官巡回培训", **whenever, **changes}))


def zone_at_two() -> str:
    """Return a zone in which it is about two in the afternoon: what lies hours back or ahead is of the same day there,
    at whatever time the tests run."""
    return f"Etc/GMT{utcnow().hour - 14:+d}"  # the signs of these names are the other way round


def enterprise(name: str = "王强", **changes: Any) -> Details:
    return Details(
        **{
            "kind": "enterprise",
            "name": name,
            "organisation_name": "湖北东贝制冷有限公司",
            "mobile": "13800138000",
            **changes,
        }
    )


def student(name: str = "李明", **changes: Any) -> Details:
    return Details(
        **{"kind": "student", "name": name, "organisation_name": "四棵中学", "class_name": "初二(3)班", **changes}
    )


def guest(name: str = "张爱国", **changes: Any) -> Details:
    return Details(**{"kind": "guest", "name": name, "identity": "市民观察员", **changes})


def ticket_for(event: EventView, **flags: Any) -> Ticket:
    return new_ticket(event.id, **flags)


def request_for(event: EventView, details: Details, **changes: Any) -> SignInRequest:
    return SignInRequest(**{"event": event, "ticket": ticket_for(event), "details": details, **changes})


def sign_in(event: EventView, details: Details, **changes: Any) -> SignInResult:
    """Sign one person in by the service that every door uses."""
    return sign_ins.sign_in(request_for(event, details, **changes))


def inside() -> str:
    """Sign somebody in where people sign out, and return the address of the row for staff."""
    event = make_event(wants_sign_out=True)
    return f"/events/{event.code}/sign-ins/{sign_in(event, enterprise()).sign_in_id}"


def unconfirmed() -> str:
    """Sign somebody in where a steward confirms, and return the address of the row for staff."""
    event = make_event(needs_confirmation=True)
    return f"/events/{event.code}/sign-ins/{sign_in(event, enterprise()).sign_in_id}"


def sent() -> str:
    """Send somebody to the desk, and return the address of it for staff."""
    event = make_event()
    sign_in_id = sign_in(event, enterprise()).sign_in_id
    desk_errands.send(event.id, Hand("steward:1"), sign_in_id=sign_in_id, entry_id=None, note="")
    return f"/events/{event.code}/desk/{desk_errands.shown(event.id)[0].id}"


def sign_in_on_trial(event: EventView, details: Details) -> SignInResult:
    """Sign one person in as before the opening, which is put off until this is done."""
    opens_at(event, utcnow() + timedelta(days=1))
    try:
        return sign_in(event, details, ticket=ticket_for(event, is_trial=True))
    finally:
        opens_at(event, event.opens_at)


def opens_at(event: EventView, moment: datetime | None) -> None:
    """Move an event's opening, in the database and at once."""
    db.session.execute(update(Event).where(Event.id == event.id).values(opens_at=moment))
    db.session.commit()
    event_views.forget(event.code)


def open_now_everywhere(event: EventView) -> None:
    """Have the moment come at which an event opens, and wait until every worker of a server knows."""
    opens_at(event, utcnow())
    time.sleep(OLD_VIEWS_SECONDS)


def begin_now_everywhere(event: EventView) -> None:
    """Have the moment come at which an event begins, likewise."""
    db.session.execute(update(Event).where(Event.id == event.id).values(starts_at=utcnow()))
    db.session.commit()
    event_views.forget(event.code)
    time.sleep(OLD_VIEWS_SECONDS)


def organisation_id(name: str) -> int:
    """Return the id of the organisation that is called so, by its own name."""
    found = db.session.scalar(select(Organisation.id).where(Organisation.name == name))
    db.session.rollback()
    assert found is not None, name
    return found


def merge(name: str, into: str) -> merges.Change:
    """Count one organisation as another, as staff do."""
    return merges.merge(organisation_id(name), organisation_id(into), actor="staff:1")


def unmerge(name: str) -> merges.Change:
    """Take a merge back."""
    return merges.undo(organisation_id(name), actor="staff:1")


PASSWORD = "a long enough sentence"


def make_staff(role: str = "admin", **changes: Any) -> StaffView:
    """Make an account with PASSWORD; its e-mail names its role unless told otherwise."""
    return staff.add(**{"email": f"{role}@example.org", "role": role, "password": PASSWORD, **changes})


def log_in(client: FlaskClient, email: str, password: str = PASSWORD) -> TestResponse:
    """Log a test's browser in by the form, as staff do."""
    return client.post("/login", data={"email": email, "password": password})


def csrf_token(client: FlaskClient, page: str = "/account/password") -> str:
    """Return the token that staff forms carry, read from a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert found is not None, f"{page} has no form"
    return found[1]


def post(client: FlaskClient, path: str, **fields: Any) -> TestResponse:
    """Send a staff form with its token."""
    return client.post(path, data={**fields, "csrf_token": csrf_token(client)})


def list_organisations() -> list[Organisation]:
    """Return the directory's roots, listed ones first, by name."""
    roots = select(Organisation).where(Organisation.merged_into_id.is_(None))
    ordered = roots.order_by(Organisation.is_listed.desc(), Organisation.name)
    return list(db.session.scalars(ordered.execution_options(populate_existing=True)))


def sheet_of(
    event: EventView, language: str, *, is_for_programs: bool = False, on_row: Progress | None = None, **choice: Any
) -> SheetModel:
    """Return the event's sign-in sheet, with whole mobiles unless the choice says otherwise."""
    copy = Choice(**{"is_masked": False, **choice})
    return sheet_copies.build(event, copy, language, is_for_programs=is_for_programs, on_row=on_row)
