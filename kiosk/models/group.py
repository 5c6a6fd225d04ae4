"""Group sign-in (集体签到): a leader signs in many from one phone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from kiosk.closed import Kind
from kiosk.models.columns import Numbered, json, moment, reference, text
from kiosk.models.person import of_person


class GroupSignIn(Numbered):
    """One submission of a leader: all or none, correctable at its own secret address."""

    __table_args__ = (Index("uq_group_sign_in_key", "event_id", "idempotency_key", unique=True),)

    event_id: Mapped[int] = reference("event.id", ondelete="CASCADE", index=False)
    door_link_id: Mapped[int | None] = reference("door_link.id")
    kind: Mapped[Kind] = text(10)
    leader: Mapped[str | None] = of_person("name")
    organisation_name: Mapped[str | None] = of_person("organisation_name")
    class_name: Mapped[str | None] = of_person("class_name")
    group_name: Mapped[str | None] = of_person("group_name")
    token_hash: Mapped[str] = text(64, "technical", unique=True)
    idempotency_key: Mapped[str] = text(64, "technical")
    has_guardian_consent: Mapped[bool] = mapped_column(default=False)  # confirmed for minors by the leader
    # absent: [{"name", "reason", "roster_entry_id" | null}]
    absent: Mapped[list[dict[str, Any]]] = json("name", default=list)
    created_at: Mapped[datetime] = moment()

    @property
    def title(self) -> str | None:
        """Return what the group is called."""
        return self.group_name or self.class_name or self.organisation_name


class HeadCount(Numbered):
    """A leader's count on leaving: who of the group is there (清点人数)."""

    group_sign_in_id: Mapped[int] = reference("group_sign_in.id", ondelete="CASCADE")
    present_ids: Mapped[list[int]] = json("no", default=list)  # sign_in ids
    counted_at: Mapped[datetime] = moment()
