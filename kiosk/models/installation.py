"""What the installation remembers about itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from kiosk.extensions import Base
from kiosk.models.columns import long_text, moment, text


class StoredSetting(Base):
    """A value chosen once and kept: the address in the QR codes, the hash of the set-up link."""

    key: Mapped[str] = text(60, primary_key=True)
    value: Mapped[str] = text(500, "technical")
    changed_at: Mapped[datetime] = moment()


class GuessWindow(Base):
    """Misses within a window, for everything that can be guessed; one upsert a miss, on all workers alike."""

    key: Mapped[str] = text(100, "technical", primary_key=True)
    started_at: Mapped[datetime] = moment()
    misses: Mapped[int] = mapped_column(default=0)


class LedgerLine(Base):
    """A line of the ledger of purges, by which each node's folder has those of all (services/privacy/shared_ledger)."""

    digest: Mapped[str] = text(64, primary_key=True)  # SHA-256 of the line
    line: Mapped[str] = long_text()


class SleepGap(Base):
    """A time in which the machine slept although it was meant to stay awake (docs/product.md 0.4)."""

    began_at: Mapped[datetime] = moment(primary_key=True)
    ended_at: Mapped[datetime] = moment()
