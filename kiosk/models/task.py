"""Tasks: long work, from the wish to its end: files, purges (到期清除), rehearsals (演练), imports of rosters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kiosk.models.columns import Numbered, binary, json, moment, reference, text, unique_where


class Task(Numbered):
    """One piece of long work: who asked for what, how far its process is, what came of it.

    An export is gone an hour later; a purge and a rehearsal stay. The copy that a rehearsal fills is not its event.
    """

    __table_args__ = (
        CheckConstraint("kind IN ('export', 'purge', 'rehearsal', 'import')", name="kind"),
        CheckConstraint("state IN ('waiting', 'running', 'clearing', 'done', 'stopped', 'failed')", name="state"),
        unique_where("kind = 'rehearsal' AND state IN ('waiting', 'running', 'clearing')", "uq_task_rehearsal", "kind"),
    )

    kind: Mapped[str] = text(10)
    # A key of services/exports.MAKERS; a purge's event, minors or person; which draft an import writes.
    what: Mapped[str] = text(20, default="")
    options: Mapped[dict[str, Any]] = json(default=dict)
    event_id: Mapped[int | None] = reference("event.id", ondelete="CASCADE")
    campaign_id: Mapped[int | None] = reference("campaign.id", ondelete="CASCADE")
    asked_by: Mapped[str] = text(80, "technical")  # staff:3, command, retention
    asked_at: Mapped[datetime] = moment()
    state: Mapped[str] = text(10, default="waiting")
    done: Mapped[int] = mapped_column(default=0)  # of `total`: rows, people
    total: Mapped[int] = mapped_column(default=0)
    heard_at: Mapped[datetime | None] = moment()  # when its process last said that it lives
    ended_at: Mapped[datetime | None] = moment()
    reason: Mapped[str | None] = text(30)  # why it failed, as a code; `stopped` by hand
    result: Mapped[dict[str, Any]] = json(default=dict)  # a file's name and type; what a rehearsal measured
    body: Mapped[bytes | None] = binary("identity")  # the file
    scrubbed_at: Mapped[datetime | None] = moment()  # a purge, for every reader at `ended_at`: off the disk as well
