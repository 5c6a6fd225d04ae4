"""What anybody with a proof's code may know: whether it is genuine and valid, whose it is (masked), and for what.

Nothing else leaves this module: no organisation, no mobile, no reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select

from kiosk.extensions import db
from kiosk.models import Event, Proof, SignIn
from kiosk.services.codes import normalise_code
from kiosk.services.names import mask_name


@dataclass(frozen=True)
class VerifiedProof:
    """A proof as /verify shows it; `name` is masked, and None once it was cleared at the end of its retention."""

    number: str
    name: str | None
    title: str
    hours: float | None
    days: tuple[date, ...]
    issued_on: date
    voided_on: date | None

    @property
    def is_training(self) -> bool:
        """Say which word it bears: 参训证明 where hours are credited, otherwise 参会证明."""
        return self.hours is not None


def find(typed: str) -> VerifiedProof | None:
    """Return the proof with this code, however it was typed, or None."""
    proof = db.session.scalar(select(Proof).where(Proof.code == normalise_code(typed)))
    if proof is None:
        return None
    about = Event.id == proof.event_id if proof.series_id is None else Event.series_id == proof.series_id
    has_come = SignIn.participant_id == proof.participant_id, SignIn.has_arrived
    came = exists().where(SignIn.event_id == Event.id, *has_come)
    statement = select(Event.starts_at, Event.timezone, came).where(about).order_by(Event.starts_at)
    times = db.session.execute(statement).all()
    zone = ZoneInfo(times[0].timezone if times else "UTC")
    # Of a series the days on which they were there, as the paper has them.
    attended = [time for time in times if time[2]] or times
    days = {starts_at.astimezone(ZoneInfo(name)).date() for starts_at, name, _came in attended if starts_at is not None}
    return VerifiedProof(
        number=proof.number,
        name=mask_name(proof.name) if proof.name else None,
        title=proof.title,
        hours=proof.hours,
        days=tuple(sorted(days)),
        issued_on=proof.issued_at.astimezone(zone).date(),
        voided_on=None if proof.voided_at is None else proof.voided_at.astimezone(zone).date(),
    )
