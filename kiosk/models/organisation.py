"""The directory: schools, enterprises and agencies, one list for the whole installation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, func
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from kiosk.extensions import Base
from kiosk.models.columns import Numbered, moment, reference, text

ROOT = "coalesce(root_id, id)"  # the root of a row of `organisation`, as SQL for the statements of the hot path


class Organisation(Numbered):
    """A school, an enterprise or an agency.

    A merge sets `merged_into_id` and rewrites nothing; counts follow the root, which `root_id` names for whatever
    was merged, also over several merges (services/directory keeps both). `is_listed` is set for
    those staff entered or confirmed: only they complete a stranger's typing, so that a typo or a prank
    typed at the door is never offered to the next person.
    """

    __table_args__ = (CheckConstraint("type IN ('enterprise', 'school', 'agency', 'other')", name="type"),)

    name: Mapped[str] = text(120)
    name_key: Mapped[str] = text(120, unique=True)  # services/names.key_of(name)
    type: Mapped[str] = text(12)
    credit_code: Mapped[str | None] = text(18, unique=True)  # 统一社会信用代码, GB 32100-2015
    district: Mapped[str | None] = text(60)
    is_listed: Mapped[bool] = mapped_column(default=False)
    merged_into_id: Mapped[int | None] = reference("organisation.id")
    root_id: Mapped[int | None] = reference("organisation.id")  # None: it is its own root
    created_at: Mapped[datetime] = moment()

    @hybrid_property
    def root(self) -> int:
        """Return the id of the organisation that this one was merged into at last; its own when it was not."""
        return self.root_id or self.id

    @root.inplace.expression
    @classmethod
    def _root(cls) -> ColumnElement[int]:
        return func.coalesce(cls.root_id, cls.id)


class OrganisationAlias(Numbered):
    """Another name by which an organisation is known."""

    organisation_id: Mapped[int] = reference("organisation.id", ondelete="CASCADE")
    name: Mapped[str] = text(120)
    name_key: Mapped[str] = text(120, unique=True)


class OrganisationMerge(Numbered):
    """One merge, which can be undone as long as nothing was merged above it."""

    organisation_id: Mapped[int] = reference("organisation.id", ondelete="CASCADE")
    into_id: Mapped[int] = reference("organisation.id", ondelete="CASCADE")
    merged_by: Mapped[str] = text(80, "technical")
    merged_at: Mapped[datetime] = moment()
    undone_at: Mapped[datetime | None] = moment()


class OrganisationDifference(Base):
    """Two organisations that look alike and are not the same: never proposed again. The smaller id comes first."""

    first_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True)
    second_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True)
    said_at: Mapped[datetime] = moment()
