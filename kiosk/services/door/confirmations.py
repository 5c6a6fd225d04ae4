"""Who has signed in and waits for a steward to confirm them (docs/decisions/0025): whom the lists of a door show, and
a group that is confirmed whole. One person is confirmed or refused by services/door/corrections."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from kiosk.extensions import db
from kiosk.models import SignIn
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import corrections
from kiosk.services.door.hand_work import Done
from kiosk.services.people import rows
from kiosk.services.people.rows import PersonRow
from kiosk.services.refusals import Refused, Unknown

SHOWN = 60  # of those who wait, the first ones first


def waiting(event_id: int, *conditions: Any) -> tuple[PersonRow, ...]:
    """Return who waits to be confirmed, whoever has waited longest first; `conditions` narrow them."""
    statement = select(SignIn).where(SignIn.event_id == event_id, SignIn.is_unconfirmed, *conditions)
    return rows.of_sign_ins(db.session.scalars(statement.order_by(SignIn.id).limit(SHOWN)).all())


def confirm_group(event_id: int, sign_in_id: int, hand: Hand) -> Done:
    """Confirm everybody who waits of the group that somebody came with. Raises Unknown.

    Whom another steward refuses meanwhile stays refused.
    """
    row = db.session.get(SignIn, sign_in_id)
    if row is None or row.event_id != event_id or row.group_sign_in_id is None:
        raise Unknown("sign-in", sign_in_id)
    of_group = SignIn.event_id == event_id, SignIn.group_sign_in_id == row.group_sign_in_id, SignIn.is_unconfirmed
    done = Done("confirmed_group", "", count=0)
    for waits_id in db.session.scalars(select(SignIn.id).where(*of_group).order_by(SignIn.id)).all():
        try:
            changed = corrections.confirm(waits_id, staff_id=hand.staff_id, event_id=event_id, hand=hand)
        except Refused:
            continue
        done = replace(done, count=done.count + changed.is_changed)
    return done
