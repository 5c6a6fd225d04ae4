"""Passes to take along (docs/product.md 2.8): badges to print, and addresses for a mail or a chat group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from kiosk.jobs.runner import TIMEOUT, run_job
from kiosk.services.door.passes import PassLine
from kiosk.services.event.event_views import EventView
from kiosk.services.tables.sheet_files import ROWS_A_SECOND, csv_of, harmless
from kiosk.services.tables.sheet_words import local_text

PER_SHEET = (8, 10)  # badges on a sheet of A4
HEADER = ("name", "organisation", "url")  # docs/interfaces.md


def badges_pdf(event: EventView, lines: Sequence[PassLine], language: str, *, per_sheet: int = 8) -> bytes:
    """Return badges as PDF, drawn by a job of its own; raises jobs.runner.JobFailed."""
    badges = [asdict(line) for line in lines]
    title = local_text(event, "title", language)
    payload = {"title": title, "language": language, "per_sheet": per_sheet, "badges": badges}
    return run_job("badges", payload, timeout=max(TIMEOUT, len(badges) / ROWS_A_SECOND))


def addresses_csv(lines: Sequence[PassLine]) -> bytes:
    """Return everybody's address as CSV."""
    return csv_of([HEADER, *(tuple(map(harmless, (line.name, line.organisation, line.url))) for line in lines)])
