"""Somebody's own sign-in, looked up when nobody signs in any more: by what only they and the list know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import or_, select, text as sql

from kiosk.extensions import db
from kiosk.models import SignIn
from kiosk.models.sign_in import HEARD
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import Details, FormField
from kiosk.services.sign_in.requests import SignInResult

# A name alone says when anybody of it was here, to anybody who asks: it has to be typed with one of these.
MARKS = ("mobile", "student_no")


def fields_of(event: EventView, kind: str) -> tuple[FormField, ...]:
    """Return what is asked of a kind of participant: the name and the mark that the event asked for; none without."""
    fields = event.fields_by_kind.get(kind, ())
    mark = next((field for column in MARKS for field in fields if field.column == column), None)
    if mark is None:
        return ()
    return tuple(replace(field, is_required=True) for field in fields if field.column in ("name", mark.column))


def find(event: EventView, details: Details) -> SignInResult | None:
    """Return the sign-in of this name and mark as a repeat sees it, or None."""
    marks: Sequence[tuple[str, str]] = [(name, value) for name in MARKS if (value := getattr(details, name))]
    if not marks:
        return None
    is_marked = or_(*(getattr(SignIn, name) == value for name, value in marks))
    statement = select(SignIn).where(
        SignIn.event_id == event.id, SignIn.name_key == details.name_key, SignIn.kind == details.kind, is_marked
    )
    row = db.session.scalars(statement.where(SignIn.counts).order_by(SignIn.id)).first()
    if row is None:
        return None
    return SignInResult(row.id, None, row.ordinal, row.signed_in_at, is_repeat=True, is_own=False, state=row.state)


def by_spoken_code(event_id: int, code: str) -> int | None:
    """Return the sign-in that a hand made for whose phone said this, while it counts; else None."""
    of_hand = (sql(HEARD), SignIn.spoken_code == code, SignIn.counts)
    return db.session.scalar(select(SignIn.id).where(SignIn.event_id == event_id, *of_hand).limit(1))
