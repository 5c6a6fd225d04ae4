"""Frozen sheets (定稿): what /verify knows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped

from kiosk.models.columns import Numbered, json, moment, reference, text

FORMATS = ("pdf", "xlsx", "docx", "csv")


class FrozenSheet(Numbered):
    """One version of an event's sheet, as it stood when it was frozen.

    No row of it is kept here: a file is drawn from the sign-ins as long as they give the same `content_hash`. What
    stands around the rows is kept (services/sheet/kept_sheets), so that nothing else stops it.
    """

    __table_args__ = (CheckConstraint("sheet_order IN ('arrival', 'roster', 'organisation')", name="sheet_order"),)

    event_id: Mapped[int] = reference("event.id", ondelete="CASCADE")
    code: Mapped[str] = text(12, unique=True)  # printed on the sheet; what /verify takes
    title: Mapped[str] = text(250)  # of the sheet, as /verify names it
    language: Mapped[str] = text(2)
    sheet_order: Mapped[str] = text(12)
    is_masked: Mapped[bool]
    has_no_shows: Mapped[bool]
    variant: Mapped[str | None] = text(12)  # as it was chosen; None: by who stands on it
    rows: Mapped[int]
    foot: Mapped[list[list[str]]] = json()  # pairs of label and value: 应到, 实到 …
    content_hash: Mapped[str] = text(64)  # SHA-256 of the rows' canonical text (services/sheet/sheets)
    # Long: read only to draw. Its checksums of rows would confirm whom somebody guesses: cleared with the names.
    kept: Mapped[dict[str, Any]] = json("identity", default=dict, deferred=True)
    frozen_by_id: Mapped[int | None] = reference("staff.id")
    frozen_at: Mapped[datetime] = moment()
    revision: Mapped[int]  # the event's: sign-ins of a later one were made or changed since
    downloaded_at: Mapped[datetime | None] = moment()  # for the first time


class FrozenFile(Numbered):
    """A file drawn of a frozen sheet: its hash is kept, the file is not."""

    frozen_sheet_id: Mapped[int] = reference("frozen_sheet.id", ondelete="CASCADE")
    format: Mapped[str] = text(4)
    file_hash: Mapped[str] = text(64, index=True)  # SHA-256
    made_at: Mapped[datetime] = moment()
