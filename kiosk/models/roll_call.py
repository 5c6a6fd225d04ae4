"""Roll calls (点名): who of those inside is accounted for, ticked by several phones at once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kiosk.models.columns import Numbered, moment, reference, text


class RollCall(Numbered):
    """One roll call of an event, from its start to its end: for a bus, a laboratory, a fire alarm."""

    __table_args__ = (UniqueConstraint("event_id", "idempotency_key", name="uq_roll_call_key"),)

    event_id: Mapped[int] = reference("event.id", ondelete="CASCADE", index=False)
    label: Mapped[str] = text(60, "identity")  # 返程上车; somebody may type whose bus it is
    idempotency_key: Mapped[str] = text(64, "technical")
    started_at: Mapped[datetime] = moment()
    started_by: Mapped[str] = text(80, "technical")  # the actor: staff:3, steward:5
    ended_at: Mapped[datetime | None] = moment()
    ended_by: Mapped[str | None] = text(80, "technical")


class RollTick(Numbered):
    """The last act about one person in one roll call: there, or taken back.

    The referee is (roll call, sign-in): of two acts the one that was done later counts, in whichever order they
    arrive (services/door/roll_calls.TICK). Ending a roll call adds a row for everybody inside who has none.
    """

    __table_args__ = (UniqueConstraint("roll_call_id", "sign_in_id", name="uq_roll_tick_person"),)

    roll_call_id: Mapped[int] = reference("roll_call.id", ondelete="CASCADE", index=False)
    sign_in_id: Mapped[int] = reference("sign_in.id", ondelete="CASCADE")
    is_there: Mapped[bool] = mapped_column()
    ticked_at: Mapped[datetime] = moment()  # claimed: what waited on a phone for the network
    received_at: Mapped[datetime] = moment()
    ticked_by: Mapped[str] = text(80, "technical")
    revision: Mapped[int] = mapped_column(default=0, server_default="0")  # the event's, of this row's last change
