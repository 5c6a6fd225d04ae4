"""Signatures by hand (手写签名): one of each sign-in, drawn or typed, when that is on disk (docs/product.md 1.14).

What a phone sends is points, judged here before they are kept: a picture would be a file from outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.jobs import ink
from kiosk.models import Event, Signature, SignIn
from kiosk.services import tallies
from kiosk.services.event.cleared import refuse_cleared
from kiosk.services.fields import FieldErrors
from kiosk.services.names import clean
from kiosk.services.refusals import Unknown
from kiosk.services.store.rows import known
from kiosk.services.store.writer import WriterSession, unit

MOST_LINES, MOST_POINTS = 120, 2_500  # a long name in Chinese has a third of either
MOST_CHARACTERS = 30_000  # of what a phone sends: five digits and a dot for each number at most
FURTHEST = 9_999
LONGEST_NAME = 60


@dataclass(frozen=True)
class Signed:
    """A signature that may be kept: drawn lines as text, or a name."""

    drawn: str = ""
    typed: str = ""


def read(drawn: str, typed: str) -> Signed:
    """Return what a form says; raise FieldErrors. Whoever has drawn has not typed."""
    if drawn:
        return Signed(drawn=_settled(drawn))
    name = clean(typed)
    if not any(character.isalpha() for character in name) or ink.is_drawn(name):
        raise FieldErrors({"typed": _("Please type your name.")})
    if len(name) > LONGEST_NAME:
        raise FieldErrors({"typed": _("Please use at most %(count)s characters.", count=LONGEST_NAME)})
    return Signed(typed=name)


@unit
def write(session: WriterSession, event_id: int, sign_in_id: int, signed: Signed, *, may_replace: bool) -> None:
    """Keep the signature of a sign-in that counts, in the place of the one before; `may_replace` says whether there may
    be one. The sign-in has changed for whoever follows the event: a sheet that was frozen says so. Raises Unknown.
    """
    row, event = known(session, SignIn, sign_in_id, event_id=event_id), session.get_one(Event, event_id)
    refuse_cleared(session, event_id)
    is_minor = row.kind == "student" and event.are_students_minors
    if is_minor or not event.asks_signature or row.voided_at is not None or row.state != "arrived" or not row.name:
        raise Unknown("sign-in", sign_in_id)
    one = session.scalars(select(Signature).where(Signature.sign_in_id == sign_in_id)).first()
    if one is not None and not may_replace:
        return
    if one is None:
        one = Signature(sign_in_id=sign_in_id)
        session.add(one)
    one.drawn, one.typed, one.signed_at = signed.drawn, signed.typed, utcnow()
    row.revision = tallies.change(session.driver, event_id) or 0
    session.flush()


def is_there(sign_in_id: int) -> bool:
    """Say whether this sign-in has been signed."""
    return db.session.scalar(select(Signature.id).where(Signature.sign_in_id == sign_in_id)) is not None


def cells(event_id: int) -> Mapping[int, str]:
    """Return the cell of a sheet for each signature of an event, by the sign-in's id: the name, or jobs/ink's lines."""
    statement = (
        select(Signature.sign_in_id, Signature.drawn, Signature.typed)
        .join(SignIn, SignIn.id == Signature.sign_in_id)
        .where(SignIn.event_id == event_id)
    )
    rows = db.session.execute(statement)
    return {sign_in_id: typed or ink.MARK + drawn for sign_in_id, drawn, typed in rows if typed or drawn}


def _settled(drawn: str) -> str:
    """Return lines as they are kept: within bounds, from the grid's corner, the longer side as long as the grid."""
    try:
        lines = ink.lines_in(drawn if len(drawn) <= MOST_CHARACTERS else "")
    except ValueError:
        raise _unreadable() from None
    points = [point for line in lines for point in line]
    if len(lines) > MOST_LINES or len(points) > MOST_POINTS or max(map(max, points)) > FURTHEST:
        raise _unreadable()
    left, top = min(x for x, _y in points), min(y for _x, y in points)
    longest = max(*(x - left for x, _y in points), *(y - top for _x, y in points), 0)
    if len(points) < 2 or longest == 0:
        raise _unreadable()  # a dot, from a finger that rested
    step = ink.SIDE / longest
    return "*".join(_joined([(round((x - left) * step), round((y - top) * step)) for x, y in line]) for line in lines)


def _joined(line: ink.Line) -> str:
    """Return a line as text, without points that say the same again."""
    moved = [point for point, before in zip(line, (None, *line), strict=False) if point != before]
    return ".".join(f"{x}.{y}" for x, y in moved)


def _unreadable() -> FieldErrors:
    return FieldErrors({"drawn": _("That did not come through. Please sign in the box again, or type your name.")})
