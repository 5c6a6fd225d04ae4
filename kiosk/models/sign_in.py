"""Sign-ins: one person's arrival at one event, with a snapshot of what was written then."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Index, UniqueConstraint, and_, false, literal_column, or_
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from kiosk.closed import Direction, Kind, Method, SignInState, one_of
from kiosk.models.columns import (
    Numbered,
    index_where,
    json,
    long_text,
    moment,
    rare_indexes,
    rare_reference,
    reference,
    text,
    unique_where,
)
from kiosk.models.person import SnapshotColumns

# What counts, as SQL for the statements of the hot path and for the referees below; the model says it in
# `SignIn.counts`. A test forbids a third spelling.
COUNTS = "voided_at IS NULL AND NOT is_trial"
# SQLAlchemy writes `is_trial = 0` for SQLite, which then does not see that the referees' indexes hold these rows.
_NOT = custom_op[bool]("NOT", precedence=8)

# Who has arrived on no place of the roster; a substitute may be here for somebody on it.
UNLISTED = f"{COUNTS} AND state = 'arrived' AND roster_entry_id IS NULL AND roster_seats_id IS NULL"

# Who waits for a steward to confirm them.
UNCONFIRMED = f"{COUNTS} AND state = 'unconfirmed'"

# Whom a steward signed in for a phone that said its six characters: its own form may come yet, and finds them.
HEARD = "method <> 'self' AND spoken_code IS NOT NULL"

# Who was closed at the end without a sign-out: nobody, as long as people come.
NO_SIGN_OUT = "has_no_sign_out"

# Ways back in, of which there are few: who was away for how long is asked of them.
CAME_BACK = "direction = 'in'"

# References that few sign-ins have.
RARE = (
    "roster_entry_id",
    "roster_seats_id",
    "replaces_id",
    "group_sign_in_id",
    "door_link_id",
    "actor_id",
    "device_link_id",
)


class SignIn(SnapshotColumns, Numbered):
    """A row in the list.

    The referees (docs/product.md, "Decided"): (event, participant) and
    (event, roster entry) while not void and no trial;
    (event, idempotency key) always. `idempotency_key` is an HMAC of the key and the normalised body, so
    that the same key with another person is another sign-in.
    """

    __table_args__ = (
        one_of("kind", Kind),
        one_of("method", Method),
        one_of("state", SignInState),
        UniqueConstraint("event_id", "idempotency_key", name="uq_sign_in_key"),
        unique_where(COUNTS, "uq_sign_in_participant", "event_id", "participant_id"),
        unique_where(COUNTS, "uq_sign_in_roster_entry", "event_id", "roster_entry_id"),
        Index("ix_sign_in_latest", "event_id", "revision"),
        # Every list in the order of arrival: a page of it costs the same whatever the number of those who came.
        Index("ix_sign_in_arrived", "event_id", "signed_in_at"),
        # With the references that its rows do not have: SQLite sees that it asks for more than the referee's index.
        index_where(UNLISTED, "ix_sign_in_unlisted", "event_id", "roster_entry_id", "roster_seats_id"),
        index_where(NO_SIGN_OUT, "ix_sign_in_no_sign_out", "event_id"),
        index_where(UNCONFIRMED, "ix_sign_in_unconfirmed", "event_id", "revision"),
        Index("ix_sign_in_name", "event_id", "name_key"),
        index_where(HEARD, "ix_sign_in_heard", "event_id", "spoken_code"),
        *rare_indexes("sign_in", *RARE),
    )

    event_id: Mapped[int] = reference("event.id", index=False)
    participant_id: Mapped[int] = reference("participant.id")
    organisation_id: Mapped[int | None] = reference("organisation.id")
    roster_entry_id: Mapped[int | None] = rare_reference("roster_entry.id")
    roster_seats_id: Mapped[int | None] = rare_reference("roster_seats.id")  # it fills one of an organisation's seats
    replaces_id: Mapped[int | None] = rare_reference("roster_entry.id")  # 替会: who was expected in this person's place
    group_sign_in_id: Mapped[int | None] = rare_reference("group_sign_in.id")
    door_link_id: Mapped[int | None] = rare_reference("door_link.id")  # the steward's phone that made it

    answers: Mapped[dict[str, Any]] = json("answer", default=dict)

    state: Mapped[SignInState] = text(12, default="arrived")
    is_trial: Mapped[bool] = mapped_column(default=False)
    is_late: Mapped[bool] = mapped_column(default=False)
    is_walk_in: Mapped[bool] = mapped_column(default=False)
    # None for a trial, on the wait list and until it is confirmed; whose confirmation was taken back keeps it
    # for the next one.
    ordinal: Mapped[int | None]
    revision: Mapped[int]  # the event's revision of this row's last change
    signed_in_at: Mapped[datetime] = moment()  # claimed: for what waited in a queue or stood on paper
    received_at: Mapped[datetime] = moment()  # the server's own time
    method: Mapped[Method] = text(10)
    actor_id: Mapped[int | None] = rare_reference("staff.id")
    device_link_id: Mapped[int | None] = rare_reference("device_link.id")
    idempotency_key: Mapped[str] = text(64, "technical")
    spoken_code: Mapped[str | None] = text(6, "technical")  # said aloud of the phone that sent it, or could not
    # Without an index: no notice is ever deleted, and the page of all notices counts in steps.
    notice_id: Mapped[int | None] = reference("notice.id", index=False)
    notice_basis: Mapped[str | None] = text(10)  # the legal basis when it was made: consent or statutory
    consented_at: Mapped[datetime | None] = moment()
    # Of the movements: when this person left for the last time, None while they are inside; credited hours follow.
    left_at: Mapped[datetime | None] = moment()
    has_no_sign_out: Mapped[bool] = mapped_column(default=False, server_default=false())  # 未签退, closed at the end
    voided_at: Mapped[datetime | None] = moment()

    @hybrid_property
    def counts(self) -> bool:
        """Say whether this row counts: it is not void and no trial. Who waits for a place counts too."""
        return self.voided_at is None and not self.is_trial

    @counts.inplace.expression
    @classmethod
    def _counts(cls) -> ColumnElement[bool]:
        return and_(cls.voided_at.is_(None), UnaryExpression(cls.is_trial.expression, operator=_NOT, type_=Boolean()))

    @hybrid_property
    def has_arrived(self) -> bool:
        """Say whether this row counts as an arrival: it counts, and waits for neither a place nor a steward."""
        return self.state == "arrived" and self.counts

    @has_arrived.inplace.expression
    @classmethod
    def _has_arrived(cls) -> ColumnElement[bool]:
        return and_(cls.state == "arrived", cls.counts)

    @hybrid_property
    def is_unconfirmed(self) -> bool:
        """Say whether this row waits for a steward to confirm it."""
        return self.state == "unconfirmed" and self.counts

    @is_unconfirmed.inplace.expression
    @classmethod
    def _is_unconfirmed(cls) -> ColumnElement[bool]:
        return and_(cls.state == literal_column("'unconfirmed'"), cls.counts)

    @hybrid_property
    def is_gone(self) -> bool:
        """Say whether this person is not inside any more: they left, or were closed at the end without a sign-out."""
        return self.left_at is not None or self.has_no_sign_out

    @is_gone.inplace.expression
    @classmethod
    def _is_gone(cls) -> ColumnElement[bool]:
        return or_(cls.left_at.is_not(None), cls.has_no_sign_out)

    @hybrid_property
    def is_unlisted(self) -> bool:
        """Say whether this row counts as an arrival on no place of the roster: a walk-in or a substitute."""
        return self.has_arrived and self.roster_entry_id is self.roster_seats_id is None

    @is_unlisted.inplace.expression
    @classmethod
    def _is_unlisted(cls) -> ColumnElement[bool]:
        nowhere = (cls.roster_entry_id.is_(None), cls.roster_seats_id.is_(None))
        return and_(cls.state == literal_column("'arrived'"), cls.counts, *nowhere)


class SignInChange(Numbered):
    """The trace that a void, an undo, an admission, a confirmation or a correction leaves."""

    sign_in_id: Mapped[int] = reference("sign_in.id", ondelete="CASCADE")
    change: Mapped[str] = text(20)  # void, restore, admit, confirm, refuse, unconfirm, correct, …
    reason: Mapped[str | None] = text(200, "identity")
    changed_fields: Mapped[list[str]] = json(default=list)  # names of columns, never their values
    staff_id: Mapped[int | None] = reference("staff.id")
    changed_at: Mapped[datetime] = moment()
    revision: Mapped[int]


class Signature(Numbered):
    """What somebody signed by hand after their sign-in: lines of a pen (kiosk/jobs/ink), or their name typed.

    A table of its own, so that no sign-in and no list of them costs more (docs/decisions/0024-signatures.md).
    """

    sign_in_id: Mapped[int] = reference("sign_in.id", ondelete="CASCADE", index=False, unique=True)
    drawn: Mapped[str] = long_text("identity", default="")
    typed: Mapped[str] = text(60, "name", default="")
    signed_at: Mapped[datetime] = moment()


class Movement(Numbered):
    """One way out or back in of somebody who has signed in. A key makes one, however often it is sent."""

    __table_args__ = (
        one_of("direction", Direction),
        one_of("method", Method),
        UniqueConstraint("sign_in_id", "idempotency_key", name="uq_movement_key"),  # its index finds them, too
        index_where(CAME_BACK, "ix_movement_back", "sign_in_id"),
    )

    sign_in_id: Mapped[int] = reference("sign_in.id", ondelete="CASCADE", index=False)
    direction: Mapped[Direction] = text(3)
    moved_at: Mapped[datetime] = moment()  # claimed: what waited in a queue, or what staff noted afterwards
    received_at: Mapped[datetime] = moment()
    method: Mapped[Method] = text(10)
    actor: Mapped[str | None] = text(40)  # None: the person's own phone
    idempotency_key: Mapped[str] = text(64, "technical")
